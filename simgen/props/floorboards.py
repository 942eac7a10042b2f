"""A floor of boards along x, their ends staggered.

It stands on z = 0 as every prop does: put its body at z = -THICKNESS to have its surface at z = 0.
"""

import numpy as np

from simgen.mesh import Mesh, array, union
from simgen.solids import box
from simgen.spec import Material

FINISH = {
    "board": Material("wood", (0.38, 0.22, 0.1), roughness=0.4, wear=0.1),
    "joint": Material("plain", (0.03, 0.02, 0.015), roughness=0.9),
}
THICKNESS = 0.02
_GAP = 0.0006


def build(x: float = 4.0, y: float = 4.0, board: float = 0.14, length: float = 1.3) -> Mesh:
    """Returns the floor; boards are about `board` wide and `length` long."""
    rows, columns = max(1, round(y / board)), max(2, round(x / length))
    wide, long = y / rows, x / columns
    whole = box((long - _GAP, wide - _GAP, 0.012), "board", 0.0008)
    half = box((long / 2 - _GAP, wide - _GAP, 0.012), "board", 0.0008)
    at = [(i, (j - (rows - 1) / 2) * wide, j % 2) for j in range(rows) for i in range(columns)]
    top = THICKNESS - 0.012
    even = [((i - (columns - 1) / 2) * long, y_, top) for i, y_, odd in at if not odd]
    odd = [
        ((i + 0.5 - (columns - 1) / 2) * long, y_, top) for i, y_, o in at if o and i < columns - 1
    ]
    ends = [(s * (x / 2 - long / 4), y_, top) for i, y_, o in at if o and i == 0 for s in (-1, 1)]
    boards = [array(whole, even + odd)] + ([array(half, ends)] if ends else [])
    return union(*boards, box((x - 0.004, y - 0.004, THICKNESS - 0.001), "joint"))


def pieces(**params) -> tuple[np.ndarray, ...]:
    """Returns the whole slab."""
    return (build(**params).vertices,)
