"""Randomness as a value: any number in the config may be a constant or one of these.

In YAML and on the command line a distribution is a list that starts with its name:
    height_m: [uniform, 1.2, 2.0]          randomize.camera.height_m=[normal,1.6,0.2,1.2,2.0]
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Protocol

import numpy as np

from simgen.errors import SimgenError, did_you_mean


class Distribution(Protocol):
    """Immutable; its bounds are checked when it is made and hold for every sample."""

    def sample(self, rng: np.random.Generator) -> Any: ...

    def bounds(self) -> tuple[float, float]: ...


@dataclass(frozen=True)
class Uniform:
    """Every value between low and high alike: [uniform, low, high]."""

    low: float
    high: float

    def __post_init__(self):
        _ordered(self, self.low, self.high)

    def sample(self, rng: np.random.Generator) -> float:
        return float(rng.uniform(self.low, self.high))

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class LogUniform:
    """Every factor alike, for scales and intensities: [loguniform, low, high]."""

    low: float
    high: float

    def __post_init__(self):
        _ordered(self, self.low, self.high)
        if self.low <= 0:
            raise SimgenError(f"{_written(self)}: low must be greater than 0")

    def sample(self, rng: np.random.Generator) -> float:
        value = np.exp(rng.uniform(np.log(self.low), np.log(self.high)))
        return float(np.clip(value, self.low, self.high))

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class Normal:
    """A bell cut off at both ends: [normal, mean, std, low, high]."""

    mean: float
    std: float
    low: float
    high: float

    def __post_init__(self):
        _ordered(self, self.low, self.high)
        if self.std <= 0:
            raise SimgenError(f"{_written(self)}: std must be greater than 0")
        if not self.low <= self.mean <= self.high:
            raise SimgenError(f"{_written(self)}: the mean must lie between low and high")

    def sample(self, rng: np.random.Generator) -> float:
        from scipy.special import ndtr, ndtri

        low, high = ndtr((np.array([self.low, self.high]) - self.mean) / self.std)
        value = self.mean + self.std * ndtri(rng.uniform(low, high))
        return float(np.clip(value, self.low, self.high))

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True)
class Integer:
    """Every whole number from low to high, both included: [integer, low, high]."""

    low: int
    high: int

    def __post_init__(self):
        _ordered(self, self.low, self.high)
        if self.low != int(self.low) or self.high != int(self.high):
            raise SimgenError(f"{_written(self)}: both ends must be whole numbers")

    def sample(self, rng: np.random.Generator) -> int:
        return int(rng.integers(self.low, self.high, endpoint=True))

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


class Choice:
    """One of the options, each alike; an option may be a distribution: [choice, a, b, ...]."""

    def __init__(self, *options: Any):
        if not options:
            raise SimgenError("[choice]: give at least one option")
        self.options = options

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Choice) and self.options == other.options

    def __repr__(self) -> str:
        return f"Choice{self.options!r}"

    def sample(self, rng: np.random.Generator) -> Any:
        return draw(self.options[int(rng.integers(len(self.options)))], rng)

    def bounds(self) -> tuple[float, float]:
        lows, highs = zip(*(_support(option) for option in self.options))
        return min(lows), max(highs)


KINDS = {
    "uniform": Uniform, "loguniform": LogUniform, "normal": Normal,
    "integer": Integer, "choice": Choice,
}  # fmt: skip
Number = float | Distribution


def draw(value: Any, rng: np.random.Generator) -> Any:
    """Returns `value` with every distribution in it sampled; containers are walked, lists become
    tuples, dataclasses are replaced; constants pass through."""
    if isinstance(value, tuple(KINDS.values())):
        return value.sample(rng)
    if isinstance(value, list | tuple):
        return tuple(draw(item, rng) for item in value)
    if isinstance(value, Mapping):
        return {key: draw(item, rng) for key, item in value.items()}
    if is_dataclass(value):
        return replace(value, **{f.name: draw(getattr(value, f.name), rng) for f in fields(value)})
    return value


def require(low: float = -np.inf, high: float = np.inf, **named: Any) -> None:
    """Checks at construction that constants and distributions can only give low <= x <= high.

    Raises:
        SimgenError: names the field, its value and the limit.
    """
    for name, value in named.items():
        try:
            smallest, largest = _support(value)
        except (TypeError, ValueError):
            raise SimgenError(f"{name}={_written(value)} must be a number") from None
        if not low <= smallest:
            raise SimgenError(f"{name}={_written(value)} must be at least {low:g}")
        if not largest <= high:
            raise SimgenError(f"{name}={_written(value)} must be at most {high:g}")


def expand(config: Any, key: str = "") -> Any:
    """Returns a plain config with each [name, ...] list turned into an instantiable node."""
    if isinstance(config, Mapping):
        return {k: expand(v, f"{key}.{k}" if key else str(k)) for k, v in config.items()}
    if not isinstance(config, list):
        return config
    if not config or not isinstance(config[0], str):
        return [expand(item, key) for item in config]
    name, *arguments = config
    if name in KINDS:
        target = f"{__name__}.{KINDS[name].__name__}"
        return {"_target_": target, "_args_": [expand(a, key) for a in arguments]}
    if any(isinstance(item, int | float) for item in arguments):
        raise SimgenError(f"{key}: {name!r} is no distribution; {did_you_mean(name, KINDS)}")
    return [expand(item, key) for item in config]


def _support(value: Any) -> tuple[float, float]:
    if isinstance(value, tuple(KINDS.values())):
        return value.bounds()
    if isinstance(value, bool | str) or value is None:
        raise TypeError(value)
    return float(value), float(value)


def _ordered(distribution: Any, low: float, high: float) -> None:
    if any(isinstance(v, bool | str) or v is None for v in (low, high)):
        raise SimgenError(f"{_written(distribution)}: both ends must be numbers")
    if not (np.isfinite(low) and np.isfinite(high)):
        raise SimgenError(f"{_written(distribution)}: both ends must be finite")
    if low > high:
        raise SimgenError(
            f"{_written(distribution)}: low is greater than high; write them the other way round"
        )


def _written(value: Any) -> str:
    """Returns a value as the user writes it in YAML."""
    for name, kind in KINDS.items():
        if isinstance(value, Choice):
            return f"[choice, {', '.join(map(_written, value.options))}]"
        if isinstance(value, kind):
            parts = (f"{getattr(value, f.name)}" for f in fields(value))
            return f"[{name}, {', '.join(parts)}]"
    return str(value)
