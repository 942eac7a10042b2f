"""Boxes against the slab test: poses, occlusion, truncation, splits and what lies behind."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from simgen.geometry import axis_angle, look_at, multiply, yaw
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import camera_inside, raycast
from simgen.truth.rle import decode
from tests.oracle.closed_form import box_depth, extent, nearest, rays
from tests.oracle.strategies import boxes

UNIT = Shape.of("block")
EYE = (0.0, -4.0, 1.0)
FRONT = Camera(EYE, look_at(EYE, (0.0, 0.0, 1.0)), 96, 72)


def box(position, scale=(1.0, 1.0, 1.0), rotation=(1.0, 0.0, 0.0, 0.0), category="box"):
    return Body("box", UNIT, position, rotation, scale, category)


def depths(spec, nudge=(0.0, 0.0), canvas=False):
    directions = rays(spec.camera, nudge, canvas)
    return [box_depth(spec.camera, body, directions) for body in spec.bodies]


def middle(canvas):
    """Returns the frame cut out of its canvas."""
    h, w = canvas.shape[0] // 3, canvas.shape[1] // 3
    return canvas[h : 2 * h, w : 2 * w]


def doubtful(spec):
    """Returns (H, W) bool: centres within 1e-6 pixels of an edge, or where two boxes meet."""
    nudges = [(x, y) for x in (-1e-6, 0, 1e-6) for y in (-1e-6, 0, 1e-6)]
    ids = np.stack([nearest(depths(spec, nudge))[0] for nudge in nudges])
    near = np.sort([*depths(spec), np.full(ids.shape[1:], np.inf)], axis=0)
    with np.errstate(invalid="ignore"):
        level = near[1] - near[0] < 1e-9 * near[0]
    return (ids != ids[0]).any(0) | level


def touches_eye(spec):
    """Whether the camera stands inside a box, or on its surface, where anything may be seen."""
    near = (-1e-6, 0.0, 1e-6)
    eyes = [np.add(spec.camera.position, (x, y, z)) for x in near for y in near for z in near]
    cameras = [replace(spec.camera, position=tuple(eye)) for eye in eyes]
    return any(camera_inside(replace(spec, camera=camera)) for camera in cameras)


def check(spec):
    truth = raycast(spec)
    ids, depth = nearest(depths(spec))
    sure = ~doubtful(spec)
    assert (truth.instance == ids)[sure].all()
    hit = sure & (ids > 0)
    assert np.allclose(truth.depth[hit], depth[hit], rtol=1e-6, atol=0)
    assert (np.isinf(truth.depth) == (truth.instance == 0)).all()
    return truth


POSES = boxes(box, 0.01, 2)
CAMERAS = st.builds(
    lambda x, z, focal, size: Camera((x, -3, z), look_at((x, -3, z), (0, 0, 1)), *size, focal),
    st.floats(-3, 3),
    st.floats(-1, 3),
    st.floats(10, 60),
    st.sampled_from([(48, 36), (49, 35), (33, 65)]),
)


@settings(max_examples=60)
@given(st.lists(POSES, min_size=1, max_size=4), CAMERAS)
def test_any_boxes(bodies, camera):
    spec = SceneSpec(tuple(bodies), camera=camera)
    truth = check(spec)
    areas = np.bincount(truth.instance.ravel(), minlength=len(bodies) + 1)
    assert areas.sum() == camera.width * camera.height
    labels = annotate(spec, truth)
    assert [label.id for label in labels] == list(np.flatnonzero(areas[1:]) + 1)
    for label in labels:
        modal, amodal = decode(label.mask), decode(label.amodal_mask)
        assert (modal == (truth.instance == label.id)).all()
        assert (modal <= amodal).all()
        assert label.box == extent(modal)
        assert label.amodal_box == extent(amodal)
        assert (label.area, label.amodal_area) == (modal.sum(), amodal.sum())


@settings(max_examples=40)
@given(POSES, CAMERAS)
def test_truncation_counts_the_canvas(body, camera):
    body = box(body.position, tuple(2 * s for s in body.scale), body.rotation)
    spec = SceneSpec((body,), camera=camera)
    assume(not touches_eye(spec))
    canvas = np.isfinite(depths(spec, canvas=True)[0])
    for label, mask in zip(annotate(spec, truth := raycast(spec)), truth.amodal.values()):
        expected = canvas.sum() - middle(canvas).sum()
        edges = 8  # centres so close to an edge that rounding decides
        assert abs(mask.outside - expected) <= (edges if expected else 0)
        assert label.truncation == mask.outside / (mask.outside + label.amodal_area)


def test_scale_and_rotation_together():
    rotation = multiply(axis_angle((1.0, 0.3, 0.0), 0.7), yaw(0.4))
    truth = check(SceneSpec((box((0.1, 0.0, 0.8), (1.6, 0.3, 0.05), rotation),), camera=FRONT))
    assert 200 < (truth.instance == 1).sum() < 3000


def test_stack_with_known_occlusion():
    """Each box hides part of the next; the shares that stay visible follow from the slabs."""
    spec = SceneSpec(
        (
            box((0.0, 0.0, 0.3), (1.2, 0.8, 0.7)),
            box((0.3, -0.8, 0.5), (0.5, 0.4, 0.4), yaw(0.5)),
            box((-0.5, -0.4, 1.0), (0.6, 0.5, 0.3), yaw(-0.3)),
            box((0.2, 0.1, 1.3), (0.4, 0.4, 0.6)),
        ),
        camera=FRONT,
    )
    labels = annotate(spec, check(spec))
    ids, _ = nearest(depths(spec))
    for label, alone in zip(labels, depths(spec)):
        whole = np.isfinite(alone).sum()
        assert label.amodal_area == whole
        assert abs(label.visible_fraction - (ids == label.id).sum() / whole) <= 1 / whole
    assert min(label.visible_fraction for label in labels) < 0.9


def test_truncated_box():
    """Three quarters of a box is left of the frame."""
    spec = SceneSpec((box((-1.9, 0.0, 0.5), (2.0, 1.0, 1.0)),), camera=FRONT)
    (label,) = annotate(spec, check(spec))
    canvas = np.isfinite(depths(spec, canvas=True)[0])
    outside = canvas.sum() - middle(canvas).sum()
    assert label.truncation == outside / canvas.sum()
    assert 0.2 < label.truncation < 0.8


def test_a_free_box_is_seen_whole():
    spec = SceneSpec((box((0.0, 0.0, 0.5)),), camera=FRONT)
    (label,) = annotate(spec, raycast(spec))
    assert (label.truncation, label.visible_fraction) == (0, 1)
    assert label.mask == label.amodal_mask


def test_split_object_stays_one():
    """A pole before a wide box leaves two pieces of one instance."""
    wide, pole = box((0, 0, 0.6), (2.0, 0.5, 0.8)), box((0, -1.0, 0), (0.1, 0.1, 3.0))
    spec = SceneSpec((wide, pole), camera=FRONT)
    first, second = annotate(spec, check(spec))
    middle_row = decode(first.mask)[36]
    assert np.count_nonzero(np.diff(middle_row.astype(int)) == 1) == 2
    assert first.area == first.amodal_area - (decode(first.amodal_mask) & decode(second.mask)).sum()


def test_same_class_before_and_behind():
    """Two boxes of one class, cut by a third body without one, keep their own masks."""
    behind, before = box((-0.3, 0.5, 0.4)), box((0.3, -0.5, 0.4), (0.5, 0.5, 0.5))
    panel = box((0, -0.9, 0.9), (3.0, 0.02, 0.1), category="")
    spec = SceneSpec((behind, before, panel), camera=FRONT)
    truth = check(spec)
    assert set(truth.amodal) == {1, 2}
    assert [label.id for label in annotate(spec, truth)] == [1, 2]


def test_parts_behind_the_camera():
    """A floor and a wall that run past the camera end at the frame, not at the eye."""
    floor = box((0.0, 0.0, -0.1), (20.0, 20.0, 0.1), category="")
    beside = box((1.5, -4.0, 0.0), (0.3, 6.0, 2.0))
    truth = check(SceneSpec((floor, beside), camera=FRONT))
    assert (truth.instance[-1, :40] == 1).all()
    assert truth.amodal[2].box[0] + truth.amodal[2].box[2] == FRONT.width
    assert truth.amodal[2].outside > 0


@pytest.mark.parametrize("width", [95, 96])
def test_edges_on_pixel_centres_belong_to_one_side(width):
    """Boxes whose common sides run through pixel centres: no gap between them, none at the ends."""
    camera = Camera((0, -5, 0), look_at((0, -5, 0), (0, 0, 0)), width, 72, 36.0 * 5, 36.0)
    pixel = 1 / width  # metres on the boxes' front, 5 m away
    start = (0.5 - (width / 2) % 1) * pixel
    steps = [start + 8 * i * pixel for i in range(-4, 5)]
    bodies = [box(((a + b) / 2, 0.5, -1), (b - a, 1.0, 2.0)) for a, b in zip(steps, steps[1:])]
    truth = raycast(SceneSpec(tuple(bodies), camera=camera))
    row = truth.instance[36]
    assert np.count_nonzero(row) == 64
    assert all(7 <= (row == i + 1).sum() <= 9 for i in range(8))
