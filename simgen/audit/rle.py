"""COCO's run-length codes, read in NumPy.

What is malformed is told before anything is sized by it: no text of a stranger's reaches code in C.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from simgen.audit.runs import Runs

_GROUPS = 6  # of five bits: run lengths up to 2^29, more pixels than any image here


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
