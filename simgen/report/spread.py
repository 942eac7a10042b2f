"""How numbers spread, told in bounded memory however many there are."""

from collections.abc import Sequence
from math import ceil, floor, frexp, log2

import numpy as np

_CELLS = 512  # at most, twice that in between
_LEAST = -1000  # halvings that a float still has
_FINE = 24  # the first cell is this many halvings below the first values' size


class Spread:
    """Exact counts in cells 2**step wide that begin at multiples of it.

    When there are too many cells, each two become one; so two spreads always share edges, and what
    is asked of them later (a histogram, a quantile) is right to a cell's width.

    Attributes:
        count: how many numbers; `low`, `high`: the least and the largest of them.
        whole: whether all are whole numbers.
    """

    def __init__(self):
        self.step = 0
        self.cells: dict[int, int] = {}
        self.count, self.mean = 0, 0.0
        self.low, self.high, self.whole = float("inf"), float("-inf"), True

    def add(self, values: Sequence[float] | np.ndarray) -> None:
        """Counts numbers; those that are not finite are left out."""
        values = np.asarray(values, float).reshape(-1)
        values = values[np.isfinite(values)]
        if not len(values):
            return
        largest = float(np.abs(values).max())
        if not self.count:
            self.step = max(frexp(largest)[1] - _FINE, _LEAST)
        while largest / 2.0**self.step > 2**40:
            self._coarsen()
        places, counts = np.unique(np.floor(values / 2.0**self.step), return_counts=True)
        for place, count in zip(places.astype(int).tolist(), counts.tolist()):
            self.cells[place] = self.cells.get(place, 0) + count
        self.count += len(values)
        self.mean += float((values - self.mean).sum()) / self.count
        self.low, self.high = min(self.low, values.min()), max(self.high, values.max())
        self.whole = self.whole and bool((values == np.floor(values)).all())
        while len(self.cells) > _CELLS:
            self._coarsen()

    def _coarsen(self) -> None:
        self.step += 1
        self.cells = _merged(self.cells, 1)

    def quantile(self, share: float) -> float:
        """Returns what `share` of the numbers lie below, to a cell's width; nan without any."""
        left = share * self.count
        for place in sorted(self.cells):
            count = self.cells[place]
            if left <= count:
                at = (place + (left / count)) * 2.0**self.step
                at = floor(at) if self.whole and self.step <= 0 else at
                return float(min(max(at, self.low), self.high))
            left -= count
        return float("nan")

    def counted(self, step: int, first: int, bins: int) -> list[int]:
        """Returns counts in `bins` cells 2**step wide, the first at first * 2**step."""
        cells = _merged(self.cells, step - self.step)
        return [cells.get(first + i, 0) for i in range(bins)]


def binned(spreads: Sequence[Spread], most: int = 28) -> tuple[list[float], list[list[int]]]:
    """Returns common edges of up to `most` bins, and the counts of each spread in them.

    Whole numbers of a small range get a bin each, with the number in its middle.
    """
    some = [each for each in spreads if each.count]
    if not some:
        return [0.0, 1.0], [[0] for _ in spreads]
    low, high = min(s.low for s in some), max(s.high for s in some)
    finest = max(each.step for each in some)
    if all(each.whole for each in some) and high - low < most and finest <= 0:
        first, bins = int(low), int(high - low) + 1
        edges = [first + i - 0.5 for i in range(bins + 1)]
        return edges, [each.counted(0, first, bins) for each in spreads]
    span = high - low
    step = max(finest, ceil(log2(span / most)) if span > 0 else finest)
    while floor(high / 2.0**step) - floor(low / 2.0**step) + 1 > most:
        step += 1
    first = floor(low / 2.0**step)
    bins = floor(high / 2.0**step) - first + 1
    edges = [(first + i) * 2.0**step for i in range(bins + 1)]
    return edges, [each.counted(step, first, bins) for each in spreads]


def _merged(cells: dict[int, int], halvings: int) -> dict[int, int]:
    """Returns cells that are 2**halvings times as wide."""
    wide: dict[int, int] = {}
    for place, count in cells.items():
        wide[place >> halvings] = wide.get(place >> halvings, 0) + count
    return wide
