"""Labels counted from masks drawn by hand."""

from dataclasses import asdict

import numpy as np
import pytest
from pycocotools import mask as coco

from simgen.frame import AmodalMask, Truth
from simgen.geometry import intrinsics, look_at, rotation_matrix, yaw
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.truth.rle import decode, encode

EYE = (2.0, -3.0, 1.5)
SPEC = SceneSpec(
    (
        Body("floor", Shape.of("block", x=9.0, y=9.0, z=0.1), (0, 0, -0.1)),
        Body("a", Shape.of("block"), (0, 0, 0), yaw(0.5), tuple(np.array([1, 0.5, 0.4])), "box"),
    ),
    camera=Camera(EYE, look_at(EYE, (0, 0, 0)), 8, 6),
)
DRAWN = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0, 0],
        [0, 2, 2, 1, 1, 2, 2, 0],
        [0, 2, 2, 1, 1, 2, 0, 0],
        [0, 2, 0, 1, 1, 2, 0, 0],
        [1, 1, 1, 1, 1, 1, 1, 1],
        [0, 0, 0, 0, 0, 0, 0, 0],
    ],
    np.uint16,
)


@pytest.fixture
def label():
    """Returns the labels of a body in two pieces, of whose 21 pixels 3 lie outside the frame."""
    whole = AmodalMask((1, 1, 6, 3), np.ones((3, 6), bool), 3)
    (found,) = annotate(
        SPEC, Truth(DRAWN, np.ones((6, 8), np.float32), np.int32(DRAWN) - 1, {2: whole})
    )
    return found


def test_split_object_is_one_instance(label):
    assert (label.id, label.category) == (2, "box")
    assert label.area == 9
    assert label.box == (1, 1, 6, 3)


def test_masks_read_back_with_coco(label):
    for rle, mask in ((label.mask, DRAWN == 2), (label.amodal_mask, _rectangle())):
        read = {"size": list(rle.size), "counts": rle.counts}
        assert (coco.decode(read) == mask).all()
        assert coco.area(read) == mask.sum()


def _rectangle():
    mask = np.zeros((6, 8), bool)
    mask[1:4, 1:7] = True
    return mask


def test_fractions(label):
    assert (label.amodal_area, label.amodal_box) == (18, (1, 1, 6, 3))
    assert label.visible_fraction == 9 / 18
    assert label.truncation == 3 / 21


def test_pose(label):
    """The camera looks at the object's origin, 4.03 m away; its pose turns points as both do."""
    distance = np.linalg.norm(EYE)
    assert np.allclose(label.camera_position, (0, 0, distance))
    assert (label.position, label.rotation) == ((0, 0, 0), yaw(0.5))
    world = rotation_matrix(label.rotation) @ (0.3, 0.2, 0.1)
    seen = rotation_matrix(SPEC.camera.rotation).T @ (world - EYE)
    turned = rotation_matrix(label.camera_rotation) @ (0.3, 0.2, 0.1) + label.camera_position
    assert np.allclose(seen, turned)


def test_cuboid(label):
    """Edges have the box's sizes; bit 0, 1, 2 of a corner's number takes it along x, y, z."""
    corners = np.array(label.cuboid)
    for bit, size in enumerate((1.0, 0.5, 0.4)):
        assert np.allclose(np.linalg.norm(corners[1 << bit] - corners[0]), size)
    along_x = rotation_matrix(label.camera_rotation) @ (1, 0, 0)
    assert np.allclose(corners[1] - corners[0], along_x)


def test_projected_cuboid_holds_the_mask():
    spec = SceneSpec(SPEC.bodies, camera=Camera(EYE, SPEC.camera.rotation, 80, 60))
    (label,) = annotate(spec, raycast(spec))
    pixels = np.array(label.cuboid) @ intrinsics(spec.camera).T
    pixels = pixels[:, :2] / pixels[:, 2:]
    x, y, w, h = label.amodal_box
    low, high = pixels.min(0), pixels.max(0)
    assert (low <= (x + 0.5, y + 0.5)).all() and ((x + w - 0.5, y + h - 0.5) <= high).all()
    assert np.abs(low - (x, y)).max() <= 1 and np.abs(high - (x + w, y + h)).max() <= 1


def test_plain_numbers(label):
    """Every number is Python's own: records go to JSON as they are."""

    def leaves(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, (list, tuple)):
            return [leaf for item in value for leaf in leaves(item)]
        return [value]

    assert {type(leaf) for leaf in leaves(asdict(label))} == {int, float, str}


@pytest.mark.parametrize("corner", [(0, 0), (3, 2), (5, 1)])
def test_encoded_crop_is_the_mask_in_the_frame(corner):
    crop = np.array([[1, 0, 1], [1, 1, 1], [0, 0, 1]], bool)
    x, y = corner
    mask = np.zeros((6, 8), bool)
    mask[y : y + 3, x : x + 3] = crop
    rle = encode(crop, x, y, (6, 8))
    assert (decode(rle) == mask).all()
    assert rle.counts.encode() == coco.encode(np.asfortranarray(mask, np.uint8))["counts"]
