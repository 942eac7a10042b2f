"""A printed sheet that lies on its back, picture up: a card, label, poster, sign or marker.

The picture fills the rectangle x by y, upright as one looks down with +y away from one; round
corners are cut from it. The sheet turned over left to right shows its back upright too.
"""

from dataclasses import replace

import numpy as np

from simgen.errors import SimgenError
from simgen.keypoints import Edges, Points, loop
from simgen.mesh import Mesh, require_positive
from simgen.spec import Material, Value
from simgen.swept import loft, rounded

PAPER = (0.83, 0.83, 0.81)
FINISH = {
    "front": Material("image", PAPER, roughness=0.5, image="label_parcel.png"),
    "back": Material("plain", PAPER, roughness=0.6),
    "edge": Material("plain", PAPER, roughness=0.8),
}
STEPS = 8  # chords of each round corner: at 3.5 mm they stay within 0.02 mm of it
_CORNERS = {
    "top_left": (-1, 1), "top_right": (1, 1), "bottom_right": (1, -1), "bottom_left": (-1, -1),
}  # fmt: skip
SKELETON: Edges = loop(tuple(_CORNERS))


def build(
    x: float = 0.1, y: float = 0.15, thickness: float = 0.0003, corner_radius: float = 0.0
) -> Mesh:
    """Returns the sheet; `front` and `back` have uv [0, 1] over the rectangle, `edge` metres."""
    require_positive(x=x, y=y, thickness=thickness)
    outline = _outline(x, y, corner_radius)
    sheet = loft([outline, outline], (0.0, thickness), "edge")
    n = len(outline)
    slot = np.repeat(np.int32([2, 1, 0]), [2 * n, n - 2, n - 2])  # sides, lower and upper cap
    uv = sheet.uv.copy()
    uv[slot < 2] = uv[slot < 2] / np.float32([x, y]) + np.float32(0.5)
    uv[slot == 1, :, 0] = 1 - uv[slot == 1, :, 0]
    return replace(sheet, uv=uv, slot=slot, slots=("front", "back", "edge"))


def keypoints(
    x: float = 0.1, y: float = 0.15, thickness: float = 0.0003, corner_radius: float = 0.0
) -> Points:
    """Returns the corners of the picture, as they would be without rounding."""
    return {name: (i * x / 2, j * y / 2, thickness) for name, (i, j) in _CORNERS.items()}


def pieces(**params: Value) -> tuple:
    """Returns its hull."""
    return (build(**params).vertices,)


def _outline(x: float, y: float, radius: float) -> np.ndarray:
    if not 0 <= radius <= min(x, y) / 2:
        raise SimgenError(
            f"flat_print: corner_radius={radius} must be at least 0 and at most half the shorter "
            f"side, {min(x, y) / 2:g}"
        )
    points = rounded(x, y, radius, STEPS if radius else 0)
    apart = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1)
    return points[apart > 1e-9 * (x + y)]  # corners of half a side meet
