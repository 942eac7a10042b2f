"""Votes of single pictures, counted by hand or seen."""

import numpy as np
import pytest

from simgen.audit.checks.edges import _mismatch

# Of one white card on a dark floor, seen softly: it looks a pixel larger on every side.
LARGER = np.array([[2, 0, 2, 180, 54, 204, 4, 0, 0], [10, 2, 4, 142, 41, 112, 0, 2, 11]])


def test_an_object_that_looks_larger_on_every_side_is_not_shifted():
    assert _mismatch(LARGER) == ""


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("pixels", [-2, 2])
def test_the_same_picture_shifted_by_more_than_that_is(axis, pixels):
    votes = LARGER.copy()
    votes[axis] = np.roll(votes[axis], pixels)
    assert "px to the right" in _mismatch(votes)
