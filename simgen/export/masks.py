"""Masks of labels as pixels."""

import numpy as np

from simgen.frame import Rle
from simgen.truth.rle import decode


def cropped(mask: Rle, box: tuple[int, int, int, int]) -> np.ndarray:
    """Returns the (h, w) bool part of a mask that its box (x, y, w, h) holds: all of its pixels."""
    x, y, w, h = box
    return decode(mask)[y : y + h, x : x + w]
