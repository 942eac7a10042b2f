"""What of a picture is compared: the whole of it, or the objects in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

import numpy as np

from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures

MARGIN = 0.1  # of a box's width and height, of the surroundings, on each side
SMALLEST_PX = 8  # less of an object has no look


@dataclass(frozen=True, eq=False)
class Subject:
    """A picture as a whole, or parts of it.

    Attributes:
        boxes: (N, 4) float32, x, y, width, height in pixels; None for the whole.
    """

    picture: Picture
    boxes: np.ndarray | None = None

    @cached_property
    def key(self) -> str:
        """SHA-256 of what is seen: equal subjects look the same."""
        total = sha256(self.picture.seen.encode())
        if self.boxes is not None:
            total.update(f"{MARGIN} {SMALLEST_PX}".encode() + self.boxes.tobytes())
        return total.hexdigest()

    def read(self) -> list[np.ndarray]:
        """Returns (H, W, 3) uint8 RGB each, but for boxes of which too little is in the picture.

        Raises:
            Unreadable: the file is missing or no picture.
        """
        pixels = self.picture.read()
        if self.boxes is None:
            return [pixels]
        parts = (_part(pixels, box) for box in self.boxes)
        return [part for part in parts if min(part.shape[:2]) >= SMALLEST_PX]


def wholes(pictures: Pictures) -> list[Subject]:
    """Returns each picture as a whole."""
    return [Subject(picture) for picture in pictures.pictures]


def objects(pictures: Pictures, most: int, rng: np.random.Generator) -> list[Subject]:
    """Returns the labelled objects, crowds left out: those of some pictures if there are too many.

    Args:
        most: pictures are taken in a random order until they have so many objects.
    """
    found, count = [], 0
    for i in rng.permutation(len(pictures)):
        picture = pictures.pictures[i]
        boxes = picture.boxes[~picture.crowd & (picture.boxes[:, 2:].min(1) >= SMALLEST_PX)]
        if len(boxes) and count < most:
            found.append(Subject(picture, boxes[: most - count]))
            count += len(found[-1].boxes)
    return found


def _part(pixels: np.ndarray, box: Sequence[float]) -> np.ndarray:
    x, y, width, height = box
    low = np.floor([x - MARGIN * width, y - MARGIN * height]).clip(0)
    high = np.ceil([x + (1 + MARGIN) * width, y + (1 + MARGIN) * height]).clip(0)
    (left, top), (right, bottom) = low.astype(int), high.astype(int)
    return pixels[top:bottom, left:right]
