"""The images themselves: of the right size, and of something."""

from collections.abc import Iterator

import cv2
import numpy as np

from simgen.audit.finding import ERROR, WARNING, Case, check, fine, wrong
from simgen.audit.frame import Frame

DARK, BRIGHT = 4, 251  # 8-bit levels that count as black and as blown
MOST_BLACK, MOST_BLOWN = 0.9, 0.5  # shares of a picture
MOST_PINK = 2e-3
_FLAT = 2.0  # standard deviation of an image that shows nothing, in 8-bit levels


@check(file="image")
def image(frame: Frame) -> Iterator[Case]:
    """Each frame's image can be found."""
    if frame.layers.image:
        yield fine(1)
    else:
        yield wrong("no file name", file=frame.file("annotations"), expected="file_name")


@check("image", file="image")
def image_size(frame: Frame) -> Iterator[Case]:
    """Each image has the size that its labels were made for."""
    found = frame.layers.pixels.shape[:2]
    if found == tuple(frame.size):
        yield fine(1)
        return
    turned = found == tuple(frame.size)[::-1]
    text = "{1}x{0}, its labels are for {3}x{2}".format(*found, *frame.size)
    text += "; a viewer that heeds the EXIF orientation turns it" * turned
    expected, severity = list(frame.size[::-1]), WARNING if turned and not frame.record else ERROR
    yield wrong(text, expected=expected, found=list(found[::-1]), severity=severity)


@check("image", file="image")
def image_shows(frame: Frame) -> Iterator[Case]:
    """Each image shows something: it is not of one colour, black or blown out."""
    spread = float(cv2.meanStdDev(frame.layers.grey)[1][0, 0])
    counts = cv2.calcHist([frame.layers.grey], [0], None, [256], [0, 256]).ravel()
    level = counts.cumsum(dtype=float) / frame.layers.grey.size
    black, blown = level[DARK], 1 - level[BRIGHT - 1]
    if spread < _FLAT:
        yield wrong(f"it is of one colour: standard deviation {spread:.2f} of 255", found=spread)
    elif black > MOST_BLACK:
        yield wrong(f"{black:.0%} of it is black", expected=f"<= {MOST_BLACK}", found=float(black))
    elif blown > MOST_BLOWN:
        severity = ERROR if frame.record else WARNING
        yield wrong(f"{blown:.0%} of it is blown out", expected=f"<= {MOST_BLOWN}",
                    found=float(blown), severity=severity)  # fmt: skip
    else:
        yield fine(1)


@check("image", file="image")
def image_pink(frame: Frame) -> Iterator[Case]:
    """No image shows the pink that Blender paints where a texture is missing."""
    blue, green, red = cv2.split(frame.layers.pixels)
    weaker, stronger = cv2.min(blue, red), cv2.max(blue, red)
    pink = (weaker >= 100) & (green < weaker // 12) & (weaker > stronger // 4 * 3)
    whole = cv2.erode(pink.astype(np.uint8), np.ones((3, 3), np.uint8))  # noise is not
    share = np.count_nonzero(whole) / whole.size
    if share <= MOST_PINK:
        yield fine(1, share)
    else:
        severity = ERROR if frame.record else WARNING
        text = f"{share:.1%} of it is magenta, as where a texture is missing"
        yield wrong(text, expected=f"<= {MOST_PINK}", found=share, off=share, severity=severity)
