"""A flat wooden pallet on nine blocks: EUR by default, other sizes by its boards' widths."""

import numpy as np

from simgen.errors import SimgenError
from simgen.keypoints import CUBOID, Points, corners, plain
from simgen.mesh import Mesh, union
from simgen.rng import stream
from simgen.solids import box, card
from simgen.spec import Material, Value

FINISH = {
    "wood": Material("wood", color=(0.42, 0.28, 0.15), roughness=0.75, wear=0.35),
    "stamp": Material("image", roughness=0.8, image="stamp_pallet.png"),
}
CHAMFER = 0.002
SLOPPINESS = (0.003, 0.006, 0.006, 0.0025)  # metres short, shifted along and across; radians of yaw
SKELETON = CUBOID


def build(
    x: float = 1.2,
    y: float = 0.8,
    top: tuple[float, ...] = (0.145, 0.1, 0.145, 0.1, 0.145),
    bottom: tuple[float, ...] = (0.1, 0.145, 0.1),
    block_x: float = 0.145,
    block_z: float = 0.078,
    board_z: float = 0.022,
    variant: int = 0,
    stamp: bool = True,
) -> Mesh:
    """Returns a pallet `x` long whose boards, given by width across `y`, run along x.

    Variant 0 is true to the drawing (UIC 435-2); any other is nailed by hand: boards a few
    millimetres short, out of place and askew, never outside the pallet's outline.
    """
    rng = stream(variant, 0, "pallet")
    sloppy = np.array(SLOPPINESS) * (variant != 0)
    places = _spread((block_x,) * 3, x, "x")
    pieces = []

    def add(size, cx, cy, z, mark=False):
        size = np.asarray(size) - np.eye(3)[np.argmax(size)] * sloppy[0] * rng.uniform()
        size[2] -= sloppy[0] / 2 * rng.uniform() * (z > board_z + block_z)
        piece = _block(size) if mark else box(size, "wood", CHAMFER)
        dx, dy, yaw = sloppy[1:] * rng.uniform(-1, 1, 3)
        piece = piece.turned((0, 0, 1), np.degrees(yaw)).moved(cx + dx, cy + dy, z)
        pieces.append(_inside(piece, x, y))

    for width, cy in zip(bottom, _spread(bottom, y, "y")):
        add((x, width, board_z), 0, cy, 0)
        for cx in places:
            add((block_x, width, block_z), cx, cy, board_z, mark=stamp and abs(cy) > y / 4)
    for cx in places:
        add((block_x, y, board_z), cx, 0, board_z + block_z)
    for width, cy in zip(top, _spread(top, y, "y")):
        add((x, width, board_z), 0, cy, 2 * board_z + block_z)
    return union(*pieces)


def keypoints(
    x: float = 1.2,
    y: float = 0.8,
    bottom: tuple[float, ...] = (0.1, 0.145, 0.1),
    block_x: float = 0.145,
    block_z: float = 0.078,
    board_z: float = 0.022,
    **others: Value,
) -> Points:
    """Returns the corners, and the middles of the eight fork pockets' mouths.

    On the long sides a fork enters over the bottom boards and under the top ones, on the short
    sides between the bottom boards.
    """
    size = {"x": x, "y": y, "block_x": block_x, "block_z": block_z, "board_z": board_z}
    across, along = _gaps((block_x,) * 3, x, "x"), _gaps(bottom, y, "y")
    low, high = (3 * board_z + block_z) / 2, (board_z + block_z) / 2
    pockets = {}
    for end, sign in (("front", -1), ("back", 1)):
        for side, middle in zip(("left", "right"), across):
            pockets[f"pocket_{end}_{side}"] = plain((middle, sign * y / 2, low))
    for side, sign in (("left", -1), ("right", 1)):
        for end, middle in zip(("front", "back"), along):
            pockets[f"pocket_{side}_{end}"] = plain((sign * x / 2, middle, high))
    return corners(build(bottom=bottom, **size, **others)) | pockets


def _gaps(widths: tuple[float, ...], total: float, axis: str) -> tuple[float, float]:
    """Returns the middles of the first and of the last gap between strips."""
    centres, half = _spread(widths, total, axis), np.asarray(widths) / 2
    middles = (centres[:-1] + half[:-1] + centres[1:] - half[1:]) / 2
    return middles[0], middles[-1]


def _spread(widths: tuple[float, ...], total: float, axis: str) -> np.ndarray:
    """Returns the centres of strips laid side by side from edge to edge with equal gaps."""
    widths = np.asarray(widths, float)
    free = total - widths.sum()
    if len(widths) < 2 or free < 0:
        raise SimgenError(
            f"pallet: {len(widths)} parts {widths.sum():.3f} m wide in all do not fill "
            f"{axis}={total}; give at least two, no wider than that together"
        )
    starts = np.concatenate([[0], (widths + free / (len(widths) - 1)).cumsum()[:-1]])
    return starts + widths / 2 - total / 2


def _block(size: np.ndarray) -> Mesh:
    """Returns a block whose two long faces are branded."""
    x, _, z = size - 2 * CHAMFER
    front = card(x, z, "stamp").moved(y=-size[1] / 2, z=CHAMFER)
    return union(box(size, "wood", CHAMFER), front, front.turned((0, 0, 1), 180))


def _inside(piece: Mesh, x: float, y: float) -> Mesh:
    """Returns a piece pushed back within the pallet's outline."""
    lower, upper = piece.bounds
    half = np.array([x, y]) / 2
    back = np.clip(-half - lower[:2], 0, None) - np.clip(upper[:2] - half, 0, None)
    return piece.moved(*back)
