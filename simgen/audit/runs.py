"""Masks as runs of pixels: read from COCO's run lengths without a call into C, and compared.

A mask's pixels are counted down the columns, as COCO does. Runs of one mask never touch, so two
masks are the same if their runs are. A stranger's file can hold any text: what is malformed is told
apart here, before anything is sized by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import cv2
import numpy as np

_GROUPS = 6  # of five bits: run lengths up to 2^29, more pixels than any image here


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

    def sample(self, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns owner, row and column of up to `most` pixels of each mask, evenly spread."""
        count = np.minimum(self.areas, most)
        owner = np.repeat(np.arange(self.count), count)
        place = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
        before = np.cumsum(self.areas) - self.areas
        share = place / np.maximum(count - 1, 1)[owner]
        nth = before[owner] + np.rint(share * (self.areas - 1)[owner]).astype(int)
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


def parse(rles: Sequence[Any], size: tuple[int, int]) -> tuple[Runs, dict[int, str]]:
    """Returns the masks of N run-length codes, and what is wrong with those that are malformed.

    A code is (size, counts), counts COCO's compressed text or a list of whole numbers. A malformed
    one's mask is empty.
    """
    flaws: dict[int, str] = {}
    length, count = _all_at_once(rles, size) or _one_by_one(rles, size, flaws)
    ends = length.cumsum()
    before = np.repeat(np.append(0, ends)[np.cumsum(count) - count], count)
    place = np.arange(len(length)) - np.repeat(np.cumsum(count) - count, count)
    shown = (place % 2 == 1) & (length > 0)
    stop = (ends - before)[shown]
    owner = np.repeat(np.arange(len(rles)), count)[shown]
    return _joined(Runs(owner, stop - length[shown], stop, len(rles), size)), flaws


def _joined(runs: Runs) -> Runs:
    """Returns the runs with those that touch made one."""
    touch = (runs.start[1:] == runs.stop[:-1]) & (runs.owner[1:] == runs.owner[:-1])
    if not touch.any():
        return runs
    first, last = np.append(True, ~touch), np.append(~touch, True)
    return Runs(runs.owner[first], runs.start[first], runs.stop[last], runs.count, runs.size)


def _all_at_once(
    rles: Sequence[Any], size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns all run lengths, and how many each code has; None if anything at all is wrong."""
    if not all(type(counts) is str and _is_size(given, size) for given, counts in rles):
        return None
    text = "".join(counts for _, counts in rles)
    ends = np.cumsum([len(counts) for _, counts in rles])
    codes = _codes(text)
    starts = np.append(0, ends)[:-1]
    if not codes.size or (starts == ends).any() or codes.min() < 0 or codes.max() > 63:
        return None
    last = np.flatnonzero(codes < 32)
    stops = np.searchsorted(last, ends)
    value = _values(codes, last)
    if value is None or (codes[ends - 1] > 31).any():
        return None
    count = np.diff(stops, prepend=0)
    place = np.arange(len(value)) - np.repeat(stops - count, count)
    for which in (place % 2 == 1, (place % 2 == 0) & (place > 0)):
        total = np.append(0, np.where(which, value, 0).cumsum())
        value[which] = (total[1:] - np.repeat(total[stops - count], count))[which]
    sums = np.add.reduceat(value, stops - count)
    return (value, count) if value.min() >= 0 and (sums == size[0] * size[1]).all() else None


def _one_by_one(
    rles: Sequence[Any], size: tuple[int, int], flaws: dict[int, str]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the same where some are malformed: those have no runs, and a flaw."""
    lengths = [_lengths(i, *rle, size, flaws) for i, rle in enumerate(rles)]
    count = np.array([len(each) for each in lengths], int)
    return np.concatenate([np.empty(0, int), *lengths]), count


def _lengths(
    i: int, claimed: Any, counts: Any, size: tuple[int, int], flaws: dict[int, str]
) -> np.ndarray:
    """Returns run lengths that add up to the image's pixels; none, and a flaw, if they do not."""
    try:
        if not _is_size(claimed, size):
            raise ValueError(f"its size is {str(claimed)[:80]}, the image's {list(size)}")
        lengths = _decompressed(counts) if isinstance(counts, str) else _listed(counts)
        if (lengths < 0).any():
            raise ValueError("it has a negative run length")
        if (total := int(lengths.sum())) != size[0] * size[1]:
            raise ValueError(f"its runs cover {total} pixels, the image has {size[0] * size[1]}")
    except (TypeError, ValueError) as error:
        flaws[i] = str(error)
        return np.empty(0, int)
    return lengths


def _is_size(claimed: Any, size: tuple[int, int]) -> bool:
    return isinstance(claimed, list | tuple) and list(claimed) == list(size)


def _listed(counts: Any) -> np.ndarray:
    if not isinstance(counts, list | tuple) or not all(
        type(n) is int and 0 <= n < 1 << 31 for n in counts
    ):
        raise ValueError("its counts are neither compressed text nor a list of whole numbers")
    return np.array(counts, int)


def _decompressed(text: str) -> np.ndarray:
    """Returns the run lengths in COCO's text: five bits a letter, from the third on differences."""
    codes = _codes(text)
    if not codes.size:
        raise ValueError("its counts are empty")
    if codes.min() < 0 or codes.max() > 63 or codes[-1] & 32:
        raise ValueError("its counts are no compressed run lengths")
    value = _values(codes, np.flatnonzero(codes < 32))
    if value is None:
        raise ValueError("it has a run longer than any image")
    for first in (1, 2):
        value[first::2] = value[first::2].cumsum()
    return value


def _codes(text: str) -> np.ndarray:
    """Returns what each letter stands for, below 0 or above 63 for those that stand for nothing.

    A letter that is not ASCII becomes several, "&" first, which stands for nothing.
    """
    return np.frombuffer(text.encode("ascii", "xmlcharrefreplace"), np.uint8).astype(int) - 48


def _values(codes: np.ndarray, last: np.ndarray) -> np.ndarray | None:
    """Returns the numbers that end at these letters, signed; None if one is too large for any."""
    first = np.append(0, last[:-1] + 1)
    groups = last - first + 1
    if not len(last) or groups.max() > _GROUPS:
        return None
    place = np.arange(last[-1] + 1) - np.repeat(first, groups)
    value = np.add.reduceat((codes[: last[-1] + 1] & 31) << 5 * place, first)
    return value - ((codes[last] >> 4 & 1) << 5 * groups)
