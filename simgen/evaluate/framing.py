"""How things stand in a picture, in figures of their boxes that do not depend on its resolution.

Each function takes (N, 4) boxes x, y, width, height and the picture's width and height, all in
pixels, and returns (N,) values, or fewer where boxes are empty.
"""

import numpy as np

EDGE_PX = 1.0  # a box that comes so near to the edge counts as cut off by it


def box_size(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns the square root of each box's area over that of the picture's, log2: one more is
    twice as wide and high."""
    area = boxes[:, 2] * boxes[:, 3]
    return np.log2(area[area > 0] / (width * height)) / 2


def aspect(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns width over height, log2: 0 is square, 1 twice as wide as high."""
    whole = (boxes[:, 2] > 0) & (boxes[:, 3] > 0)
    return np.log2(boxes[whole, 2] / boxes[whole, 3])


def count(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns (1,) the number of boxes."""
    return np.array([float(len(boxes))])


def position_x(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns the box's middle, 0 at the picture's left edge and 1 at the right."""
    return (boxes[:, 0] + boxes[:, 2] / 2) / width


def position_y(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns the box's middle, 0 at the picture's upper edge and 1 at the lower."""
    return (boxes[:, 1] + boxes[:, 3] / 2) / height


def off_middle(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns (1,) how far the middle of all boxes is off the picture's, in half pictures; (0,)
    where there is no box."""
    if not len(boxes):
        return np.zeros(0)
    low, high = boxes[:, :2].min(0), (boxes[:, :2] + boxes[:, 2:]).max(0)
    return np.array([float(np.linalg.norm((low + high) / (width, height) - 1))])


def truncation(boxes: np.ndarray, width: int, height: int) -> np.ndarray:
    """Returns 1 for each box that touches the picture's edge, else 0."""
    low, high = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    touches = (low <= EDGE_PX) | (high >= np.array([width, height]) - EDGE_PX)
    return touches.any(1).astype(float)
