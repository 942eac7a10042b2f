"""Samples of one statistic on two sides: how far apart they are, and their histograms."""

import numpy as np

BINS = 24
_MOST_WHOLE = 60  # bins of whole numbers
_TAIL = 0.005  # share at either end that goes into the outermost bin


def distance(a: np.ndarray, b: np.ndarray, period: float | None = None) -> float:
    """Returns the Wasserstein-1 distance: how far values have to be moved, on average, to turn one
    sample into the other, in their own unit. On a circle they go the shorter way round.

    On a line it is the integral of |F - G|; on a circle that of |F - G - m|, where m is the median
    of F - G over the circle (Rabin, Delon and Gousseau 2011).

    Args:
        a: (N,) at least one value; `b`: (M,) likewise.
        period: length of the circle; None for a line.
    """
    if period is not None:
        a, b = a % period, b % period
    points = np.unique(np.concatenate([a, b]))
    ends = points[:1] + period if period is not None else points[:0]
    lengths = np.diff(np.concatenate([points, ends]))
    above = (_share_below(a, points) - _share_below(b, points))[: len(lengths)]
    middle = _median(above, lengths) if period is not None else 0.0
    return float((lengths * np.abs(above - middle)).sum())


def _share_below(values: np.ndarray, points: np.ndarray) -> np.ndarray:
    return np.searchsorted(np.sort(values), points, side="right") / len(values)


def _median(values: np.ndarray, weights: np.ndarray) -> float:
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(ends, ends[-1] / 2)])


def mean(values: np.ndarray, period: float | None = None) -> float:
    """Returns the mean; of angles, the direction of their mean vector."""
    if period is None:
        return float(values.mean())
    turn = np.angle(np.exp(2j * np.pi * values / period).mean()) / (2 * np.pi)
    return float(turn * period % period)


def deviation(values: np.ndarray, period: float | None = None) -> float:
    """Returns the standard deviation; on a circle the circular one, sqrt(-2 ln R) (Mardia 1972), at
    most that of values all around it alike."""
    if period is None:
        return float(values.std())
    length = abs(np.exp(2j * np.pi * values / period).mean())
    turns = np.sqrt(-2 * np.log(np.clip(length, 1e-12, 1))) / (2 * np.pi)
    return float(min(turns, 1 / np.sqrt(12)) * period)


def edges(
    a: np.ndarray, b: np.ndarray, step: float, period: float | None = None, discrete: bool = False
) -> np.ndarray:
    """Returns the edges of histograms of both samples: (K + 1,) rising, equally far apart.

    Args:
        step: a width over which all values count as one; bins are no wider apart without need.
        discrete: whether values are whole numbers, which get a bin each where they are few.
    """
    if period is not None:
        return np.linspace(0, period, BINS + 1)
    both = np.concatenate([a, b])
    if discrete and np.ptp(both) < _MOST_WHOLE:
        return np.arange(np.floor(both.min()), np.ceil(both.max()) + 2) - 0.5
    low = min(np.quantile(a, _TAIL), np.quantile(b, _TAIL))
    high = max(np.quantile(a, 1 - _TAIL), np.quantile(b, 1 - _TAIL))
    if high - low < step:
        low, high = (low + high - step) / 2, (low + high + step) / 2
    return np.linspace(low, high, BINS + 1)


def counts(values: np.ndarray, edges: np.ndarray, period: float | None = None) -> np.ndarray:
    """Returns (K,) how many values are in each bin; those beyond the ends are in the outermost."""
    if period is not None:
        values = values % period
    return np.histogram(values.clip(edges[0], edges[-1]), edges)[0]
