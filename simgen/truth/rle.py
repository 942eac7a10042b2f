"""COCO's compressed run lengths of exact masks."""

import numpy as np
from pycocotools import mask as coco

from simgen.frame import Rle


def encode(crop: np.ndarray, x: int, y: int, size: tuple[int, int]) -> Rle:
    """Returns the run lengths of a (h, w) bool mask, holes and all, that lies in a frame.

    Args:
        x, y: the column and row of the crop's first pixel.
        size: (height, width) of the frame.
    """
    h, w = crop.shape
    columns = np.zeros(size[::-1], np.uint8)  # COCO counts down the columns
    columns[x : x + w, y : y + h] = crop.T
    return Rle((int(size[0]), int(size[1])), coco.encode(columns.T)["counts"].decode("ascii"))


def decode(rle: Rle) -> np.ndarray:
    """Returns the (height, width) bool mask."""
    return coco.decode({"size": list(rle.size), "counts": rle.counts}).astype(bool)
