"""What the targets would have one frame show, for scenes and randomizers that can be steered.

One that can takes an argument `wanted` last: `sample(rng, wanted)`, `__call__(spec, rng, wanted)`,
with None as its default, which means: as it comes. It takes from it what it can and ignores the
rest; what is left to do is done by choosing between proposals.
"""

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
            come than they would by themselves; 1 for those left out.
        categories: a sequence of category names of which every stretch holds each about as often as
            is wanted: the k-th object that may be of any category should be of
            categories[k % len(categories)]. Empty: as it comes.
        count: labelled objects in the picture; None: as it comes.
        boxes: (x, y, w, h) of each object in one picture of the dataset to match, as shares of the
            picture's width and height, x and y of the upper left corner, those in front first;
            `count` is their number. None: as it comes.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    count: int | None = None
    boxes: tuple[Box, ...] | None = None

    def weight(self, category: str) -> float:
        """Returns the category's weight, 1 if there is none."""
        return self.weights.get(category, 1.0)


def steerable(hook: Callable[..., Any]) -> bool:
    """Tells whether a scene's `sample` or a randomizer takes what is wanted."""
    try:
        return "wanted" in signature(hook).parameters
    except (TypeError, ValueError):
        return False


def tilted(number: Any, weight: float, rng: np.random.Generator) -> Any:
    """Returns a sample of a number or distribution, larger (weight > 1) or smaller (< 1) than by
    itself, but never beyond its bounds: n is weight ** n times as likely."""
    drawn = [draw(number, rng) for _ in range(TRIES)]
    likely = weight ** (np.array(drawn, float) - max(drawn) * (weight > 1))
    return drawn[int(rng.choice(TRIES, p=likely / likely.sum()))]


def reweighted(shares: Mapping[str, float], wanted: Wanted | None) -> dict[str, float]:
    """Returns shares times their categories' weights, again with a sum of 1.

    Args:
        shares: probability by category; one that is no category's stays as likely.
    """
    weighed = {
        name: share * (wanted.weight(name) if wanted else 1) for name, share in shares.items()
    }
    total = sum(weighed.values())
    return {name: share / total for name, share in weighed.items()}
