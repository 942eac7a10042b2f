"""What a setting does to the statistics of a dataset, seen in the dataset itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from simgen.evaluate import look
from simgen.evaluate.levers import Lever
from simgen.evaluate.look import Look
from simgen.evaluate.negative import Negative
from simgen.sensor import Sensor

LOOKS = (
    "brightness", "contrast", "saturation", "white_balance", "sharpness", "noise", "vignetting",
)  # fmt: skip
CAST = "white_balance"  # is off zero to either side, and its setting multiplies how far
FEWEST = 8  # frames from which an effect is fitted
_DOUBT = 0.5  # of what is known, as a share of it: what frames show counts beside it
_SURE = 3.0  # standard errors that an effect must be off zero where nothing is known


@dataclass(frozen=True, eq=False)
class Darkroom:
    """Some pictures, developed anew as often as needed.

    Attributes:
        negatives: at least one.
    """

    negatives: tuple[Negative, ...]

    def looks(self, shifts: Mapping[Lever, float]) -> np.ndarray:
        """Returns (N, len(LOOKS)) the looks of each picture with settings moved on their levers'
        scales."""
        return np.array([_looks(each.developed(_moved(each.sensor, shifts)))
                         for each in self.negatives])  # fmt: skip

    def effects(
        self, levers: Sequence[Lever], shifts: Mapping[Lever, float], looks: np.ndarray
    ) -> np.ndarray:
        """Returns (len(LOOKS), len(levers)) the change of the middle of each look per unit of each
        lever, with settings moved already, which gave `looks`."""
        start = middle(looks)
        columns = [
            (middle(self.looks({**shifts, each: shifts[each] + each.step})) - start) / each.step
            for each in levers
        ]
        return np.array(columns).reshape(-1, len(LOOKS)).T


def middle(looks: np.ndarray) -> np.ndarray:
    """Returns (len(LOOKS),) the mean of each look of (N, len(LOOKS)); of the cast, the root of its
    mean square."""
    means, cast = looks.mean(0), LOOKS.index(CAST)
    means[cast] = np.sqrt((looks[:, cast] ** 2).mean())
    return means


def _looks(image: np.ndarray) -> np.ndarray:
    seen = Look.of(image)
    return np.array([getattr(look, name)(seen) for name in LOOKS])


def _moved(sensor: Sensor, shifts: Mapping[Lever, float]) -> Sensor:
    values = {
        lever.field: lever.shifted(getattr(sensor, lever.field), shift)
        for lever, shift in shifts.items()
    }
    return replace(sensor, **values)


def fitted(lever: Lever, settings: Sequence[Any], values: Sequence[float]) -> float | None:
    """Returns the change of a statistic per unit of a lever, from frames that tell both: a least
    squares slope, weighed with what is known of the lever by their variances. None if that is not
    known and the frames do not show it clearly.

    Args:
        settings: what was drawn in each frame; `values`: the statistic's mean in it.
    """
    x = np.array([lever.scale.into(float(setting)) for setting in settings])
    y = np.log2(np.maximum(values, 0.5)) if lever.ratio else np.array(values, float)
    if not len(x):
        return None
    slope, error = _slope(x, y)
    if lever.known is None:
        return slope if abs(slope) > _SURE * error else None
    if not np.isfinite(error):
        return lever.known
    weights = np.array([1 / max(error, 1e-6) ** 2, 1 / (_DOUBT * lever.known) ** 2])
    both = float(weights @ [slope, lever.known] / weights.sum())
    return both if abs(both) * weights.sum() ** 0.5 > 2 else None


def _slope(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Returns the least squares slope and its standard error; infinite for too few frames."""
    off = x - x.mean()
    if len(x) < FEWEST or (off**2).sum() < 1e-9:
        return 0.0, np.inf
    slope = off @ y / (off @ off)
    rest = y - y.mean() - slope * off
    return float(slope), float(np.sqrt(rest @ rest / (len(x) - 2) / (off @ off)))
