import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.evaluate import framing

BOXES = np.array([[10, 20, 40, 10], [0, 50, 25, 50], [180, 90, 20, 10], [60, 40, 0, 5]], float)
ALL = (framing.box_size, framing.aspect, framing.count, framing.position_x, framing.position_y,
       framing.off_middle, framing.truncation)  # fmt: skip


def test_by_hand():
    assert framing.box_size(BOXES, 200, 100) == pytest.approx(
        np.log2([0.1414213562, 0.25, 0.1]), abs=1e-6
    )
    assert framing.aspect(BOXES, 200, 100) == pytest.approx([2, -1, 1])
    assert framing.count(BOXES, 200, 100) == [4]
    assert framing.position_x(BOXES, 200, 100) == pytest.approx([0.15, 0.0625, 0.95, 0.3])
    assert framing.position_y(BOXES, 200, 100) == pytest.approx([0.25, 0.75, 0.95, 0.425])
    assert framing.truncation(BOXES, 200, 100) == pytest.approx([0, 1, 1, 0])


def test_off_middle_is_that_of_the_box_around_all():
    around = np.array([[0, 40, 20, 20], [80, 40, 20, 20]], float)  # x 0 to 100, y 40 to 60
    assert framing.off_middle(around, 200, 100) == pytest.approx([0.5])
    assert framing.off_middle(around, 100, 100) == pytest.approx([0])
    assert framing.off_middle(np.zeros((0, 4)), 100, 100).shape == (0,)


@given(st.integers(1, 20))
def test_larger_pictures_of_the_same_have_the_same_figures(factor):
    inside = BOXES[[0]]
    for function in ALL:
        larger = function(inside * factor, 200 * factor, 100 * factor)
        assert larger == pytest.approx(function(inside, 200, 100))
