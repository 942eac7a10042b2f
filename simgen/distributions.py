"""Randomness as a value: any number in the config may be a constant or one of these.

In YAML and on the command line a distribution is a list that starts with its name:
    height_m: [uniform, 1.2, 2.0]          randomize.camera.height_m=[normal,1.6,0.2,1.2,2.0]
"""

import math
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Protocol

import numpy as np
from scipy.special import ndtr, ndtri

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
        _check(self)

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
        _check(self)
        if self.low <= 0:
            raise SimgenError(f"{written(self)}: low must be greater than 0")

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
        _check(self)
        if self.std <= 0:
            raise SimgenError(f"{written(self)}: std must be greater than 0")
        if not self.low <= self.mean <= self.high:
            raise SimgenError(f"{written(self)}: the mean must lie between low and high")

    def sample(self, rng: np.random.Generator) -> float:
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
        _check(self)
        if self.low != int(self.low) or self.high != int(self.high):
            raise SimgenError(f"{written(self)}: both ends must be whole numbers")

    def sample(self, rng: np.random.Generator) -> int:
        return int(rng.integers(int(self.low), int(self.high), endpoint=True))

    def bounds(self) -> tuple[float, float]:
        return self.low, self.high


@dataclass(frozen=True, init=False)
class Choice:
    """One of the options, each alike; an option may be a distribution: [choice, a, b, ...]."""

    options: tuple[Any, ...]

    def __init__(self, *options: Any):
        if not options:
            raise SimgenError("[choice]: give at least one option")
        object.__setattr__(self, "options", options)

    def sample(self, rng: np.random.Generator) -> Any:
        return draw(self.options[int(rng.integers(len(self.options)))], rng)

    def bounds(self) -> tuple[float, float]:
        lows, highs = zip(*(support(option) for option in self.options))
        return min(lows), max(highs)


KINDS = {
    "uniform": Uniform, "loguniform": LogUniform, "normal": Normal,
    "integer": Integer, "choice": Choice,
}  # fmt: skip
Number = float | Distribution


def draw(value: Any, rng: np.random.Generator) -> Any:
    """Returns `value` with every distribution in it sampled; containers are walked, lists become
    tuples, dataclasses are replaced; constants pass through."""
    if is_distribution(value):
        return value.sample(rng)
    if isinstance(value, list | tuple):
        return tuple(draw(item, rng) for item in value)
    if isinstance(value, Mapping):
        return {key: draw(item, rng) for key, item in value.items()}
    if is_dataclass(value):
        drawn = copy(value)  # unlike replace, does not check once more what the bounds promise
        for f in fields(value):
            object.__setattr__(drawn, f.name, draw(getattr(value, f.name), rng))
        return drawn
    return value


def parse(config: Any, key: str) -> Any:
    """Returns a plain config with each [name, ...] list turned into its distribution; other lists
    become tuples.

    Raises:
        SimgenError: names the key of a distribution that cannot be.
    """
    if isinstance(config, Mapping):
        return {k: parse(v, f"{key}.{k}") for k, v in config.items()}
    if not isinstance(config, list):
        return config
    items = tuple(parse(item, key) for item in config)
    if not items or not isinstance(items[0], str):
        return items
    name, *arguments = items
    if name in KINDS:
        return _made(name, arguments, key)
    if any(isinstance(item, int | float) for item in arguments):
        raise SimgenError(
            f"{key}={written(items)}: {name!r} is no distribution; {did_you_mean(name, KINDS)}"
        )
    return items


def written(value: Any) -> str:
    """Returns a value as the user writes it in YAML."""
    if is_distribution(value):
        names = {kind: name for name, kind in KINDS.items()}
        values = (getattr(value, f.name) for f in fields(value))
        arguments = value.options if isinstance(value, Choice) else values
        return written((names[type(value)], *arguments))
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(written, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _made(name: str, arguments: list[Any], key: str) -> Distribution:
    kind = KINDS[name]
    try:
        return kind(*arguments)
    except SimgenError as error:
        raise SimgenError(f"{key}={error}") from None
    except TypeError:
        form = written((name, *(f.name for f in fields(kind))))
        raise SimgenError(f"{key}={written((name, *arguments))}: write {form}") from None


def is_distribution(value: Any) -> bool:
    """Tells whether a value is drawn anew for each frame."""
    return isinstance(value, tuple(KINDS.values()))


def support(value: Any) -> tuple[float, float]:
    """Returns the least and the largest number that a constant or distribution can give.

    Raises:
        TypeError: the value is no finite number, nor a distribution of numbers.
    """
    if is_distribution(value):
        return value.bounds()
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(value)
    return value, value


def _check(distribution: Any) -> None:
    """Raises SimgenError unless all arguments are finite numbers, and low <= high."""
    for field in fields(distribution):
        value = getattr(distribution, field.name)
        if is_distribution(value) or isinstance(value, bool) or not isinstance(value, int | float):
            raise SimgenError(f"{written(distribution)}: {field.name} must be a number")
        if not math.isfinite(value):
            raise SimgenError(f"{written(distribution)}: {field.name} must be finite")
    if distribution.low > distribution.high:
        raise SimgenError(
            f"{written(distribution)}: low is greater than high; write them the other way round"
        )
