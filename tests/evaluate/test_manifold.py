import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prdc import compute_prdc

from simgen.errors import SimgenError
from simgen.evaluate import manifold as module
from simgen.evaluate.manifold import manifold, vendi_score


@pytest.mark.parametrize("seed, apart", [(0, 0.0), (1, 0.5), (2, 2.0)])
def test_prdc_agrees(seed, apart):
    rng = np.random.default_rng(seed)
    synthetic = rng.normal(apart, 1, (70, 6)).astype(np.float32)
    real = rng.normal(size=(110, 6)).astype(np.float32)
    theirs = compute_prdc(real, synthetic, nearest_k=5)
    found = manifold(synthetic, real)
    for name, value in theirs.items():
        assert getattr(found, name) == pytest.approx(value, abs=1e-4), name


def test_rows_at_a_time_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(50, 4)), rng.normal(0.5, 1, (43, 4))
    whole = manifold(a, b)
    monkeypatch.setattr(module, "_ROWS", 8)
    assert manifold(a, b) == whole


def test_a_line_of_points_by_hand():
    real = np.arange(10.0)[:, None]
    synthetic = np.array([[0.5], [4.5], [40.0], [41.0], [42.0]])
    found = manifold(synthetic, real, k=1)  # real ones reach 1, to their next
    assert found.precision == 2 / 5
    assert found.density == 4 / 5
    assert found.coverage == 4 / 10
    assert found.recall == 9 / 10  # 0.5 and 4.5 reach 4, to each other: all but 9


def test_a_set_covers_itself_even_where_pictures_repeat():
    x = np.random.default_rng(0).normal(100, 1, (40, 8)).astype(np.float32)
    found = manifold(x, x)
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)
    few = np.random.default_rng(0).normal(100, 1, (4, 1000))
    repeated = np.repeat(few, 10, axis=0)  # no neighbourhood has a size: nothing lies within
    assert manifold(repeated, repeated[::-1]).precision == 0


def test_too_few_for_a_neighbourhood():
    with pytest.raises(SimgenError, match="more than 5"):
        manifold(np.ones((5, 3)), np.ones((9, 3)))


@given(st.integers(1, 12), st.integers(1, 5))
def test_vendi_counts_what_is_different(different, repeats):
    features = np.repeat(np.eye(16)[:different], repeats, axis=0) * 3
    assert vendi_score(features) == pytest.approx(different)


def test_vendi_is_the_same_by_features_and_by_pictures():
    x = np.random.default_rng(0).gamma(2, 1, (30, 20))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    shares = np.linalg.eigvalsh(unit @ unit.T / 30)
    shares = shares[shares > 1e-15]
    assert vendi_score(x) == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-9)
    assert vendi_score(np.zeros((4, 3))) == 1
