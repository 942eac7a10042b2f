"""What frames show of what was asked for."""

from collections.abc import Sequence

import numpy as np

from simgen.targets.goals import Shares
from simgen.targets.match import MARGINALS, Reference
from simgen.targets.shown import Shown
from simgen.targets.targets import Targets


class Reached:
    """Adds up pictures; its size does not grow with them."""

    def __init__(self, targets: Targets, categories: Sequence[str]):
        self.pictures = 0
        self._kept = {asked: 0 for asked in targets.ranges}
        self._totals = [
            (goal, np.zeros(len(goal.bins)))
            for goal in targets.shares(categories)
            if not goal.derived
        ]
        self._distances = _distances(targets.reference) if targets.reference else {}

    def add(self, shown: Shown) -> None:
        """Counts one more picture."""
        self.pictures += 1
        for asked in self._kept:
            self._kept[asked] += asked.kept(shown)
        for goal, total in self._totals:
            total += goal.counts(shown)
        boxes = shown.relative
        for name, distance in self._distances.items():
            distance.add(np.array([len(boxes)]) if name == "objects" else MARGINALS[name](boxes))

    def lines(self) -> dict[str, str]:
        """Returns by key what was reached of what was asked for; nothing without pictures."""
        if not self.pictures:
            return {}
        kept = {
            str(asked): f"{count / self.pictures:.1%} of the pictures keep it"
            for asked, count in self._kept.items()
        }
        return kept | {f"targets.{g.key}": _of(g, t) for g, t in self._totals} | self._matched()

    def _matched(self) -> dict[str, str]:
        if not self._distances:
            return {}
        listed = (f"{name} {distance.value():.3f}" for name, distance in self._distances.items())
        return {"targets.match": f"Kolmogorov-Smirnov distance: {', '.join(listed)}"}


class Distance:
    """Kolmogorov-Smirnov distance of what is added to a sample, which is exact: between values of
    the sample its distribution is level, so that the gap is widest at one of them."""

    def __init__(self, sample: np.ndarray):
        self._values, count = np.unique(sample, return_counts=True)
        self._share = np.cumsum(count) / len(sample)
        self._below = np.zeros(len(self._values) + 1)  # by how many of the sample's are below
        self._up_to = np.zeros(len(self._values) + 1)

    def add(self, values: np.ndarray) -> None:
        """Counts more values."""
        for side, counts in (("right", self._below), ("left", self._up_to)):
            counts += np.bincount(
                np.searchsorted(self._values, values, side), minlength=len(counts)
            )

    def value(self) -> float:
        """Returns the distance, 1 while there is nothing."""
        total = max(self._below.sum(), 1)
        below, up_to = self._below.cumsum()[:-1] / total, self._up_to.cumsum()[:-1] / total
        before = np.append(0, self._share[:-1])
        return float(max(np.abs(up_to - self._share).max(), np.abs(below - before).max()))


def _distances(reference: Reference) -> dict[str, Distance]:
    numbers = np.array([len(picture.boxes) for picture in reference.pictures])
    marginals = {name: Distance(of(reference.boxes)) for name, of in MARGINALS.items()}
    return marginals | {"objects": Distance(numbers)}


def _of(goal: Shares, total: np.ndarray) -> str:
    reached = 100 * total / max(total.sum(), 1)
    return ", ".join(
        f"{name} {have:.1f} of {100 * asked:.1f} %"
        for name, have, asked in zip(goal.bins, reached, goal.shares)
        if have or asked
    )
