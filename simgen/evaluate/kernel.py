"""KID: the squared maximum mean discrepancy of two sets of features, unbiased.

Bińkowski et al., Demystifying MMD GANs, 2018: cubic polynomial kernel (x·y / D + 1)³. The standard
error is the jackknife's for two samples (Arvesen, Jackknifing U-statistics, 1969).
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from simgen.errors import SimgenError

_ROWS = 1024  # of the kernel matrix that are in memory at a time


@dataclass(frozen=True)
class Estimate:
    """A figure and its standard error, NaN where that cannot be told."""

    value: float
    error: float


def kid(a: np.ndarray, b: np.ndarray, rng: np.random.Generator, block: int = 5000) -> Estimate:
    """Returns the unbiased squared MMD.

    A feature that stands in both sets, bit by bit, is no independent pair with itself: that pair is
    left out, as it is within a set. So a set is 0 from itself; one of more than a block, in the
    same order.

    Args:
        a: (N, D).
        b: (M, D).
        block: of larger sets as many parts are drawn as make up the smaller one, at most so many
            features each, and their estimates averaged: time grows with N instead of N².

    Raises:
        SimgenError: a set has fewer than two members.
    """
    fewest = min(len(a), len(b))
    if fewest < 2:
        raise SimgenError(f"KID needs 2 pictures a set or more, not {fewest}")
    parts = -(-fewest // block)
    of_a = _drawn(len(a), parts, block, rng)
    # Drawn alike, equal sets meet themselves block by block.
    of_b = of_a if len(a) == len(b) else _drawn(len(b), parts, block, rng)
    values, errors = np.array([_estimate(a[i], b[j]) for i, j in zip(of_a, of_b)]).T
    return Estimate(float(values.mean()), float(np.sqrt(np.square(errors).sum()) / parts))


def _drawn(count: int, parts: int, block: int, rng: np.random.Generator) -> list[np.ndarray]:
    if count <= block:
        return [np.arange(count)]
    return [part[:block] for part in np.array_split(rng.permutation(count), parts)]


def _estimate(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    twins = _twins(a, b)
    own_a, own_b = (_sums(x, x, np.arange(len(x))) for x in (a, b))
    across_a, across_b = _sums(a, b, twins), _sums(b, a, _inverse(twins, len(b)))
    n, m, pairs = len(a), len(b), len(a) * len(b) - (twins >= 0).sum()
    of_a, of_b = own_a.sum() / (n * (n - 1)), own_b.sum() / (m * (m - 1))
    value = of_a + of_b - 2 * across_a.sum() / pairs
    if min(n, m) < 3:
        return value, np.nan
    without_a = _without(own_a, across_a, m - (twins >= 0), pairs) + of_b
    without_b = _without(own_b, across_b, n - (_inverse(twins, m) >= 0), pairs) + of_a
    return value, np.sqrt(_jackknife(without_a) + _jackknife(without_b))


def _without(own: np.ndarray, across: np.ndarray, partners: np.ndarray, pairs: int) -> np.ndarray:
    """Returns (N,) the terms that one set has a part in, with one feature of it left out each."""
    left = len(own) - 1
    within = (own.sum() - 2 * own) / (left * (left - 1))
    return within - 2 * (across.sum() - across) / (pairs - partners)


def _jackknife(without: np.ndarray) -> float:
    return (len(without) - 1) * without.var()


def _sums(a: np.ndarray, b: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Returns (N,) each feature's kernel with all of `b`, but for the one at `left_out`."""
    sums = np.empty(len(a))
    for start in range(0, len(a), _ROWS):
        rows = slice(start, start + _ROWS)
        kernel = (a[rows] @ b.T / a.shape[1] + 1) ** 3
        some = np.flatnonzero(left_out[rows] >= 0)
        kernel[some, left_out[rows][some]] = 0
        sums[rows] = kernel.sum(1)
    return sums


def _twins(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns (N,) which of `b` is the same feature, each but once; -1 for none."""
    places = {key: i for i, key in enumerate(_keys(b))}
    return np.array([places.get(key, -1) for key in _keys(a)])


def _inverse(twins: np.ndarray, count: int) -> np.ndarray:
    found = np.full(count, -1)
    found[twins[twins >= 0]] = np.flatnonzero(twins >= 0)
    return found


def _keys(x: np.ndarray):
    seen = Counter()
    for row in x:
        key = row.tobytes()
        seen[key] += 1
        yield key, seen[key]
