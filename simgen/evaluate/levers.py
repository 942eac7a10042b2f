"""The settings that move a statistic, and how a setting's distribution is moved."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.distributions import (
    Choice,
    Integer,
    LogUniform,
    Normal,
    Uniform,
    is_distribution,
    support,
)
from simgen.evaluate.overrides import tidy
from simgen.rng import stream

_SAMPLES = 2000


@dataclass(frozen=True)
class Scale:
    """In which of its functions a setting acts evenly."""

    name: str
    into: Callable[[float], float]
    back: Callable[[float], float]


LINEAR = Scale("linear", lambda p: p, lambda u: u)
LOG = Scale("log2", lambda p: math.log2(max(p, 1e-9)), lambda u: 2.0**u)
SQUARE = Scale("square", lambda p: p * p, lambda u: math.sqrt(max(u, 0.0)))


@dataclass(frozen=True)
class Lever:
    """One setting.

    Attributes:
        key: as it is written in the config.
        gauge: the statistic that it is there to move.
        low, high: what it may be.
        scale: in which it acts evenly; the following are in its units.
        step: a move that is felt.
        reach: the largest move, and twice the largest deviation, that is prescribed.
        target: classes of the settings' group that the key is known of.
        known: what it does to the gauge, per unit, where that is plain; None: it has to be seen.
        ratio: whether that is said of the gauge's binary logarithm.
        shown: in which direction a finished picture can show a move of it: 1 up, -1 down, 0 both.
    """

    key: str
    gauge: str
    low: float
    high: float
    scale: Scale
    step: float
    reach: float
    target: tuple[str, ...] = ()
    known: float | None = None
    ratio: bool = False
    shown: int = 0

    @property
    def field(self) -> str:
        """The last part of the key."""
        return self.key.rpartition(".")[2]

    def holds(self, value: Any) -> bool:
        """Tells whether a constant or distribution lies within what the setting may be."""
        try:
            low, high = support(value)
        except TypeError:
            return False
        return self.low <= low and high <= self.high

    def clip(self, u: float) -> float:
        """Returns the scaled value nearest to `u` that the setting may have."""
        return min(max(u, self.scale.into(self.low)), self.scale.into(self.high))

    def shifted(self, value: float, shift: float) -> float:
        """Returns one value of the setting, moved."""
        return self.scale.back(self.clip(self.scale.into(value) + shift))

    def spread(self, value: Any) -> tuple[float, float]:
        """Returns mean and standard deviation, on the scale, of what a setting gives."""
        if not is_distribution(value):
            return self.scale.into(value), 0.0
        rng = stream(0, 0, self.key)
        drawn = [self.scale.into(value.sample(rng)) for _ in range(_SAMPLES)]
        return float(np.mean(drawn)), float(np.std(drawn))

    def moved(self, value: Any, shift: float, factor: float, added: float = 0.0) -> Any:
        """Returns a constant or distribution moved on the scale, within what the setting may be.

        Args:
            shift: of the middle. `factor`: of the spread about it.
            added: standard deviation of what becomes of a constant.
        """
        if isinstance(value, Choice):
            return Choice(*(self.moved(option, shift, 1.0) for option in value.options))
        if isinstance(value, Normal):
            return self._normal(value, shift, factor)
        low, high = (self.scale.into(end) for end in support(value))
        middle, half = (low + high) / 2 + shift, (high - low) / 2 * factor
        half = half or added * math.sqrt(3)
        low, high = (self._tidy(middle + side * half, value) for side in (-1, 1))
        return self._between(low, high, value)

    def _between(self, low: float, high: float, like: Any) -> Any:
        if low == high:
            return low
        if isinstance(like, Integer):
            return Integer(low, high)
        log = self.scale is LOG and low > 0 and not isinstance(like, Uniform)
        return LogUniform(low, high) if log else Uniform(low, high)

    def _normal(self, value: Normal, shift: float, factor: float) -> Any:
        into, middle = self.scale.into, self.scale.into(value.mean)
        ends = [middle + shift + factor * (into(end) - middle) for end in (value.low, value.high)]
        low, high = (self._tidy(end, value) for end in ends)
        mean = min(max(self._tidy(middle + shift, value), low), high)
        above = self.scale.back(middle + shift + 1e-3) - self.scale.back(middle + shift)
        below = self.scale.back(middle + 1e-3) - self.scale.back(middle)
        std = tidy(value.std * factor * (above / below if below > 0 else 1.0))
        return Normal(mean, std, low, high) if low < high and std > 0 else mean

    def _tidy(self, u: float, like: Any) -> float:
        """Returns a setting's value with three digits, inside its bounds."""
        value = self.scale.back(self.clip(u))
        if isinstance(like, Integer):
            return round(value)
        return min(max(tidy(value), self.low), self.high)


_ORBIT = ("simgen.randomize.orbit.Orbit",)
_CAMERA = ("simgen.randomize.camera.Camera",)

SENSOR = (
    Lever("sensor.exposure_ev", "brightness", -20, 20, LINEAR, 0.5, 3),
    Lever("sensor.contrast", "contrast", 0.1, 4, LOG, 0.25, 1),
    Lever("sensor.saturation", "saturation", 0.05, 10, LOG, 0.25, 1.2),
    Lever("sensor.white_balance", "white_balance", 0, 1, LINEAR, -0.15, 0.7),
    Lever("sensor.blur_px", "sharpness", 0, 10, SQUARE, 0.3, 3, shown=1),
    Lever("sensor.sharpening", "sharpness", 0, 5, LINEAR, 0.4, 2, shown=1),
    Lever("sensor.full_well_e", "noise", 200, 1e6, LOG, -0.75, 3, shown=-1),
    Lever("sensor.vignetting", "vignetting", 0, 1, LINEAR, 0.2, 0.5),
)
SCENE = (
    Lever("randomize.camera.fill", "box_size", 0.01, 100, LOG, 0.25, 2, _ORBIT, 1.0),
    Lever("randomize.camera.distance_m", "box_size", 0.01, 1000, LOG, 0.25, 2, _CAMERA, -1.0),
    Lever("randomize.camera.elevation_deg", "aspect", 0, 90, LINEAR, 5, 30, _ORBIT),
    Lever("randomize.camera.framing", "off_middle", 0, 1, LINEAR, 0.05, 0.5, _ORBIT, 1.0),
    Lever("randomize.camera.tilt_deg", "position_y", -180, 180, LINEAR, 2, 20, _CAMERA),
    Lever("scene.count", "count", 1, 500, LOG, 0.5, 3, (), 1.0, ratio=True),
    Lever("randomize.lighting.temperature_k", "white_balance", 1667, 25000, LOG, 0.2, 1,
          ("simgen.randomize.lighting.Lighting",)),
)  # fmt: skip
