"""A bowl of glazed stoneware."""

import numpy as np

from simgen.keypoints import AROUND, Edges, Points, loop, plain
from simgen.mesh import Mesh
from simgen.pieces import Pieces, around
from simgen.props.mug import LOOKS as GLAZES
from simgen.spec import Material
from simgen.turned import lathe

FINISH = {"glaze": Material("plastic", (0.72, 0.7, 0.66), roughness=0.14, wear=0.0)}
SIZES = tuple(
    {"diameter": diameter, "height": height}
    for diameter, height in ((0.15, 0.06), (0.12, 0.065), (0.18, 0.055), (0.22, 0.08))
)
LOOKS = GLAZES
SEGMENTS = 48
BANDS = 4
WALL = 0.005
SKELETON: Edges = loop([f"top_{side}" for side in AROUND])


def build(diameter: float = 0.15, height: float = 0.06) -> Mesh:
    """Returns the bowl, open at the top."""
    outside, inside = _walls(diameter, height, 4 * BANDS)
    foot = [(outside[0][0] - 0.004, 0.0)]
    return lathe([*foot, *outside, *inside[::-1]], "glaze", SEGMENTS)


def keypoints(diameter: float = 0.15, height: float = 0.06) -> Points:
    """Returns four points of the rim, and the middle of the mouth."""
    r = diameter / 2
    rim = {f"top_{side}": plain((r * x, r * y, height)) for side, (x, y) in AROUND.items()}
    return rim | {"opening_mouth": plain((0, 0, height))}


def pieces(diameter: float = 0.15, height: float = 0.06) -> Pieces:
    """Returns the floor and, in bands one above the other, sectors of the wall."""
    outside, inside = _walls(diameter, height, 4 * BANDS)
    floor = [(0, 0), outside[0], (inside[0][0], inside[0][1]), (0, inside[0][1])]
    found = around(floor, 1, SEGMENTS)
    for k in range(0, 4 * BANDS, 4):
        found += around([*outside[k : k + 5], *inside[k : k + 5]], 8, SEGMENTS)
    return found


def _walls(diameter: float, height: float, count: int):
    """Returns (count + 1, 2) points, (radius, z), of the outside and of the inside, bottom up."""
    rise = np.linspace(0, 1, count + 1)
    swing = 0.4 + 0.6 * np.sin(rise * np.pi / 2) ** 0.9
    outside = np.column_stack([swing * diameter / 2, rise**1.3 * height])
    inside = np.column_stack([outside[:, 0] - WALL, WALL + (height - WALL) * rise**1.3])
    return outside, inside
