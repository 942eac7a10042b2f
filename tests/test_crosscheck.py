import numpy as np
import pytest

from simgen.errors import SimgenError
from simgen.frame import Agreement, Radiance, Truth
from simgen.truth.crosscheck import crosscheck, require_agreement

INSTANCE = np.repeat(np.uint16([[0, 1, 1, 2, 2]]), 2, axis=0)
DEPTH = np.where(INSTANCE, INSTANCE * 2.0, np.inf).astype(np.float32)


def compare(instance=INSTANCE, depth=DEPTH, **settings):
    radiance = Radiance(np.zeros((2, 5, 3), np.float32), instance, depth, "CPU")
    return crosscheck(
        Truth(INSTANCE, DEPTH, np.zeros_like(INSTANCE, np.int32)), radiance, **settings
    )


def changed(array, value, *pixels):
    array = array.copy()
    for pixel in pixels:
        array[pixel] = value
    return array


def test_equal_passes_agree_on_all():
    assert compare() == Agreement(1.0, 1.0, 1.0, 0.0, 0.0)


def test_no_id_pass():
    assert compare(instance=None) == Agreement(1.0, None, 1.0, 0.0, 0.0)


def test_without_ids_depth_may_be_of_any_point_of_the_pixel():
    beside = changed(DEPTH, 3.0, (0, 2))  # between body 1 at 2 m and body 2, next to it, at 4 m
    assert compare(instance=None, depth=beside).pixels == 1.0
    assert compare(depth=beside).pixels == 0.9
    assert compare(instance=None, depth=changed(DEPTH, 4.1, (0, 2))).pixels == 0.9
    assert compare(instance=None, depth=changed(DEPTH, np.inf, (0, 2))).pixels == 0.9
    assert compare(instance=None, depth=changed(DEPTH, np.inf, (0, 1))).pixels == 1.0


def test_ids_and_depths_count_apart_and_together():
    ids = changed(INSTANCE, 2, (0, 1))
    depth = changed(DEPTH, 9.0, (1, 3), (1, 4))
    found = compare(ids, depth)
    assert (found.id_pixels, found.depth_pixels, found.pixels) == (0.9, 0.8, 0.7)


def test_a_wrong_id_and_depth_in_one_pixel_counts_once():
    found = compare(changed(INSTANCE, 0, (0, 1)), changed(DEPTH, np.inf, (0, 1)))
    assert (found.id_pixels, found.depth_pixels, found.pixels) == (0.9, 0.9, 0.9)


@pytest.mark.parametrize(("depth", "share"), [(2.0019, 1.0), (2.0021, 0.9), (1.9979, 0.9)])
def test_tolerance_is_relative(depth, share):
    found = compare(depth=changed(DEPTH, depth, (0, 1)))
    assert found.depth_pixels == share
    assert found.depth_max == pytest.approx(abs(depth - 2) / 2, rel=1e-3)


def test_depths_behind_a_fisheye_are_compared_as_those_before_it():
    behind = np.where(INSTANCE, -2.0, np.inf).astype(np.float32)
    truth = Truth(INSTANCE, behind, np.zeros_like(INSTANCE, np.int32))
    for depth, share in ((-2.0019, 1.0), (-2.0021, 0.9), (-1.9979, 0.9), (2.0, 0.9)):
        seen = changed(behind, depth, (0, 1))
        found = crosscheck(truth, Radiance(np.zeros((2, 5, 3), np.float32), INSTANCE, seen, "CPU"))
        assert found.depth_pixels == share
        assert found.depth_max == pytest.approx(abs(depth + 2) / 2, rel=1e-3)


def test_tolerance_can_be_set():
    assert compare(depth=changed(DEPTH, 2.2, (0, 1)), depth_tolerance=0.2).pixels == 1.0


def test_depth_differences_are_of_the_same_body():
    """A pixel in which the engines see different bodies says nothing about depth."""
    found = compare(changed(INSTANCE, 2, (0, 1)), changed(DEPTH, 4.0, (0, 1)))
    assert (found.depth_median, found.depth_max) == (0.0, 0.0)


def test_one_engine_hits_and_the_other_does_not():
    assert compare(depth=changed(DEPTH, 5.0, (0, 0))).depth_pixels == 0.9
    assert compare(depth=changed(DEPTH, np.inf, (0, 1))).depth_pixels == 0.9


def test_sizes_must_match():
    with pytest.raises(ValueError, match="one size"):
        compare(depth=np.ones((4, 4), np.float32))


def test_plain_numbers():
    found = compare()
    assert {type(value) for value in vars(found).values()} == {float}


def test_require_agreement():
    require_agreement(Agreement(0.999, 0.999, 1.0, 0.0, 0.0), 0.999)
    with pytest.raises(SimgenError, match=r"agree on 99.800% .* min_agreement=0.999 .* not closed"):
        require_agreement(Agreement(0.998, 0.999, 1.0, 0.0, 0.0), 0.999)
