import numpy as np
import pytest

from simgen.geometry import axis_angle, transform, world_from_body, yaw
from simgen.placement import (
    Floor,
    Footprint,
    PlacementError,
    footprints,
    overlap,
    spans_room,
    world_boxes,
)
from simgen.props import mesh_of
from simgen.spec import IDENTITY, Body, SceneSpec, Shape
from tests.standing import shared_area

RNG = np.random.default_rng


def block(x=1.0, y=1.0, z=1.0, at=(0.0, 0.0, 0.0), rotation=IDENTITY, scale=(1.0, 1.0, 1.0)):
    return Body("block", Shape.of("block", x=x, y=y, z=z), at, rotation, scale)


def some(count, seed=0):
    """Returns (N, 4, 2) corners of random rectangles in a small yard."""
    rng = RNG(seed)
    places = [
        Footprint(*rng.uniform((-2, -2, 0.1, 0.1, -4), (2, 2, 3, 3, 4))) for _ in range(count)
    ]
    return np.array([place.corners() for place in places])


def test_corners_go_around_the_rectangle():
    corners = Footprint(1.0, 2.0, 4.0, 2.0, np.pi / 2).corners()
    assert corners == pytest.approx(np.array([[2, 0], [2, 4], [0, 4], [0, 0]]))


def test_growing_adds_to_each_side():
    grown = Footprint(0.0, 0.0, 1.0, 2.0).grown(0.25)
    assert (grown.width, grown.depth) == (1.5, 2.5)


def test_overlap_is_where_area_is_shared():
    """Against the area of the intersection, found by cutting one polygon with the other."""
    rectangles = some(60)
    table = np.array([overlap(one, rectangles) for one in rectangles])
    areas = np.array([[shared_area(a, b) for b in rectangles] for a in rectangles])
    assert (table == (areas > 1e-9)).all()
    assert 0.2 < table.mean() < 0.8


@pytest.mark.parametrize("gap", [1e-9, -1e-9])
def test_rectangles_that_touch_do_not_overlap(gap):
    left, right = Footprint(-0.5 - gap, 0.0, 1.0, 1.0), Footprint(0.5, 0.3, 1.0, 1.0)
    assert overlap(left.corners(), right.corners()[None])[0] == (gap < 0)


def test_overlap_with_nothing():
    assert overlap(some(1)[0], np.empty((0, 4, 2))).shape == (0,)


BODIES = (
    block(),
    block(0.5, 2.0, 0.3, (1.0, -2.0, 0.5), yaw(0.7), (1.5, 0.5, 2.0)),
    block(1.0, 1.0, 1.0, (0.0, 0.0, 1.0), axis_angle((1, 1, 0.3), 1.1), (-1.0, 1.0, 1.0)),
    Body("truck", Shape.of("forklift"), (3.0, 1.0, 0.0), yaw(-2.0)),
)


def test_world_boxes_hold_all_corners_and_no_more():
    lower, upper = world_boxes(BODIES[:3])
    for i, body in enumerate(BODIES[:3]):
        points = transform(world_from_body(body), mesh_of(body.shape).vertices)
        assert lower[i] == pytest.approx(points.min(0)) and upper[i] == pytest.approx(points.max(0))


def test_footprints_lie_under_upright_bodies():
    for corners, body in zip(footprints(BODIES), BODIES):
        if body is BODIES[2]:
            continue
        points = transform(world_from_body(body), mesh_of(body.shape).vertices)[:, :2]
        for start, end in zip(corners, np.roll(corners, -1, axis=0)):
            inward = np.array([start[1] - end[1], end[0] - start[0]]) / np.linalg.norm(end - start)
            assert ((points - start) @ inward).min() == pytest.approx(0, abs=1e-6)


def test_no_bodies_no_boxes():
    assert world_boxes(())[0].shape == (0, 3) and footprints(()).shape == (0, 4, 2)


def room(*bodies, size=4.0):
    return SceneSpec(bodies, room=((-size, -size, 0.0), (size, size, 3.0)))


@pytest.mark.parametrize(
    ("body", "stands"),
    [
        (block(), True),
        (block(8.0, 8.0, 0.1, (0.0, 0.0, -0.1)), False),  # the floor itself
        (block(9.0, 9.0, 0.1, (0.0, 0.0, 1.5)), False),  # a ceiling
        (block(1.0, 1.0, 0.002), False),  # a marking
        (block(at=(0.0, 0.0, 2.5)), False),  # overhead
        (block(at=(0.0, 0.0, 1.8)), True),  # would be walked into
    ],
)
def test_what_stands_on_the_floor(body, stands):
    assert len(Floor.of(room(body)).taken) == stands


def test_a_floor_a_rounding_error_short_still_spans_the_room():
    floor = block(7.9999, 8.0001, 0.1)
    assert spans_room(room(), *world_boxes((floor,))).tolist() == [True]


def test_free():
    floor = Floor.of(room(block(2.0, 2.0)))
    assert not floor.free(Footprint(0.0, 0.0, 0.1, 0.1))
    assert floor.free(Footprint(2.0, 0.0, 1.5, 1.0), gap=0.2)
    assert not floor.free(Footprint(2.0, 0.0, 1.5, 1.0), gap=0.3)
    assert not floor.free(Footprint(3.6, 0.0, 1.0, 1.0)), "crosses the wall"
    floor.take(Footprint(2.0, 0.0, 1.0, 1.0))
    assert not floor.free(Footprint(2.0, 0.0, 1.5, 1.0))


def test_places_keep_their_distance_and_stay_inside():
    floor = Floor.of(room(block(2.0, 2.0)))
    rng = RNG(3)
    for _ in range(12):
        floor.place((1.0, 0.6), rng, remedy="", gap=0.1, attempts=500)
    assert len(floor.taken) == 13 and np.abs(floor.taken).max() <= 3.9 + 1e-9
    grown = [Footprint(*_middle(c), 1.1998, 0.7998, _yaw(c)).corners() for c in floor.taken[1:]]
    for i, one in enumerate(grown):
        assert not overlap(one, floor.taken[:1]).any()
        assert not overlap(floor.taken[1 + i], np.array(grown[i + 1 :]).reshape(-1, 4, 2)).any()


def _middle(corners):
    return corners.mean(0)


def _yaw(corners):
    return np.arctan2(*(corners[1] - corners[0])[::-1])


def test_yaw_is_a_quarter_turn_and_some_jitter():
    floor, rng = Floor((-50, -50), (50, 50), np.empty((0, 4, 2))), RNG(0)
    places = [floor.place((0.2, 0.1), rng, remedy="", yaw_jitter=0.1) for _ in range(80)]
    quarters = np.array([place.yaw / (np.pi / 2) for place in places])
    assert np.abs(quarters - quarters.round()).max() <= 0.1 / (np.pi / 2) + 1e-9
    assert set(quarters.round() % 4) == {0, 1, 2, 3}


def test_the_same_stream_finds_the_same_place():
    places = [Floor.of(room(block())).place((1, 1), RNG(5), remedy="") for _ in range(2)]
    assert places[0] == places[1]


def test_a_full_floor_says_what_to_do():
    with pytest.raises(PlacementError, match="^no free floor for .* 9.00 x 1.00 m: less"):
        Floor.of(room()).place((9.0, 1.0), RNG(0), remedy="less")
