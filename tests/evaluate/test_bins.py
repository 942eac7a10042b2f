import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simgen.evaluate.bins import binned

VALUES = st.lists(
    st.none() | st.floats(-1e6, 1e6) | st.sampled_from(["a", "b", True, 3]), max_size=80
)


def test_quarters():
    bins = binned([float(i) for i in range(80)])
    assert np.bincount(bins.codes).tolist() == [20] * 4
    assert bins.said[0] == {"from": 0, "to": 19} and bins.said[-1]["to"] == 79


def test_kinds_and_what_is_rare():
    bins = binned(["lamp"] * 12 + ["sun"] * 10 + list("abcdefghij") + [None])
    assert [each["value"] for each in bins.said] == ["lamp", "sun", "others"]
    assert np.bincount(bins.codes + 1).tolist() == [1, 12, 10, 10]


def test_a_few_numbers_are_kinds_in_their_order():
    bins = binned([10, 2] * 20)
    assert [each["value"] for each in bins.said] == [2, 10]
    assert binned([True, False] * 20).said == ({"value": False}, {"value": True})


def test_nothing_to_compare_is_none():
    assert binned([]) is binned([None] * 50) is binned([3.5] * 50) is binned(["a"] * 50) is None
    assert binned([float(i) for i in range(19)]) is None


def test_a_value_that_is_common_stands_alone():
    bins = binned([i / 40 for i in range(40)] + [1.0] * 200)
    assert np.bincount(bins.codes).tolist() == [13, 13, 14, 200]
    assert bins.said[-1] == {"from": 1, "to": 1} and bins.said[0]["from"] == 0
    middle = binned([float(i) for i in range(-12, 13)] + [0.0] * 50)
    assert np.bincount(middle.codes).tolist() == [12, 51, 12]


@given(VALUES)
def test_every_known_number_is_in_the_bin_that_says_so(values):
    bins = binned(values)
    if bins is None:
        return
    assert len(bins.codes) == len(values) and bins.codes.max() < len(bins.said)
    for value, code in zip(values, bins.codes):
        if value is None:
            assert code == -1
        elif code >= 0 and "from" in bins.said[code]:
            assert bins.said[code]["from"] <= value <= bins.said[code]["to"]
        elif code >= 0:
            assert bins.said[code]["value"] in (value, "others")
