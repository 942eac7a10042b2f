"""How often chance alone makes a part of the pictures as weak as it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.evaluate.matching import Matching

_AT_ONCE = 500  # shuffles


@dataclass(frozen=True, eq=False)
class Part:
    """Some pictures, or some boxes, among those with a known value.

    Attributes:
        members, known: (P,) or (B,) bool.
        of_boxes: whether it is boxes that they tell of.
    """

    members: np.ndarray
    known: np.ndarray
    of_boxes: bool = False

    def ap50(self, matching: Matching, weights: np.ndarray) -> np.ndarray:
        """Returns AP50 of this part for weights (R, P) of the pictures; (R,), nan where unknown."""
        return _ap50(matching, weights, self.members[None], self.of_boxes)


def chances(
    matching: Matching, parts: Sequence[Part], shuffles: int, rng: np.random.Generator
) -> np.ndarray:
    """Returns the p-value of each part: how often a part dealt out at random has no higher AP50.

    The values are dealt to the pictures in another order. A picture's boxes keep together: values
    of boxes are dealt in the order of shuffled pictures, so that boxes which are alike because they
    are in one picture don't count as so many witnesses.
    """
    keys = rng.random((shuffles, matching.pictures), np.float32)
    dealt: dict[tuple, np.ndarray] = {}  # AP50s of pictures depend on how many they are alone
    found = []
    for number, part in enumerate(parts):
        key = number if part.of_boxes else (part.members.sum(), part.known.tobytes())
        if key not in dealt:
            dealt[key] = _dealt(matching, part, keys)
        value = part.ap50(matching, np.ones((1, matching.pictures)))[0]
        found.append((1 + (dealt[key] <= value + 1e-9).sum()) / (1 + shuffles))
    return np.array(found)


def holm(p: np.ndarray) -> np.ndarray:
    """Returns p-values that hold for all of them together (Holm, "A simple sequentially rejective
    multiple test procedure", 1979)."""
    order = np.argsort(p)
    scaled = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(scaled))
    return adjusted


def _dealt(matching: Matching, part: Part, keys: np.ndarray) -> np.ndarray:
    blocks = range(0, len(keys), _AT_ONCE)
    return np.concatenate([_block(matching, part, keys[i : i + _AT_ONCE]) for i in blocks])


def _block(matching: Matching, part: Part, keys: np.ndarray) -> np.ndarray:
    owner = matching.owner if part.of_boxes else np.arange(matching.pictures)
    order = np.argsort(keys[:, owner[part.known]], axis=1, kind="stable")
    members = np.zeros((len(keys), len(owner)), bool)
    members[:, part.known] = part.members[part.known][order]
    return _ap50(matching, np.ones_like(keys), members, part.of_boxes)


def _ap50(
    matching: Matching, weights: np.ndarray, members: np.ndarray, of_boxes: bool
) -> np.ndarray:
    return matching.ap50(weights, members) if of_boxes else matching.ap50(weights * members)
