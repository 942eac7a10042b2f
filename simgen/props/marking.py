"""Painted floor markings: lanes and hatched areas, one thin layer that lies on the floor.

Markings that cross are one prop, so that no pixel has two owners. Bounds follow from the layout;
the prop is not centred: its axes are those of the plan.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.errors import SimgenError
from simgen.mesh import Mesh, union
from simgen.spec import Material
from simgen.swept import loft

FINISH = {"paint": Material("paint", color=(0.75, 0.48, 0.02), roughness=0.55, wear=0.6)}

THICKNESS = 0.002


def build(
    lines: Sequence[Sequence[float]] = ((-3.0, -1.5, 3.0, -1.5), (-3.0, 1.5, 3.0, 1.5)),
    areas: Sequence[Sequence[float]] = (),
    width: float = 0.10,
    pitch: float = 0.5,
) -> Mesh:
    """Returns the markings.

    Args:
        lines: (x0, y0, x1, y1) from middle to middle of each strip's ends.
        areas: (x0, y0, x1, y1) corners of each framed rectangle with diagonal hatching.
        width: of every strip.
        pitch: of the hatching, across its stripes.
    """
    outlines = [_strip(line, width) for line in lines]
    for area in areas:
        outlines += [*_frame(area, width), *_hatching(area, width, pitch)]
    if not outlines:
        raise SimgenError("marking: give at least one of lines and areas")
    whole = union(*(loft([o, o], (0.0, THICKNESS), "paint") for o in outlines))
    return replace(whole, part=np.zeros_like(whole.part))  # one coat, also where strips cross


def _strip(line: Sequence[float], width: float) -> np.ndarray:
    start, end = np.reshape(line, (2, 2)).astype(float)
    length = np.linalg.norm(end - start)
    if length == 0:
        raise SimgenError(f"marking: line {tuple(line)} has no length")
    along = (end - start) / length * width / 2
    across = np.array([-along[1], along[0]])
    start, end = start - along, end + along
    return np.array([start - across, end - across, end + across, start + across])


def _frame(area: Sequence[float], width: float) -> list[np.ndarray]:
    x0, y0, x1, y1 = area
    sides = ((x0, y0, x1, y0), (x1, y0, x1, y1), (x1, y1, x0, y1), (x0, y1, x0, y0))
    return [_strip(side, width) for side in sides]


def _hatching(area: Sequence[float], width: float, pitch: float) -> list[np.ndarray]:
    """Returns stripes at 45 degrees, cut off at the middle of the frame."""
    low, high = np.reshape(area, (2, 2)).astype(float)
    step, wide = pitch * np.sqrt(2), width * np.sqrt(2) / 2
    offsets = np.arange(low[0] - high[1] + step, high[0] - low[1], step)
    corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])])
    stripes = (
        _clipped(_clipped(corners, (1, -1), at + wide), (-1, 1), wide - at) for at in offsets
    )
    return [stripe for stripe in stripes if len(stripe) >= 3]


def _clipped(polygon: np.ndarray, normal: Sequence[float], limit: float) -> np.ndarray:
    """Returns what of a convex polygon has x . normal <= limit (Sutherland and Hodgman 1974)."""
    kept = []
    for a, b in zip(polygon, np.roll(polygon, -1, axis=0)):
        over_a, over_b = a @ normal - limit, b @ normal - limit
        if over_a <= 0:
            kept.append(a)
        if over_a * over_b < 0:
            kept.append(a + (b - a) * over_a / (over_a - over_b))
    return np.array(kept).reshape(-1, 2)
