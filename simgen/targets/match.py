"""A labelled dataset to follow: how many objects its pictures show, how large and where."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from simgen.errors import SimgenError
from simgen.targets.goals import Shares
from simgen.targets.shown import Shown
from simgen.targets.wanted import Box

BINS = 8  # of width, height and aspect, each with as many objects of the reference
SPLITS = 5  # of the joint distribution: 2 ** SPLITS cells of boxes that are alike
KEY = "match"


@dataclass(frozen=True)
class Picture:
    """The boxes of one picture, as shares of its size, and its width by its height."""

    boxes: tuple[Box, ...]
    aspect: float


@dataclass(frozen=True, eq=False)
class Reference:
    """The boxes of a COCO file.

    Attributes:
        pictures: those alike stand together.
        digest: SHA-256 of the file.
    """

    path: str
    pictures: tuple[Picture, ...]
    digest: str

    @classmethod
    def load(cls, path: str) -> "Reference":
        """Returns the boxes of a file.

        Raises:
            SimgenError: it cannot be read, or is no COCO file with boxes.
        """
        try:
            data = Path(path).expanduser().read_bytes()
        except OSError as error:
            raise SimgenError(f"match={path}: {error.strerror}; give a COCO file") from error
        try:
            pictures = _pictures(json.loads(data))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error).splitlines()[0]
            raise SimgenError(f"match={path} is no COCO file of boxes: {reason}") from error
        return cls(path, tuple(sorted(pictures, key=_likeness)), sha256(data).hexdigest())

    def picture(self, point: float) -> Picture:
        """Returns one picture; points spread evenly over [0, 1) give all alike."""
        return self.pictures[int(point * len(self.pictures))]

    @cached_property
    def boxes(self) -> np.ndarray:
        """(N, 4) of all objects."""
        return np.array([box for picture in self.pictures for box in picture.boxes], float)

    def goals(self) -> tuple[Shares, ...]:
        """Returns the shares that pictures have which follow the reference."""
        return (self._number(), *map(self._marginal, MARGINALS), self._joint())

    def _number(self) -> Shares:
        numbers = np.array([len(picture.boxes) for picture in self.pictures])
        known, count = np.unique(numbers, return_counts=True)

        def counts(shown: Shown) -> np.ndarray:
            here = known == len(shown.box)
            return np.append(here, not here.any()).astype(float)

        names = (*(f"{n} objects" for n in known), "another number")
        return Shares(f"{KEY}.objects", names, np.append(count / count.sum(), 0.0), counts, True)

    def _marginal(self, name: str) -> Shares:
        edges = np.unique(np.quantile(MARGINALS[name](self.boxes), np.linspace(0, 1, BINS + 1)))
        inner = edges[1:-1]

        def counts(boxes: np.ndarray) -> np.ndarray:
            values = MARGINALS[name](boxes)
            place = np.searchsorted(inner, values, side="right")
            return np.bincount(place, minlength=len(inner) + 1).astype(float)

        names = tuple(f"{name} {k + 1} of {len(inner) + 1}" for k in range(len(inner) + 1))
        shares = counts(self.boxes) / len(self.boxes)
        return Shares(f"{KEY}.{name}", names, shares, lambda shown: counts(shown.relative), True)

    def _joint(self) -> Shares:
        """Returns cells of a tree that halves the reference by its widest spread, again and again:
        boxes in one cell are alike in size and position."""
        cells = _halved(_features(self.boxes), SPLITS)
        planes = np.array([cell for cell, _ in cells])
        shares = np.array([count for _, count in cells]) / len(self.boxes)

        def counts(shown: Shown) -> np.ndarray:
            features = _features(shown.relative)[:, None]
            inside = ((planes[:, 0] <= features) & (features < planes[:, 1])).all(2)
            return inside.sum(0).astype(float)

        return Shares(
            f"{KEY}.joint", tuple(f"cell {k}" for k in range(len(cells))), shares, counts, True
        )


MARGINALS = {
    "width": lambda boxes: boxes[:, 2],
    "height": lambda boxes: boxes[:, 3],
    "aspect": lambda boxes: boxes[:, 2] / boxes[:, 3],
}


def misfit(shown: Shown, wanted: Sequence[Box]) -> float:
    """Returns how far a picture's boxes are from wanted ones: the mean distance of pairs that
    belong together, in shares of the picture; an object too many or too few counts 1."""
    ours, theirs = shown.relative, np.array(wanted, float).reshape(-1, 4)
    if not len(ours) or not len(theirs):
        return float(len(ours) != len(theirs))
    cost = np.abs(ours[:, None] - theirs).sum(2)
    pairs = linear_sum_assignment(cost)
    return float((cost[pairs].sum() + abs(len(ours) - len(theirs))) / max(len(ours), len(theirs)))


def _pictures(coco: Any) -> list[Picture]:
    sizes = {image["id"]: (image["width"], image["height"]) for image in coco["images"]}
    found: dict[Any, list[Box]] = {i: [] for i in sizes}
    for annotation in coco["annotations"]:
        if annotation.get("iscrowd"):
            continue
        if annotation["image_id"] not in sizes:
            raise ValueError(f"annotation {annotation['id']} is of no image of the file")
        width, height = sizes[annotation["image_id"]]
        x, y, w, h = (float(value) for value in annotation["bbox"])
        box = (x / width, y / height, w / width, h / height)
        if not (np.isfinite(box).all() and w > 0 and h > 0):
            raise ValueError(f"bbox {annotation['bbox']} of image {annotation['image_id']}")
        found[annotation["image_id"]].append(box)
    if not any(found.values()):
        raise ValueError("it has no boxes")
    return [Picture(tuple(found[i]), width / height) for i, (width, height) in sizes.items()]


def _likeness(picture: Picture) -> tuple:
    """Returns what to sort pictures by: their number of objects, then how large these are."""
    sizes = sum(w * h for _, _, w, h in picture.boxes)
    return len(picture.boxes), sizes, picture.boxes, picture.aspect


def _features(boxes: np.ndarray) -> np.ndarray:
    """Returns (N, 4): the logarithms of width and height, the middle, in comparable units."""
    size = np.log(np.maximum(boxes[:, 2:], 1e-6))
    return np.hstack([size, 2 * (boxes[:, :2] + boxes[:, 2:] / 2)])


def _halved(features: np.ndarray, times: int) -> list[tuple[np.ndarray, int]]:
    """Returns cells, (2, 4) lower and upper bounds, and how many of the features each holds."""
    cells = [(np.array([[-np.inf] * 4, [np.inf] * 4]), features)]
    for _ in range(times):
        cells = [half for cell, inside in cells for half in _halves(cell, inside)]
    return [(cell, len(inside)) for cell, inside in cells]


def _halves(cell: np.ndarray, inside: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    axis = int(np.ptp(inside, axis=0).argmax()) if len(inside) else 0
    middle = float(np.median(inside[:, axis])) if len(inside) else 0.0
    below, above = cell.copy(), cell.copy()
    below[1, axis] = above[0, axis] = middle
    left = inside[:, axis] < middle
    if len(inside) < 2 or left.all() or not left.any():
        return [(cell, inside)]
    return [(below, inside[left]), (above, inside[~left])]
