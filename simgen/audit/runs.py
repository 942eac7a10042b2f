"""Masks as runs of pixels, compared without being painted.

A mask's pixels are counted down the columns, as COCO does. Runs of one mask never touch, so two
masks are the same if their runs are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np


@dataclass(frozen=True, eq=False)
class Runs:
    """The masks of `count` objects in one image.

    Attributes:
        owner: (R,) int64, rising: whose run it is.
        start, stop: (R,) int64, pixels counted down the columns; rising for each owner.
        size: (height, width).
    """

    owner: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    count: int
    size: tuple[int, int]

    @classmethod
    def of_map(cls, instance: np.ndarray) -> tuple["Runs", np.ndarray]:
        """Returns the masks of each id but 0 in an id map, and (N,) their ids, rising."""
        flat = cv2.transpose(instance).ravel()
        cuts = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        start, stop = np.append(0, cuts), np.append(cuts, flat.size)
        value = flat[start]
        order = np.argsort(value, kind="stable")
        order = order[np.searchsorted(value[order], 1) :]
        value = value[order].astype(int)
        new = np.diff(value, prepend=0) > 0
        ids = value[new]
        return cls(new.cumsum() - 1, start[order], stop[order], len(ids), instance.shape), ids

    @cached_property
    def areas(self) -> np.ndarray:
        """(N,) pixels."""
        return np.bincount(self.owner, self.stop - self.start, self.count).astype(int)

    @cached_property
    def boxes(self) -> np.ndarray:
        """(N, 4) x, y, w, h: each mask's extent; zeros for an empty one."""
        height = self.size[0]
        left, top = np.divmod(self.start, height)
        right, bottom = np.divmod(self.stop - 1, height)
        wraps = right > left
        top, bottom = np.where(wraps, 0, top), np.where(wraps, height - 1, bottom)
        boxes = np.zeros((self.count, 4), int)
        some, first = np.unique(self.owner, return_index=True)
        if len(some):
            x, y = np.minimum.reduceat(left, first), np.minimum.reduceat(top, first)
            w = np.maximum.reduceat(right, first) + 1 - x
            h = np.maximum.reduceat(bottom, first) + 1 - y
            boxes[some] = np.stack([x, y, w, h], 1)
        return boxes

    def pick(self, objects: Sequence[int]) -> "Runs":
        """Returns the masks of some objects, in the order given; -1 stands for an empty one."""
        objects = np.asarray(objects, int).reshape(-1)
        first = np.searchsorted(self.owner, objects)
        length = np.searchsorted(self.owner, objects, "right") - first
        owner = np.repeat(np.arange(len(objects)), length)
        at = np.arange(len(owner)) + np.repeat(first - np.cumsum(length) + length, length)
        return Runs(owner, self.start[at], self.stop[at], len(objects), self.size)

    def same(self, other: "Runs") -> np.ndarray:
        """Returns (N,) bool: whose masks are the same in both."""
        here = np.bincount(self.owner, minlength=self.count)
        there = np.bincount(other.owner, minlength=self.count)
        same = here == there
        mine, its = same[self.owner], same[other.owner]
        differ = (self.start[mine] != other.start[its]) | (self.stop[mine] != other.stop[its])
        same[self.owner[mine][differ]] = False
        return same

    def inside(self, other: "Runs") -> np.ndarray:
        """Returns (N,) bool: whose masks lie within the other's."""
        pixels = self.size[0] * self.size[1] + 1
        starts = np.append(-1, other.start + other.owner * pixels)
        stops = np.append(-1, other.stop + other.owner * pixels)
        around = np.searchsorted(starts, self.start + self.owner * pixels, "right") - 1
        within = np.ones(self.count, bool)
        within[self.owner[self.stop + self.owner * pixels > stops[around]]] = False
        return within

    def sample(
        self, most: int, rng: np.random.Generator | None = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns owner, row and column of up to `most` pixels of each mask: evenly spread, or,
        with an `rng`, one from each of as many equal parts of it."""
        count = np.minimum(self.areas, most)
        owner = np.repeat(np.arange(self.count), count)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        before = np.cumsum(self.areas) - self.areas
        share = place / np.maximum(count - 1, 1)[owner]
        nth = np.rint(share * (self.areas - 1)[owner]).astype(int)
        if rng is not None:
            part = (place + rng.random(len(place))) / count[owner]
            nth = np.minimum((part * self.areas[owner]).astype(int), self.areas[owner] - 1)
        nth += before[owner]
        length = self.stop - self.start
        ends = length.cumsum()
        run = np.searchsorted(ends, nth, "right")
        column, row = np.divmod(self.stop[run] - (ends[run] - nth), self.size[0])
        return owner, row, column

    def mask(self, i: int) -> np.ndarray:
        """Returns one mask, (height, width) bool."""
        mine = self.owner == i
        change = np.zeros(self.size[0] * self.size[1] + 1, np.int8)
        change[self.start[mine]] += 1
        change[self.stop[mine]] -= 1
        return change[:-1].cumsum().astype(bool).reshape(self.size[::-1]).T
