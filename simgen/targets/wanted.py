"""What the targets would have one frame show, for scenes and randomizers that can be steered.

One that can takes an argument `wanted` last, `sample(rng, wanted=None)` or `__call__(spec, rng,
wanted=None)`, where None means: as it comes. It takes from it what it can and ignores the rest;
what is left to do is done by choosing between proposals.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from inspect import signature
from typing import Any

import numpy as np

from simgen.distributions import draw

Box = tuple[float, float, float, float]
TRIES = 16  # draws of a number among which `tilted` chooses


@dataclass(frozen=True)
class Wanted:
    """What one frame should show; the same for all proposals of a frame.

    Attributes:
        weights: by category, how much oftener (above 1) or more seldom (below 1) its objects should
            come than they would by themselves; for scenes in which categories have their places.
        shares: of all objects, by category, for scenes that may take any object of any category:
            see `categories`. Empty: as it comes.
        point: in [0, 1), spread evenly over the frames.
        count: labelled objects in the picture; None: as it comes.
        boxes: (x, y, w, h) of each object in one picture of the dataset to match, as shares of the
            picture's width and height, x and y of the upper left corner; `count` is their number.
            None: as it comes.
        aspect: width by height of that picture; see `resolution`.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)
    point: float = 0.0
    count: int | None = None
    boxes: tuple[Box, ...] | None = None
    aspect: float | None = None

    def resolution(self, given: tuple[int, int]) -> tuple[int, int]:
        """Returns the width and height that a picture should have: as many pixels as those given,
        in the shape of the picture to match, if there is one."""
        if self.aspect is None:
            return given
        height = math.sqrt(given[0] * given[1] / self.aspect)
        return max(1, round(height * self.aspect)), max(1, round(height))

    def weight(self, category: str) -> float:
        """Returns the category's weight, 1 if there is none."""
        return self.weights.get(category, 1.0)

    def categories(self, count: int) -> tuple[str, ...]:
        """Returns the category of each of `count` objects, as `shares` has them, in no order.

        Each comes its share of `count` times, rounded down or up, so that over the frames its mean
        is its share: systematic sampling, which starts at `point`.
        """
        total = sum(self.shares.values())
        chosen, passed = [], 0.0
        for name, share in self.shares.items():
            before, passed = passed, passed + count * share / total
            chosen += [name] * (math.ceil(passed - self.point) - math.ceil(before - self.point))
        return tuple(chosen[:count])


def steerable(hook: Callable[..., Any]) -> bool:
    """Tells whether a scene's `sample` or a randomizer takes what is wanted."""
    return "wanted" in signature(hook).parameters


def tilted(number: Any, weight: float, rng: np.random.Generator) -> Any:
    """Returns a sample of a number or distribution, larger (weight > 1) or smaller (< 1) than by
    itself, but never beyond its bounds: n is weight ** n times as likely."""
    drawn = [draw(number, rng) for _ in range(TRIES)]
    best = max(drawn) if weight > 1 else min(drawn)
    likely = weight ** (np.array(drawn, float) - best)
    return drawn[int(rng.choice(TRIES, p=likely / likely.sum()))]


def reweighted(shares: Mapping[str, float], wanted: Wanted | None) -> dict[str, float]:
    """Returns shares times their categories' weights, again with a sum of 1."""
    if not wanted:
        return dict(shares)
    weighed = {name: share * wanted.weight(name) for name, share in shares.items()}
    total = sum(weighed.values())
    return {name: share / total for name, share in weighed.items()}
