"""Spreads, correlations and combinations against numpy's figures of all numbers at once."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simgen.report.combinations import Together
from simgen.report.relations import Correlations
from simgen.report.seen import Objects
from simgen.report.spread import Spread, binned

numbers = st.floats(-1e6, 1e6, allow_subnormal=False)


@given(st.lists(st.lists(numbers, max_size=40), min_size=1, max_size=8))
def test_a_spread_in_parts_counts_every_number_once_in_the_right_bin(parts):
    spread = Spread()
    for part in parts:
        spread.add(part)
    whole = np.array([value for part in parts for value in part])
    assert spread.count == len(whole)
    if not len(whole):
        return
    assert np.isclose(spread.mean, whole.mean(), rtol=1e-9, atol=1e-6)
    assert (spread.low, spread.high) == (whole.min(), whole.max())
    edges, (counts,) = binned([spread])
    cell = 2.0**spread.step
    inside = np.histogram(np.floor(whole / cell) * cell, edges)[0]
    assert len(counts) <= 28 and counts == inside.tolist() and sum(counts) == len(whole)


def test_memory_is_bounded_and_quantiles_are_right_to_a_cell():
    rng = np.random.default_rng(0)
    values = rng.normal(5, 2, 50_000)
    spread = Spread()
    for part in np.array_split(values, 500):
        spread.add(part)
    assert len(spread.cells) <= 512
    for share in (0.05, 0.5, 0.95):
        assert abs(spread.quantile(share) - np.quantile(values, share)) <= 2.0**spread.step


def test_two_spreads_of_unlike_size_share_their_edges():
    small, large = Spread(), Spread()
    small.add([0.001, 0.0015, 0.002])
    large.add(np.linspace(0, 5000, 4000))
    edges, counts = binned([small, large])
    assert [sum(each) for each in counts] == [3, 4000] and counts[0][0] == 3
    assert all(len(each) == len(edges) - 1 for each in counts)


def test_whole_numbers_of_a_small_range_have_a_bin_each():
    spread = Spread()
    spread.add([2, 3, 3, 5])
    assert binned([spread]) == ([1.5, 2.5, 3.5, 4.5, 5.5], [[1, 2, 0, 1]])


def test_what_is_not_finite_is_left_out():
    spread = Spread()
    spread.add([np.nan, np.inf, 1.0])
    assert (spread.count, spread.low, spread.high) == (1, 1, 1)
    assert np.isnan(Spread().quantile(0.5)) and binned([Spread()])[1] == [[0]]


def test_correlations_one_by_one_are_those_of_all_at_once():
    rng = np.random.default_rng(1)
    x, noise = rng.normal(1e6, 1, 300), rng.normal(0, 1, (300, 2))
    y = np.stack([x - 1e6 + noise[:, 0], noise[:, 1]], 1)
    y[::7, 1] = np.nan
    sums = Correlations(2)
    for i in range(300):
        sums.add({"x": x[i], **({"late": -x[i]} if i >= 100 else {}), "flat": 3}, y[i])
    known = np.isfinite(y[:, 1])
    expected = [np.corrcoef(x, y[:, 0])[0, 1], np.corrcoef(x[known], y[known, 1])[0, 1]]
    assert np.allclose(sums.of("x"), expected, atol=1e-9)
    assert np.isclose(sums.of("late")[0], -np.corrcoef(x[100:], y[100:, 0])[0, 1], atol=1e-9)
    assert np.isnan(sums.of("flat")).all() and np.isnan(sums.of("unknown")).all()


def test_a_text_has_the_correlation_ratio():
    rng = np.random.default_rng(2)
    names = rng.choice(["a", "b", "c"], 200)
    y = rng.normal(0, 1, 200) + np.select([names == "a", names == "b"], [2.0, -1.0], 0.5)
    sums = Correlations(1)
    for name, value in zip(names, y):
        sums.add({"sky": str(name)}, np.array([value]))
    between = sum((names == n).sum() * (y[names == n].mean() - y.mean()) ** 2 for n in "abc")
    assert np.isclose(sums.of("sky")[0], np.sqrt(between / ((y - y.mean()) ** 2).sum()))


def objects(*rows):
    """Returns objects of (category, area, visible)."""
    area = np.array([row[1] for row in rows], float)
    return Objects(
        tuple(row[0] for row in rows),
        np.tile([0.0, 0, 10, 10], (len(rows), 1)),
        area,
        np.array([row[2] for row in rows], float),
        area * 0,
        tuple(range(len(rows))),
    )


def test_combinations_are_counted_with_those_that_never_occur():
    together = Together()
    together.add(objects(("cat", 1023, 1.0), ("cat", 1024, 0.2)), {"sky": "a", "on": True})
    together.add(objects(("cat", 50, 0.9), ("dog", 9216, np.nan)), {"sky": "b", "on": False})
    found = {each.parts: (each.count, each.expected) for each in together.of_objects()}
    assert len(found) == 2 * 3 * 3 and together.of_objects()[0].parts == ("cat", "small", "clear")
    assert found["cat", "small", "clear"] == (2, 4 * (3 / 4) * (2 / 4) * (2 / 4))
    assert found["cat", "medium", "mostly hidden"][0] == 1
    assert found["dog", "large", "not said"][0] == 1 and found["dog", "small", "clear"][0] == 0
    pairs = {each.parts: each.count for each in together.of_classes(2)}
    assert pairs == {("cat", "dog"): 1}
    choices = {each.parts: each.count for each in together.of_choices(2)}
    assert choices["on = True", "sky = a"] == 1 and choices["on = True", "sky = b"] == 0


def test_a_parameter_of_many_values_is_no_choice():
    together = Together()
    for i in range(30):
        together.add(objects(), {"id": i, "sky": "ab"[i % 2], "on": i % 3 == 0, "m": i / 7})
    names = Counter(part.split(" = ")[0] for each in together.of_choices(30) for part in each.parts)
    assert set(names) == {"sky", "on"}
