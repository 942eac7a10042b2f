import numpy as np
import pytest
import torch
from torchmetrics.image.kid import poly_mmd

from simgen.errors import SimgenError
from simgen.evaluate import kernel
from simgen.evaluate.kernel import kid


def rng(seed=0):
    return np.random.default_rng(seed)


def slow(a, b):
    """The definition, pair by pair."""

    def k(x, y):
        return (x @ y / len(x) + 1) ** 3

    within = [
        np.mean([k(x, y) for i, x in enumerate(s) for j, y in enumerate(s) if i != j])
        for s in (a, b)
    ]
    return sum(within) - 2 * np.mean([k(x, y) for x in a for y in b])


def test_is_the_definition():
    a, b = rng(1).normal(size=(7, 5)), rng(2).normal(1, 1, (9, 5))
    assert kid(a, b, rng()).value == pytest.approx(slow(a, b), rel=1e-12)


def test_torchmetrics_agrees():
    a = rng(1).gamma(2, 0.3, (120, 64)).astype(np.float32)
    b = rng(2).gamma(3, 0.3, (120, 64)).astype(np.float32)
    theirs = poly_mmd(torch.tensor(a).double(), torch.tensor(b).double())
    assert kid(a, b, rng()).value == pytest.approx(float(theirs), rel=1e-4, abs=1e-9)


def test_rows_at_a_time_change_nothing(monkeypatch):
    a, b = rng(1).normal(size=(50, 5)), rng(2).normal(1, 1, (31, 5))
    b[3] = a[40]
    whole = kid(a, b, rng())
    monkeypatch.setattr(kernel, "_ROWS", 7)
    parts = kid(a, b, rng())
    assert (parts.value, parts.error) == pytest.approx((whole.value, whole.error), rel=1e-12)


@pytest.mark.parametrize("count", [3, 40, 300])
def test_a_set_is_within_its_error_of_itself(count):
    x = rng(1).gamma(2, 0.5, (count, 30)).astype(np.float32)
    x[1] = x[0]  # a picture that stands there twice
    found = kid(x, x[::-1], rng())
    assert found.error > 0
    assert abs(found.value) <= found.error


def test_the_jackknife_is_what_leaving_one_out_gives():
    a, b = rng(1).normal(size=(8, 4)), rng(2).normal(1, 1, (6, 4))
    b[2] = a[5]
    variance = 0
    for x, other in ((a, b), (b, a)):
        values = [kid(np.delete(x, i, 0), other, rng()).value for i in range(len(x))]
        variance += (len(x) - 1) * np.var(values)
    assert kid(a, b, rng()).error == pytest.approx(np.sqrt(variance), rel=1e-9)


@pytest.mark.parametrize("apart", [0.0, 0.3])
def test_the_error_is_the_spread_of_repetitions_and_the_value_unbiased(apart):
    draws = rng(3)
    found = [
        kid(draws.normal(size=(60, 12)), draws.normal(apart, 1, (80, 12)), draws)
        for _ in range(150)
    ]
    values = np.array([f.value for f in found])
    spread = values.std()
    assert 0.9 < np.mean([f.error for f in found]) / spread < 2
    far = kid(draws.normal(size=(3000, 12)), draws.normal(apart, 1, (3000, 12)), draws)
    expected = 0 if apart == 0 else far.value
    assert abs(values.mean() - expected) < 4 * spread / np.sqrt(len(values)) + 2 * far.error


def test_blocks_of_large_sets_agree_with_the_whole_and_follow_the_seed():
    a, b = rng(1).normal(size=(900, 10)), rng(2).normal(0.3, 1, (700, 10))
    whole = kid(a, b, rng())
    blocks = kid(a, b, rng(4), block=200)
    assert abs(blocks.value - whole.value) < 3 * blocks.error
    assert blocks.error < 3 * whole.error
    assert kid(a, b, rng(4), block=200) == blocks != kid(a, b, rng(5), block=200)


@pytest.mark.parametrize("seed", range(5))
def test_a_set_of_many_blocks_is_within_its_error_of_itself(seed):
    x = rng(1).gamma(2, 0.5, (300, 30)).astype(np.float32)
    found = kid(x, x.copy(), rng(seed), block=40)
    assert found.error > 0
    assert abs(found.value) < 1e-9 * found.error


def test_few_pictures():
    with pytest.raises(SimgenError, match="2 pictures"):
        kid(np.ones((1, 4)), np.ones((5, 4)), rng())
    assert np.isnan(kid(rng(1).normal(size=(2, 4)), rng(2).normal(size=(5, 4)), rng()).error)
