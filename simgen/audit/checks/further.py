"""A frame's further pictures: taken back by flow or disparity, each shows what the first shows.

A pixel's point is in the further picture where flow or disparity says. The first picture's own
contrast over that distance is the scale: if the further picture is the first again, it is as far
off as that, and one of another frame is farther still.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.frame import Frame

CONTRAST = 20  # 8-bit levels between a pixel and where it moves to that can be told from noise
LEAST = 200  # pixels of such contrast below which a picture is not judged
MOST = 0.6  # of that contrast; 0.3 and less in renders of simgen's, 1 in a picture of no motion


@check("record", "image", "flow", "flow_valid", file="flow", unit="of the contrast")
def later_picture(frame: Frame) -> Iterator[Case]:
    """The later picture shows what the optical flow leads to."""
    valid = frame.layers.map("flow_valid") > 0
    yield from _follows(frame, "images_next", frame.layers.flow, valid)


@check("record", "image", "disparity", "disparity_valid", file="disparity", unit="of the contrast")
def right_picture(frame: Frame) -> Iterator[Case]:
    """The right-hand picture shows what the disparity leads to."""
    valid = frame.layers.map("disparity_valid") > 0
    left = -frame.layers.disparity
    yield from _follows(frame, "images_right", np.stack([left, np.zeros_like(left)], -1), valid)


def _follows(frame: Frame, name: str, shift: np.ndarray, valid: np.ndarray) -> Iterator[Case]:
    if name not in frame.layers.paths:
        return
    grey = frame.layers.grey
    further = cv2.cvtColor(frame.layers.picture(name), cv2.COLOR_BGR2GRAY)
    if not grey.shape == further.shape == valid.shape:
        return  # which image_size and further_pictures tell
    unmoved, moved = (np.abs(_taken(picture, shift) - grey) for picture in (grey, further))
    judged = valid & (unmoved >= CONTRAST)
    if np.count_nonzero(judged) < LEAST:
        return
    off = float(np.median(moved[judged]) / np.median(unmoved[judged]))
    if off <= MOST:
        yield fine(1, off)
    else:
        text = f"where it should show the same it differs by {off:.0%} of the picture's contrast: "
        text += "another moment's, or another frame's?"
        yield wrong(text, file=frame.layers.paths[name], expected=f"<= {MOST}", found=off, off=off)


def _taken(picture: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Returns what a picture shows where each pixel moves to, (H, W) int16."""
    v, u = np.indices(picture.shape, np.float32)
    there = np.nan_to_num(shift, posinf=0, neginf=0).astype(np.float32)
    around = cv2.BORDER_REPLICATE
    return cv2.remap(
        picture, u + there[..., 0], v + there[..., 1], cv2.INTER_LINEAR, borderMode=around
    ).astype(np.int16)
