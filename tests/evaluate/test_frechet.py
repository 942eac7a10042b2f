import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from torchmetrics.image.fid import FrechetInceptionDistance

from simgen.errors import SimgenError
from simgen.evaluate.frechet import Gaussian, frechet_distance, gaussian


def exact(rng, count, mean, cov):
    """Returns features whose sample mean and covariance are the given ones."""
    x = rng.normal(size=(count, len(mean)))
    x -= x.mean(0)
    x = np.linalg.solve(np.linalg.cholesky(np.cov(x.T)), x.T).T
    return x @ np.linalg.cholesky(cov).T + mean


def covariance(rng, size):
    a = rng.normal(size=(size, 2 * size))
    return a @ a.T / size


def distance(x, y):
    return frechet_distance(Gaussian.of(x), Gaussian.of(y))


@pytest.mark.parametrize("seed", range(4))
def test_of_gaussians_with_known_moments(seed):
    rng = np.random.default_rng(seed)
    means, covs = rng.normal(size=(2, 16)), [covariance(rng, 16), covariance(rng, 16)]
    expected = np.square(means[0] - means[1]).sum() + np.trace(
        covs[0] + covs[1] - 2 * sqrtm(covs[0] @ covs[1]).real
    )
    sets = [exact(rng, 200, mean, cov) for mean, cov in zip(means, covs)]
    assert distance(*sets) == pytest.approx(expected, rel=1e-6)
    assert distance(*sets[::-1]) == pytest.approx(expected, rel=1e-6)


def test_of_gaussians_that_commute_in_closed_form():
    rng = np.random.default_rng(0)
    a, b = rng.uniform(0.1, 3, (2, 32))
    x = exact(rng, 100, np.zeros(32), np.diag(a**2))
    y = exact(rng, 90, np.full(32, 0.5), np.diag(b**2))
    assert distance(x, y) == pytest.approx(32 * 0.25 + np.square(a - b).sum(), rel=1e-9)


@pytest.mark.parametrize("count", [5, 60, 300], ids="{}".format)
def test_a_set_is_nothing_from_itself(count):
    x = np.random.default_rng(0).normal(3, 2, (count, 100)).astype(np.float32)
    assert distance(x, x) == pytest.approx(0, abs=1e-9)


def test_fewer_features_than_dimensions_are_as_their_covariance_says():
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(12, 40)), rng.normal(1, 2, (9, 40))
    values = np.linalg.eigvals(np.cov(x.T) @ np.cov(y.T))
    expected = np.square(x.mean(0) - y.mean(0)).sum() + np.trace(np.cov(x.T) + np.cov(y.T))
    expected -= 2 * np.sqrt(np.abs(values[np.abs(values) > 1e-9])).sum()
    assert distance(x, y) == pytest.approx(expected, rel=1e-9)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 99))
def test_batches_make_what_the_whole_makes(sizes, seed):
    x = np.random.default_rng(seed).normal(5, 3, (sum(sizes), 12))
    split = gaussian(np.split(x, np.cumsum(sizes)[:-1]))
    whole = Gaussian.of(x)
    assert split.count == whole.count and split.factor.shape[0] <= max(12, len(x))
    np.testing.assert_allclose(split.mean, whole.mean, atol=1e-12)
    np.testing.assert_allclose(
        split.factor.T @ split.factor, whole.factor.T @ whole.factor, atol=1e-9
    )


def test_large_means_cost_no_digits():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(400, 8))
    assert distance(x + 1e6, 1.5 * x + 1e6) == pytest.approx(distance(x, 1.5 * x), rel=1e-5)


class AsIs(torch.nn.Module):
    num_features = 24

    def forward(self, x):
        return x


def test_torchmetrics_agrees():
    rng = np.random.default_rng(5)
    x, y = rng.gamma(2, 1, (300, 24)), rng.gamma(3, 1, (250, 24))
    theirs = FrechetInceptionDistance(AsIs(), normalize=True)
    theirs.set_dtype(torch.float64)
    theirs.update(torch.tensor(x), real=True)
    theirs.update(torch.tensor(y), real=False)
    assert distance(x, y) == pytest.approx(float(theirs.compute()), rel=1e-4)


def test_one_picture_has_no_covariance():
    one = np.ones((1, 4))
    with pytest.raises(SimgenError, match="2 pictures"):
        distance(one, np.ones((3, 4)))
