"""How much of one set of features lies where the other lies, and how varied a set is.

Precision and recall: Kynkäänniemi et al., Improved precision and recall metric for assessing
generative models, 2019. Density and coverage: Naeem et al., Reliable fidelity and diversity metrics
for generative models, 2020. Vendi score: Friedman and Dieng, The Vendi score, 2023.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.errors import SimgenError

_ROWS = 1024  # of a distance matrix that are in memory at a time
_SAME = 1e-13  # of the squared norms: what rounding leaves of a squared distance of 0


@dataclass(frozen=True)
class Manifold:
    """Shares of 1; density may be more.

    Attributes:
        precision: of the synthetic, that lie within a real one's k-th neighbour.
        recall: of the real, that lie within a synthetic one's k-th neighbour.
        density: how many real ones' neighbourhoods a synthetic one lies in, over k.
        coverage: of the real, whose neighbourhood has a synthetic one in it.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def manifold(synthetic: np.ndarray, real: np.ndarray, k: int = 5) -> Manifold:
    """Returns how (N, D) features and (M, D) features overlap, by their k-th nearest neighbours.

    Raises:
        SimgenError: a set has no k-th neighbour.
    """
    if min(len(synthetic), len(real)) <= k:
        raise SimgenError(f"precision and recall need more than {k} pictures a set")
    reach_synthetic, reach_real = _reach(synthetic, k), _reach(real, k)
    held = np.zeros(len(synthetic))
    recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
    for rows, squares in _squares(real, synthetic):
        inside = squares < reach_real[rows, None]
        held += inside.sum(0)
        covered[rows] = inside.any(1)
        recalled[rows] = (squares < reach_synthetic).any(1)
    return Manifold(
        precision=float((held > 0).mean()),
        recall=float(recalled.mean()),
        density=float(held.mean() / k),
        coverage=float(covered.mean()),
    )


def vendi_score(features: np.ndarray) -> float:
    """Returns the effective number of different ones among (N, D) features: 1 to N.

    exp of the entropy of the eigenvalues of K / N, K the cosines between the features; they are
    those of a D x D matrix too, so that no N x N matrix is needed.
    """
    features = np.asarray(features, np.float64)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit = features / np.where(lengths > 0, lengths, 1)
    gram = unit.T @ unit if len(unit) > unit.shape[1] else unit @ unit.T
    shares = np.linalg.eigvalsh(gram / len(unit))
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def _reach(features: np.ndarray, k: int) -> np.ndarray:
    """Returns (N,) each one's squared distance to its k-th neighbour, itself not counted."""
    parts = [np.partition(squares, k, axis=1)[:, k] for _, squares in _squares(features, features)]
    return np.concatenate(parts)


def _squares(a: np.ndarray, b: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Yields some rows of `a` and their squared distances from all of `b`, (rows, M) float64."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    of_a, of_b = np.square(a).sum(1), np.square(b).sum(1)
    for start in range(0, len(a), _ROWS):
        rows = slice(start, start + _ROWS)
        both = of_a[rows, None] + of_b
        squares = both - 2 * a[rows] @ b.T
        yield rows, np.where(squares > _SAME * both, squares, 0)
