"""Fréchet distance of two Gaussians that are fitted to features, without a matrix square root.

Dowson and Landau, The Fréchet distance between multivariate normal distributions, 1982. Of
Inception features it is the FID (Heusel et al., GANs trained by a two time-scale update rule
converge to a local Nash equilibrium, 2017).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np

from simgen.errors import SimgenError


@dataclass(frozen=True, eq=False)
class Gaussian:
    """Mean and covariance of features, in a form that further features can join.

    Attributes:
        count: N, how many features.
        mean: (D,) float64.
        factor: (R, D) float64, R at most D: `factor.T @ factor` is the scatter about the mean, so
            (N - 1) times the covariance. Kept in place of the covariance, whose small eigenvalues
            would lose half of their digits.
    """

    count: int
    mean: np.ndarray
    factor: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> "Gaussian":
        """Returns that of (N, D) features."""
        features = np.asarray(features, np.float64)
        mean = features.mean(0)
        return cls(len(features), mean, _narrowed(features - mean))

    def joined(self, other: "Gaussian") -> "Gaussian":
        """Returns that of both sets of features (Chan et al. 1979, with QR in place of a sum)."""
        count = self.count + other.count
        apart = other.mean - self.mean
        between = np.sqrt(self.count * other.count / count) * apart
        rows = np.concatenate([self.factor, other.factor, between[None]])
        return Gaussian(count, self.mean + apart * other.count / count, _narrowed(rows))


def gaussian(batches: Iterable[np.ndarray]) -> Gaussian:
    """Returns the Gaussian of features that come in (N, D) batches, in the memory of one."""
    return reduce(Gaussian.joined, map(Gaussian.of, batches))


def frechet_distance(a: Gaussian, b: Gaussian) -> float:
    """Returns |mean_a - mean_b|² + tr(cov_a + cov_b - 2 (cov_a cov_b)^½).

    With cov = F.T F the trace of the square root is the sum of the singular values of F_a F_b.T.

    Raises:
        SimgenError: a set has fewer than two members.
    """
    for gauss in (a, b):
        if gauss.count < 2:
            raise SimgenError(
                f"a Fréchet distance needs 2 pictures a set or more, not {gauss.count}"
            )
    left, right = (g.factor / np.sqrt(g.count - 1) for g in (a, b))
    trace = np.linalg.svd(left @ right.T, compute_uv=False).sum()
    apart = np.square(a.mean - b.mean).sum()
    return float(max(0.0, apart + np.square(left).sum() + np.square(right).sum() - 2 * trace))


def _narrowed(rows: np.ndarray) -> np.ndarray:
    return np.linalg.qr(rows, mode="r") if len(rows) > rows.shape[1] else rows
