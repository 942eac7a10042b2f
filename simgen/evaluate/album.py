"""Pictures that training comes back to: decoded once, no larger than it can use."""

from dataclasses import dataclass

import cv2
import numpy as np

from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures

_ROOM = 2**30  # bytes of decoded pictures that are kept; the rest are decoded anew
_ASKED = 64  # pictures that say which shape most of them have
_MOST = 0.8  # of them fit at full size


@dataclass(frozen=True, eq=False)
class Decoded:
    """A picture's (H, W, 3) uint8 RGB pixels, maybe shrunk, and the file's own height, width."""

    pixels: np.ndarray
    shape: tuple[int, int]

    @property
    def from_file(self) -> tuple[float, float]:
        """How many of its pixels one of the file's is wide and high."""
        height, width = self.pixels.shape[:2]
        return width / self.shape[1], height / self.shape[0]

    def shrunk(self, scale: float) -> "Decoded":
        """Returns it averaged down to `scale` of the file's size, or itself if it is no larger."""
        width, height = (max(round(side * scale), 1) for side in self.shape[::-1])
        if max(height, width) >= max(self.pixels.shape[:2]):
            return self
        small = cv2.resize(self.pixels, (width, height), interpolation=cv2.INTER_AREA)
        return Decoded(small, self.shape)


class Album:
    """Reads pictures, and keeps what it read while there is room.

    Args:
        longest: pixels of the longer side that pictures are shrunk to, if they are larger.
    """

    def __init__(self, longest: int, room: int = _ROOM):
        self._longest, self._room = longest, room
        self._kept: dict[Picture, Decoded] = {}

    def read(self, picture: Picture) -> Decoded:
        """Returns a picture; raises Unreadable."""
        found = self._kept.get(picture)
        if found is None:
            found = decoded(picture)
            found = found.shrunk(self._longest / max(found.shape))
            if found.pixels.nbytes <= self._room:
                self._room -= found.pixels.nbytes
                self._kept[picture] = found
        return found


def decoded(picture: Picture) -> Decoded:
    """Returns a whole picture; raises Unreadable."""
    pixels = picture.read()
    return Decoded(pixels, pixels.shape[:2])


def canvas(pictures: Pictures, size: int, step: int = 32) -> tuple[int, int]:
    """Returns height and width, multiples of `step`, that hold most of the pictures once their
    longer side is `size` pixels: what they leave empty would cost as much as what they show."""
    some = pictures.pictures[:: -(-len(pictures) // _ASKED)]
    shapes = np.array([p.read().shape[:2] for p in some])
    sides = np.quantile(shapes * size / shapes.max(1, keepdims=True), _MOST, axis=0)
    return tuple(_up(float(side), step) for side in sides)


def _up(side: float, step: int) -> int:
    return step * max(1, int(np.ceil(round(side, 3) / step)))
