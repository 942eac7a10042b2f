"""A mask's edge as an SVG path: small, exact to the thumbnail it is drawn over."""

from collections.abc import Sequence

import cv2
import numpy as np

FINE = 2  # steps of a path to a pixel of the thumbnail
_STRAY = 1.5  # steps that an outline may leave the edge, so that stairs of pixels are one line


def of_mask(mask: np.ndarray, at: tuple[int, int], scale: float) -> str:
    """Returns the outline of a mask, holes in it too (fill rule even-odd).

    Args:
        mask: (h, w) bool, cut out of the picture at column and row `at`.
        scale: the thumbnail's size over the picture's.
    """
    twice = np.repeat(np.repeat(np.pad(mask, 1).astype(np.uint8), 2, 0), 2, 1)
    rings, _ = cv2.findContours(twice, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    # Contours go through the middles of edge pixels: of half pixels, that is 1/4 px inside.
    corner = np.subtract(at, 1)
    return _path([((ring[:, 0] + 0.5) / 2 + corner) * scale * FINE for ring in rings])


def of_polygons(polygons: Sequence[Sequence[float]], scale: float) -> str:
    """Returns the path of COCO's outlines, x and y by turns, in pixels of the picture."""
    return _path([np.reshape(ring, (-1, 2)) * scale * FINE for ring in polygons])


def _path(rings: Sequence[np.ndarray]) -> str:
    return "".join(filter(None, map(_ring, rings)))


def _ring(points: np.ndarray) -> str:
    near = cv2.approxPolyDP(points.astype(np.float32)[:, None], _STRAY, True)[:, 0]
    corners = np.rint(np.clip(near, -1e5, 1e5)).astype(int)
    steps = np.diff(corners, axis=0)
    moved = steps[(steps != 0).any(1)]
    if len(moved) < 2 or not cv2.contourArea(
        corners.astype(np.float32)
    ):  # thinner than a step: its box, a step wide
        low = np.floor(points.min(0)).astype(int)
        wide, tall = np.maximum(np.rint(points.max(0) - low), 1).astype(int).tolist()
        return f"M{low[0]} {low[1]}l{wide} 0 0 {tall}{_joined(-wide)} 0z"
    lines = "".join(f"{_joined(x)}{_joined(y)}" for x, y in moved.tolist())
    return f"M{corners[0, 0]} {corners[0, 1]}l{lines.lstrip()}z"


def _joined(value: int) -> str:
    """Returns a number that follows another one; a minus parts them as a space does."""
    return str(value) if value < 0 else f" {value}"
