"""What can be asked of the frames: ranges that each frame keeps, shares that all together have."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.distributions import written
from simgen.errors import SimgenError
from simgen.targets.shown import Shown

Measure = Callable[[Shown], np.ndarray]
MEASURES: dict[str, Measure] = {
    "box_px": lambda shown: np.sqrt(shown.box[:, 2] * shown.box[:, 3]),
    "visible_fraction": lambda shown: shown.visible_fraction,
    "truncation": lambda shown: shown.truncation,
    "objects": lambda shown: np.array([len(shown.box)], float),
}
OF_SILHOUETTES = ("visible_fraction", "truncation")
FORM = "[low, high], or {edges: [0, 32, 96], shares: [0.4, 0.6]}"


@dataclass(frozen=True)
class Range:
    """A range that every object (or the picture's number of them) has to keep."""

    key: str
    low: float
    high: float

    def values(self, shown: Shown) -> np.ndarray:
        """Returns what has to be in the range, of a picture."""
        return MEASURES[self.key](shown)

    def kept(self, shown: Shown) -> bool:
        """Tells whether a picture keeps it."""
        values = self.values(shown)
        return bool(((self.low <= values) & (values <= self.high)).all())

    def share(self, shown: Sequence[Shown]) -> float:
        """Returns the share of pictures that keep it."""
        return float(np.mean([self.kept(each) for each in shown])) if shown else 0.0

    def __str__(self) -> str:
        return f"targets.{self.key}=[{self.low:g}, {self.high:g}]"


@dataclass(frozen=True, eq=False)
class Shares:
    """Shares that bins of something have in all frames together.

    Attributes:
        bins: their names. `shares`: (B,), their sum is 1.
        counts: gives (B,) how many of a picture's objects (or of its pictures: one) are in each.
        derived: whether they come from a dataset to match, so that no single bin was asked for.
    """

    key: str
    bins: tuple[str, ...]
    shares: np.ndarray
    counts: Measure
    derived: bool = False

    def reached(self, shown: Sequence[Shown]) -> np.ndarray:
        """Returns (B,) the shares that pictures have, 0 if there is nothing in any bin."""
        total = sum((self.counts(each) for each in shown), np.zeros(len(self.bins)))
        return total / max(total.sum(), 1)


Goal = Range | Shares


def goal(key: str, asked: Any) -> Goal:
    """Returns what a setting of Targets asks for.

    Raises:
        SimgenError: it is neither a range nor a histogram.
    """
    if isinstance(asked, Mapping):
        return _histogram(key, asked)
    low, high = _numbers(key, asked, asked, 2)
    if low > high:
        raise SimgenError(f"{key}={written(asked)}: low is greater than high")
    return Range(key, low, high)


def _histogram(key: str, asked: Mapping[str, Any]) -> Shares:
    if set(asked) != {"edges", "shares"}:
        raise SimgenError(f"{key}={dict(asked)} must be {FORM}")
    edges = _numbers(key, asked, asked["edges"])
    weights = np.array(_numbers(key, asked, asked["shares"], len(edges) - 1))
    if any(a >= b for a, b in zip(edges, edges[1:])) or not len(weights):
        raise SimgenError(f"{key}.edges={written(edges)} must be two or more, each above the last")
    bins = tuple(f"{a:g} to {b:g}" for a, b in zip(edges, edges[1:]))
    return binned(key, MEASURES[key], edges, bins, normalised(key, weights))


def binned(
    key: str, measure: Measure, edges: Sequence[float], bins: tuple[str, ...], shares: np.ndarray
) -> Shares:
    """Returns shares of half-open bins [edge, next edge), the last closed, and none elsewhere."""

    def counts(shown: Shown) -> np.ndarray:
        values = measure(shown)
        inside = (values >= edges[0]) & (values <= edges[-1])
        found = np.bincount(place(values[inside]), minlength=len(bins)).astype(float)
        return np.append(found, (~inside).sum())

    def place(values: np.ndarray) -> np.ndarray:
        return np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(bins) - 1)

    return Shares(key, (*bins, "elsewhere"), np.append(shares, 0.0), counts)


def balance(asked: Any, categories: Sequence[str]) -> Shares:
    """Returns the shares of categories; those that are not asked for are free.

    Raises:
        SimgenError: it is neither 'equal' nor a weight for each of some known categories.
    """
    if asked == "equal":
        asked = dict.fromkeys(categories, 1.0)
    names = tuple(asked) if isinstance(asked, Mapping) else ()
    weights = np.array(_numbers("balance", asked, [asked[name] for name in names], len(names)))

    def counts(shown: Shown) -> np.ndarray:
        return np.array([(shown.category == name).sum() for name in names], float)

    return Shares("balance", names, normalised("balance", weights), counts)


def normalised(key: str, weights: np.ndarray) -> np.ndarray:
    """Returns weights with a sum of 1."""
    if (weights < 0).any() or not weights.sum() > 0:
        raise SimgenError(f"{key}: shares must be at least 0, and one of them more")
    return weights / weights.sum()


def _numbers(key: str, asked: Any, values: Any, count: int | None = None) -> tuple[float, ...]:
    numbers = values if isinstance(values, list | tuple) else ()
    fit = all(type(number) in (int, float) and np.isfinite(number) for number in numbers)
    if not numbers or not fit or count not in (None, len(numbers)):
        shown = asked if isinstance(asked, Mapping) else written(asked)
        form = "equal, or {category: weight, ...}" if key == "balance" else FORM
        raise SimgenError(f"{key}={shown} must be {form}")
    return tuple(float(number) for number in numbers)
