"""Masks as polygons: of one closed line, from which cv2.fillPoly paints the same mask again.

The line runs through the pixels on the mask's border. A hole is reached along a row of the mask's
own pixels and left by the same way, so the even-odd rule leaves it empty. Parts that do not touch
are reached from the nearest pixel of the others, over pixels that are not the mask's: the one thing
that a single line cannot say.
"""

import cv2
import numpy as np
from scipy.spatial import cKDTree

# Where in its pixel a vertex is: some readers round to whole numbers and some cut, and coordinates
# are themselves rounded when they are written.
_EDGE, _MIDDLE = 0.01, 0.49


def outline(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns (N, 2) int x, y of the border's pixels, N >= 1, and how many parts the mask has.

    Args:
        mask: (h, w) bool, at least one pixel True; parts touch at edges or corners.
    """
    contours, tree = cv2.findContours(mask.astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    lines = [contour[:, 0] for contour in contours]
    parents = tree[0, :, 3]
    parts = []
    for i in np.flatnonzero(parents < 0):
        parts.append(_with_holes(lines[i], [lines[k] for k in np.flatnonzero(parents == i)]))
    return _straightened(_joined(parts)), len(parts)


def polygon(mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Returns (N, 2) float x, y of a polygon, N >= 3, and how many parts the mask has.

    (0, 0) is the mask's corner. A vertex is in the middle of its pixel (less 0.01 pixels: whether
    a reader cuts or rounds, it finds that pixel), but at the edge in the outermost pixels on the
    left and at the top. So the polygon's extent is the mask's there, and half a pixel less on the
    right and at the bottom.
    """
    if min(mask.shape) == 1:  # a line there and back has no inside
        right, bottom = mask.shape[1] - 1 + _MIDDLE, mask.shape[0] - 1 + _MIDDLE
        box = [[_EDGE, _EDGE], [right, _EDGE], [right, bottom], [_EDGE, bottom]]
        return np.array(box), cv2.connectedComponents(mask.astype(np.uint8))[0] - 1
    points, parts = outline(mask)
    corners = np.where(points == 0, _EDGE, points + _MIDDLE)
    return np.concatenate([corners, corners[-1:].repeat(max(0, 3 - len(corners)), 0)]), parts


def rotated_box(mask: np.ndarray) -> np.ndarray:
    """Returns (4, 2) float x, y of the corners of the smallest rectangle around a mask's pixels.

    Its first two corners are an edge, clockwise in the picture; (0, 0) is the mask's corner.
    """
    rows = np.flatnonzero(mask.any(1))
    left, right = mask[rows].argmax(1), mask.shape[1] - mask[rows, ::-1].argmax(1)
    ends = [(x, y) for x in (left, right) for y in (rows, rows + 1)]
    corners = np.concatenate([np.column_stack(end) for end in ends])
    return cv2.boxPoints(cv2.minAreaRect(cv2.convexHull(corners.astype(np.float32))))


def _with_holes(line: np.ndarray, holes: list[np.ndarray]) -> np.ndarray:
    """Returns one line around a part and its holes, taken from left to right.

    To the left of a hole are pixels of the part, up to its border or to a hole that came before.
    """
    for hole in sorted(holes, key=lambda hole: hole[:, 0].min()):
        k = int(hole[:, 0].argmin())
        left = np.flatnonzero((line[:, 1] == hole[k, 1]) & (line[:, 0] <= hole[k, 0]))
        line = _by_way(line, int(left[line[left, 0].argmax()]), hole, k)
    return line


def _joined(parts: list[np.ndarray]) -> np.ndarray:
    """Returns one line around all parts, the longest first, each joined where it is nearest."""
    first, *others = sorted(parts, key=len, reverse=True)
    for part in others:
        distance, at = cKDTree(first).query(part)
        k = int(distance.argmin())
        first = _by_way(first, int(at[k]), part, k)
    return first


def _by_way(line: np.ndarray, i: int, other: np.ndarray, k: int) -> np.ndarray:
    """Returns the closed line that leaves `line` at i, runs around `other` from k, and returns."""
    around = np.concatenate([other[k:], other[: k + 1]])
    return np.concatenate([line[: i + 1], around, line[i:]])


def _straightened(line: np.ndarray) -> np.ndarray:
    """Returns the line without the points that a straight stretch runs through."""
    before = line - np.roll(line, 1, 0)
    kept = line[before.any(1)]  # no point twice in a row
    if len(kept) < 2:
        return line[:1]
    before, after = kept - np.roll(kept, 1, 0), np.roll(kept, -1, 0) - kept
    return kept[(before != after).any(1)]
