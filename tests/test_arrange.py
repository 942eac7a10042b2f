"""Arrangements, held against boxes projected from objects whose places are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.geometry import project
from simgen.spec import Camera, Lens
from simgen.targets.arrange import _above, arrange, outlines

CARD = (0.063, 0.088)
TILTS = np.radians(np.arange(0, 61, 5))


def seen(camera, laid, size=CARD):
    """Returns (N, 4) shares: the boxes of flat cards, wherever they are hidden."""
    poses = np.array([(one.x, one.y, one.yaw) for one in laid])
    return boxes(camera, poses, size)


def boxes(camera, poses, size=CARD):
    corners = outlines(np.array([size] * len(poses)), poses[:, :2], poses[:, 2])
    flat = np.column_stack([corners.reshape(-1, 2), np.zeros(4 * len(poses))])
    uv = project(camera, flat)[:, :2].reshape(-1, 4, 2) / (camera.width, camera.height)
    return np.hstack([uv.min(1), np.ptp(uv, axis=1)])


@settings(max_examples=40)
@given(
    st.floats(0, 55),
    st.floats(0.35, 0.9),
    st.lists(st.integers(0, 179), min_size=1, max_size=3),
)
def test_boxes_of_real_cards_come_out_again(tilt, distance, degrees):
    """Cards apart, before a camera that could have seen them."""
    camera = _above(
        Camera(width=378, height=504, focal_mm=28, sensor_mm=26), np.radians(tilt), distance
    )
    places = [(-0.05, -0.09), (0.05, 0.02), (-0.05, 0.12)]
    poses = np.array([(*at, np.radians(d)) for at, d in zip(places, degrees)])
    wanted = boxes(camera, poses)
    if (wanted[:, :2] < 0.01).any() or (wanted[:, :2] + wanted[:, 2:] > 0.99).any():
        return
    found = arrange(camera, [CARD] * len(poses), wanted, TILTS)
    again = seen(found.camera, found.laid)
    assert np.abs(again[:, :2] + again[:, 2:] / 2 - wanted[:, :2] - wanted[:, 2:] / 2).max() < 0.01
    assert np.abs(np.log(again[:, 2:] / wanted[:, 2:])).max() < 0.12


def test_a_card_straight_below_is_as_far_as_its_size_says():
    camera = Camera(width=400, height=400, focal_mm=36, sensor_mm=36)
    wide, tall = 0.2, 0.2 * 88 / 63
    found = arrange(camera, [CARD], [(0.4, 0.36, wide, tall)], [0.0])
    assert found.camera.position[2] == pytest.approx(0.063 / wide, rel=0.02)
    assert found.laid[0].yaw == 0 and found.error < 0.02
    assert (found.laid[0].x, found.laid[0].y) == pytest.approx((0, 0), abs=0.002)


def test_a_card_on_its_side_is_turned():
    camera = Camera(width=400, height=400)
    found = arrange(camera, [CARD], [(0.4, 0.4, 0.2 * 88 / 63, 0.2)], [0.0])
    assert np.degrees(found.laid[0].yaw) == pytest.approx(90, abs=5)


def test_a_card_cut_by_the_edge_goes_on_beyond_it():
    camera = Camera(width=400, height=400)
    found = arrange(camera, [CARD] * 2, [(0.0, 0.4, 0.08, 0.28), (0.5, 0.4, 0.2, 0.28)], [0.0])
    cut, whole = seen(found.camera, found.laid)
    assert cut[0] < -0.05 and cut[0] + cut[2] == pytest.approx(0.08, abs=0.01)
    assert whole[2:] == pytest.approx((0.2, 0.28), rel=0.05)


def test_a_card_of_which_a_strip_is_seen_lies_under_its_neighbour():
    camera = Camera(width=400, height=400)
    strip, front = (0.3, 0.4, 0.08, 0.28), (0.38, 0.4, 0.2, 0.28)
    found = arrange(camera, [CARD] * 2, [strip, front], [0.0])
    assert [one.level for one in found.laid] == [0, 1]
    under, over = seen(found.camera, found.laid)
    assert under[0] == pytest.approx(0.3, abs=0.02) and under[0] + under[2] > 0.42
    assert over[:2] == pytest.approx((0.38, 0.4), abs=0.02)


def test_cards_apart_all_lie_on_the_table():
    camera = Camera(width=400, height=400)
    row = [(0.1 + 0.3 * k, 0.4, 0.15, 0.21) for k in range(3)]
    assert [one.level for one in arrange(camera, [CARD] * 3, row, [0.0]).laid] == [0, 0, 0]


def test_things_of_several_sizes():
    camera = Camera(width=400, height=400)
    wanted = [(0.1, 0.4, 0.1, 0.2), (0.5, 0.3, 0.3, 0.15)]
    found = arrange(camera, [(0.05, 0.1), (0.15, 0.075)], wanted, [0.0])
    for size, one, box in zip([(0.05, 0.1), (0.15, 0.075)], found.laid, wanted):
        assert seen(found.camera, [one], size)[0] == pytest.approx(box, abs=0.012)


def test_a_lens_that_bends_is_allowed_for():
    lens = Lens("brown_conrady", (-0.25, 0.05))
    camera = Camera(width=400, height=400, focal_mm=28, lens=lens)
    wanted = [(0.05, 0.06, 0.14, 0.2), (0.6, 0.65, 0.2, 0.26)]
    found = arrange(camera, [CARD] * 2, wanted, TILTS)
    again = seen(found.camera, found.laid)
    middle = again[:, :2] + again[:, 2:] / 2 - np.array(wanted)[:, :2] - np.array(wanted)[:, 2:] / 2
    assert np.abs(middle).max() < 0.01


def test_the_distance_keeps_its_bounds():
    camera = Camera(width=400, height=400)
    found = arrange(camera, [CARD], [(0.45, 0.45, 0.02, 0.03)], [0.0], (0.2, 0.5))
    assert found.camera.position[2] == pytest.approx(0.5)
