"""Polygons are painted again with cv2.fillPoly, as trainers and supervision paint them."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simgen.export.outline import polygon, rotated_box

READERS = {"cut": lambda points: points.astype(np.int32), "round": lambda p: np.rint(p).astype(int)}
masks = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12))).filter(np.any)


def tight(mask):
    """Returns the mask cut to its extent."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return mask[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def painted(points, shape):
    canvas = np.zeros(shape, np.uint8)
    cv2.fillPoly(canvas, [points.astype(np.int32)], 1)
    return canvas.astype(bool)


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@given(mask=masks)
@settings(max_examples=150)
def test_what_is_painted_is_the_mask(read, mask):
    mask = tight(mask)
    points, parts = polygon(mask)
    again = painted(read(points), mask.shape)
    assert len(points) >= 3
    if parts == 1:
        assert (again == mask).all()
    else:
        assert (again | ~mask).all(), "a pixel of the mask is lost"
    assert parts == cv2.connectedComponents(mask.astype(np.uint8))[0] - 1


@given(mask=masks, rounding=st.floats(-0.004, 0.004))
@settings(max_examples=50)
def test_rounded_coordinates_find_the_same_pixels(mask, rounding):
    points, _ = polygon(tight(mask))
    for read in READERS.values():
        assert (read(points + rounding) == read(points)).all()


@given(masks)
@settings(max_examples=100)
def test_its_extent_is_the_masks_less_half_a_pixel_on_the_right_and_below(mask):
    mask = tight(mask)
    points, _ = polygon(mask)
    assert np.allclose(points.min(0), 0, atol=0.011)
    assert (
        np.allclose(points.max(0), np.array(mask.shape[::-1]) - 0.51, atol=0.011) or 1 in mask.shape
    )


def test_holes_stay_empty_even_where_they_touch():
    mask = np.ones((9, 14), bool)
    mask[2:5, 2:5] = mask[4:8, 6:9] = mask[1:3, 6:12] = mask[6, 11] = False
    points, parts = polygon(mask)
    assert parts == 1 and (painted(points, mask.shape) == mask).all()
    outer = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    assert not (painted(outer[0][:, 0], mask.shape) == mask).all(), "the holes would not matter"


def test_parts_are_joined_by_one_line_where_they_are_nearest():
    mask = np.zeros((10, 20), bool)
    mask[2:8, 0:6] = mask[3:9, 12:20] = True
    points, parts = polygon(tight(mask))
    extra = painted(points, tight(mask).shape) & ~tight(mask)
    assert parts == 2 and extra.sum() == 6, "from column 5 to column 12 there are six pixels"
    assert (extra.sum(0) <= 1).all()


@pytest.mark.parametrize("angle", [0, 20, 45, 70])
def test_a_rotated_rectangle_gets_its_own_box(angle):
    canvas = np.zeros((200, 200), np.uint8)
    corners = cv2.boxPoints(((100, 100), (120, 40), angle))
    cv2.fillPoly(canvas, [np.rint(corners).astype(np.int32)], 1)
    box = rotated_box(canvas.astype(bool))
    sides = np.sort(np.linalg.norm(box - np.roll(box, 1, 0), axis=1))
    assert sides[0] == pytest.approx(40, abs=3) and sides[-1] == pytest.approx(120, abs=3)
    assert cv2.contourArea(box.astype(np.float32), oriented=True) > 0, "clockwise, y down"


@given(masks)
@settings(max_examples=80)
def test_no_pixel_reaches_out_of_the_rotated_box(mask):
    box = rotated_box(mask).astype(np.float32)
    for y, x in np.argwhere(mask):
        for corner in ((x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)):
            inside = cv2.pointPolygonTest(box, tuple(float(v) for v in corner), True)
            assert inside > -1e-3 or min(mask.shape) == 1
