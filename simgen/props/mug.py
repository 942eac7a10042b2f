"""A mug of glazed stoneware, its handle at +x."""

import numpy as np

from simgen.keypoints import AROUND, Edges, Points, loop, plain
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces, around
from simgen.spec import Material
from simgen.swept import filleted, tube
from simgen.turned import lathe

FINISH = {"glaze": Material("plastic", (0.72, 0.7, 0.66), roughness=0.14, wear=0.0)}
SIZES = tuple(
    {"diameter": diameter, "height": height}
    for diameter, height in ((0.082, 0.096), (0.09, 0.085), (0.076, 0.105), (0.1, 0.08))
)
LOOKS = tuple(
    {"glaze": Material("plastic", color, roughness=roughness, wear=0.0)}
    for color, roughness in (
        ((0.74, 0.73, 0.7), 0.12), ((0.03, 0.06, 0.16), 0.12), ((0.42, 0.05, 0.03), 0.15),
        ((0.5, 0.44, 0.33), 0.35), ((0.05, 0.13, 0.11), 0.2), ((0.02, 0.02, 0.022), 0.3),
        ((0.62, 0.4, 0.08), 0.15),
    )
)  # fmt: skip
SEGMENTS = 48
WALL = 0.004
FLOOR = 0.006
GRIP = 0.011
SKELETON: Edges = (*loop([f"top_{side}" for side in AROUND]), ("handle_top", "handle_bottom"))


def build(diameter: float = 0.082, height: float = 0.096) -> Mesh:
    """Returns a mug, `diameter` without its handle."""
    r = diameter / 2
    cup = lathe(
        [(r - 0.006, 0.0), (r - 0.002, 0.0015), (r, 0.006), (r, height - 0.0015),
         (r - 0.0012, height), (r - WALL + 0.0012, height), (r - WALL, height - 0.0015),
         (r - WALL, FLOOR + 0.0015), (r - WALL - 0.0012, FLOOR + 0.0004),
         (r - WALL - 0.004, FLOOR)],
        "glaze", SEGMENTS,
    )  # fmt: skip
    return union(cup, tube(_grip(diameter, height), GRIP, "glaze"))


def keypoints(diameter: float = 0.082, height: float = 0.096) -> Points:
    """Returns four points of the rim, the outer ends of the handle and the middle of the mouth."""
    r = diameter / 2 - WALL / 2
    rim = {f"top_{side}": plain((r * x, r * y, height)) for side, (x, y) in AROUND.items()}
    _, low, high = _handle(diameter, height)
    cup = build(diameter, height).vertices
    x, y, _ = cup[cup[:, 0].argmax()]
    return rim | {
        "handle_top": plain((x, y, 0.4 * low + 0.6 * high)),
        "handle_bottom": plain((x, y, 0.6 * low + 0.4 * high)),
        "opening_mouth": plain((0, 0, height)),
    }


def pieces(diameter: float = 0.082, height: float = 0.096) -> Pieces:
    """Returns the floor, sectors of the wall and the three sides of the handle."""
    r = diameter / 2
    floor = around(
        [(0, 0), (r - 0.002, 0), (r - 0.002, FLOOR + 5e-4), (0, FLOOR + 5e-4)], 1, SEGMENTS
    )
    wall = around([(r - WALL, 0.001), (r, 0.001), (r, height), (r - WALL, height)], 12, SEGMENTS)
    reach, low, high = _handle(diameter, height)
    sides = (((r, low), (reach, low)), ((reach, low), (reach, high)), ((reach, high), (r, high)))
    return (*floor, *wall, *(_beam(a, b) for a, b in sides))


def _beam(start, end) -> np.ndarray:
    """Returns the corners of a square bar in the x-z plane that holds the handle's."""
    low = np.minimum(start, end) - (0, GRIP / 2)
    high = np.maximum(start, end) + (GRIP / 2 * (start[0] == end[0]), GRIP / 2)
    low = low - (GRIP / 2 * (start[0] == end[0]), 0)
    return np.array(
        [(x, y, z) for x in (low[0], high[0]) for y in (-GRIP / 2, GRIP / 2)
         for z in (low[1], high[1])]
    )  # fmt: skip


def _handle(diameter: float, height: float) -> tuple[float, float, float]:
    """Returns how far out the handle's middle line runs, its lower and upper height."""
    return diameter / 2 + 0.026, 0.2 * height, 0.82 * height


def _grip(diameter: float, height: float) -> np.ndarray:
    inside = diameter / 2 - WALL / 2
    reach, low, high = _handle(diameter, height)
    path = [(inside, 0, low), (reach, 0, low), (reach, 0, high), (inside, 0, high)]
    return filleted(path, 0.018, steps=5)
