"""A picture as its file stores it, or turned as its EXIF data asks: boxes are of one of the two.

Labels are of the pixels as stored (so pycocotools' and torchvision's readers have it), unless the
size that they state tells that whoever labelled the picture saw it turned.
"""

import re

import cv2
import numpy as np

Size = tuple[float, float]  # width, height in pixels
_TURNED = cv2.IMREAD_COLOR
_STORED = cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
# EXIF's tag 0x0112, one SHORT, of 2 to 8, in either order of bytes; chance makes it elsewhere too.
_ASKS = re.compile(
    rb"\x12\x01\x03\x00\x01\x00\x00\x00[\x02-\x08]\x00"
    rb"|\x01\x12\x00\x03\x00\x00\x00\x01\x00[\x02-\x08]"
)


def as_seen(data: bytes) -> np.ndarray | None:
    """Returns (H, W, 3) uint8 BGR, turned as the file asks; None where it is no picture."""
    return cv2.imdecode(np.frombuffer(data, np.uint8), _TURNED) if data else None


def as_labelled(data: bytes, size: Size | None = None) -> np.ndarray | None:
    """Returns (H, W, 3) uint8 BGR, the pixels that labels are of; None where it is no picture.

    Args:
        size: that the labels state. Where it fits the turned picture alone, that is returned, else
            the stored one.
    """
    stored = cv2.imdecode(np.frombuffer(data, np.uint8), _STORED) if data else None
    if stored is None or size in (None, stored.shape[1::-1]):
        return stored
    turned = as_seen(data)
    return turned if turned.shape[1::-1] == size else stored


def left_lying(data: bytes, size: Size | None) -> bool:
    """Tells whether a file asks for a turn that `as_labelled` leaves out."""
    return bool(_ASKS.search(data)) and not np.array_equal(as_labelled(data, size), as_seen(data))
