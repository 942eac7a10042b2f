"""Frames that show the same: to the last byte, or to the eye."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from simgen.audit.finding import WARNING, Case, check, fine, wrong
from simgen.audit.frame import Frame

SIDE = 16  # of the thumbnails that are compared, pixels
SAME = 2.0  # mean difference of two thumbnails, in 8-bit levels, and
ALIKE = 0.995  # their correlation: both must hold for two frames to look the same
_BANDS = 4  # of 16 bits each: hashes that differ in fewer than 4 bits agree on one


class Look(NamedTuple):
    """What is kept of an image.

    Attributes:
        hash: 64 bits: is each pixel of a 9x8 thumbnail brighter than its left neighbour
            (difference hash, Krawetz 2013).
    """

    file: str
    digest: str
    hash: int
    thumbnail: bytes


def _compared(notes: Sequence[tuple[Any, Look]]) -> Iterator[Case]:
    first: dict[str, Look] = {}
    left = []
    for number, look in notes:
        other = first.setdefault(look.digest, look)
        if other is look:
            left.append((number, look))
        else:
            text = f"the same bytes as {other.file}"
            yield wrong(text, file=look.file, frame=number, found=other.file)
    yield from _near(left)


@check("image", file="image", conclude=_compared)
def duplicates(frame: Frame) -> Look:
    """No two frames have the same image, or images that look the same."""
    tiny = cv2.resize(frame.layers.grey, (9, 8), interpolation=cv2.INTER_AREA)
    bits = np.packbits(tiny[:, 1:] > tiny[:, :-1]).tobytes()
    small = cv2.resize(frame.layers.grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    digest = frame.layers.digest(frame.layers.image)
    return Look(frame.layers.image, digest, int.from_bytes(bits, "big"), small.tobytes())


def _near(notes: Sequence[tuple[Any, Look]]) -> Iterator[Case]:
    """Yields each frame that looks like an earlier one.

    Only frames whose hashes agree on one of four bands are held against each other: all pairs
    would be too many.
    """
    buckets: list[dict[int, list[int]]] = [defaultdict(list) for _ in range(_BANDS)]
    looks = np.array([np.frombuffer(look.thumbnail, np.uint8) for _, look in notes])
    for i, (number, look) in enumerate(notes):
        bands = [look.hash >> 16 * band & 0xFFFF for band in range(_BANDS)]
        met = sorted({j for band, table in zip(bands, buckets) for j in table[band]})
        twin = next((j for j in _alike(looks[i], looks, met)), None)
        if twin is None:
            yield fine(1)
        else:
            other = notes[twin][1].file
            yield wrong(f"looks the same as {other}", file=look.file, frame=number, found=other,
                        severity=WARNING)  # fmt: skip
        for band, table in zip(bands, buckets):
            table[band].append(i)


def _alike(one: np.ndarray, looks: np.ndarray, met: list[int]) -> Iterator[int]:
    near = np.abs(looks[met] - one.astype(np.float32)).mean(1) < SAME
    for j in np.array(met, int)[near].tolist():
        a, b = one - one.mean(), looks[j] - looks[j].mean()
        if a @ b > ALIKE * np.sqrt((a @ a) * (b @ b)):
            yield j
