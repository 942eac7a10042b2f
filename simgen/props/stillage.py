"""A stillage: a mesh box pallet (after DIN 15155) with a flap in the upper half of its front."""

import numpy as np

from simgen.keypoints import CUBOID, Points, corners, middle_above
from simgen.mesh import Mesh, union
from simgen.solids import box, hull
from simgen.spec import Material, Value
from simgen.turned import cylinder

FINISH = {
    "frame": Material("metal", color=(0.36, 0.37, 0.38), roughness=0.5, wear=0.5),
    "mesh": Material("metal", color=(0.42, 0.43, 0.44), roughness=0.45, wear=0.4),
    "floor": Material("wood", color=(0.30, 0.19, 0.10), roughness=0.8, wear=0.6),
}
FOOT = 0.1
DECK = 0.165
STEEL = 0.004
ANGLE = 0.045
LIP = 0.012  # how far the stacking corners flare out
SETBACK = 0.014  # of the wires behind the posts' outer faces
BOARDS = 6
SKELETON = CUBOID


def build(
    x: float = 1.24,
    y: float = 0.835,
    z: float = 0.97,
    pitch: float = 0.05,
    wire: float = 0.005,
    flap_open: bool = False,
) -> Mesh:
    """Returns a mesh box of overall size x, y, z; an open flap hangs 30 mm out of it."""
    across, away, rim = x - 2 * LIP, y - 2 * LIP, z - 0.04
    wide, deep, middle = across - 2 * ANGLE, away - 2 * ANGLE, (DECK + rim) / 2
    front = -away / 2 + SETBACK
    back = _panel(wide, rim - DECK, pitch, wire).moved(y=-away / 2 + SETBACK, z=DECK)
    end = _panel(deep, rim - DECK, pitch, wire).moved(y=-across / 2 + SETBACK, z=DECK)
    lower = _panel(wide, middle - DECK, pitch, wire).moved(y=front, z=DECK)
    flap = _flap(wide - 0.01, rim - middle - 0.006, pitch, wire)
    if flap_open:
        flap = flap.turned((1, 0, 0), 180).moved(y=front - 0.032, z=middle + 0.004)
    else:
        flap = flap.moved(y=front, z=middle + 0.006)
    sides = [back.turned((0, 0, 1), 180), end.turned((0, 0, 1), 90), end.turned((0, 0, 1), 270)]
    return union(_base(across, away), *_corners(across, away, z), *sides, lower, flap)


def keypoints(flap_open: bool = False, **params: Value) -> Points:
    """Returns the corners (those below are of the feet), the middle of the opening above, and of
    those between the feet, where forks enter."""
    shut = build(**params)
    x, y = shut.size[:2] / 2 - LIP
    mouths = {"front": (0, -y), "right": (x, 0), "back": (0, y), "left": (-x, 0)}
    pockets = {f"pocket_{side}": (*map(float, at), FOOT / 2) for side, at in mouths.items()}
    return corners(shut) | {"opening_top": middle_above(shut)} | pockets


def _base(x: float, y: float) -> Mesh:
    """Returns the rails that carry the floor, and its boards."""
    along = box((x - 0.01, 0.05, DECK - FOOT), "frame", 0.004)
    across = box((0.05, y - 0.112, DECK - FOOT - 0.004), "frame", 0.004)
    rails = [along.moved(y=s * (y / 2 - 0.032), z=FOOT) for s in (-1, 1)]
    rails += [across.moved(x=s * (x / 2 - 0.032), z=FOOT + 0.002) for s in (-1, 1)]
    pitch = (y - 0.116) / BOARDS
    board = box((x - 0.12, pitch - 0.004, 0.025), "floor", 0.002)
    boards = [board.moved(y=(i - (BOARDS - 1) / 2) * pitch, z=FOOT + 0.02) for i in range(BOARDS)]
    return union(*rails, *boards)


def _corners(x: float, y: float, z: float) -> list[Mesh]:
    """Returns angle-steel posts on folded feet, flared at the top to take the next box."""
    plates = (  # height, reach along the side, distance out: at its lower, at its upper end
        ((0.004, 0.12, 0.002), (FOOT + 0.03, 0.17, 0.002)),
        ((FOOT + 0.02, ANGLE, 0.0), (z - 0.05, ANGLE, 0.0)),
        ((z - 0.052, ANGLE, 0.0015), (z, ANGLE, LIP)),
    )
    sole = box((0.12, 0.1, 0.008), "frame", 0.002)
    parts = []
    for signs in ((1, 1), (-1, 1), (-1, -1), (1, -1)):
        parts += [_plate(side, signs, x, y, *ends) for ends in plates for side in (0, 1)]
        parts.append(sole.moved(signs[0] * (x / 2 - 0.061), signs[1] * (y / 2 - 0.051)))
    return parts


def _plate(side: int, signs: tuple[int, int], x: float, y: float, low, high) -> Mesh:
    """Returns one leg of an angle at the corner `signs`: side 0 runs along x, 1 along y."""
    points = []
    for height, reach, out in (low, high):
        far = np.array([x, y]) / 2 + out
        near = far - ((reach, STEEL) if side == 0 else (STEEL, reach))
        far[1] -= side * STEEL  # the legs meet, they do not overlap
        points += [(a, b, height) for a in (near[0], far[0]) for b in (near[1], far[1])]
    return hull(np.array(points) * (*signs, 1), "frame")


def _panel(width: float, height: float, pitch: float, wire: float) -> Mesh:
    """Returns a side in the x-z plane: welded wires, an angle along the top, a stay."""
    top = box((width, 0.035, STEEL), "frame").moved(y=0.006, z=height - STEEL)
    face = box((width, STEEL, 0.04), "frame").moved(y=-0.0095, z=height - STEEL - 0.04)
    stay = box((0.04, STEEL, height - 0.045), "frame").moved(y=-0.009)
    return union(_wires(width, height - 0.01, pitch, wire), top, face, stay)


def _flap(width: float, height: float, pitch: float, wire: float) -> Mesh:
    """Returns a panel framed all round, with the two latches that hold it shut."""
    flat = box((width, STEEL, 0.035), "frame")
    post = box((0.03, STEEL, height - 0.07), "frame").moved(z=0.035)
    edges = [flat.moved(y=-0.009), flat.moved(y=-0.009, z=height - 0.035)]
    edges += [post.moved(x=s * (width - 0.03) / 2, y=-0.009) for s in (-1, 1)]
    latch = box((0.02, 0.012, 0.09), "frame", 0.002)
    latches = [latch.moved(x=s * 0.36 * width, y=-0.016, z=height - 0.1) for s in (-1, 1)]
    return union(_wires(width, height, pitch, wire), *edges, *latches)


def _wires(width: float, height: float, pitch: float, wire: float) -> Mesh:
    """Returns a grid of round wires, the level ones welded onto the outside of the upright ones."""
    upright = cylinder(wire / 2, height, "mesh", 6)
    level = cylinder(wire / 2, width, "mesh", 6).turned((0, 1, 0), 90).moved(x=-width / 2)
    columns, rows = round(width / pitch), round(height / pitch)
    grid = [upright.moved(x=(i / columns - 0.5) * width) for i in range(1, columns)]
    grid += [level.moved(y=-0.9 * wire, z=i / rows * height) for i in range(1, rows)]
    return union(*grid)
