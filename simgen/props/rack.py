"""A pallet rack: braced frames of perforated uprights, pairs of beams, decks, foot guards.

Its aisles are at -y and +y. The height of a level is where goods stand: the upper face of the deck,
or of the beams where there is no deck. The floor below the first level is no level.
"""

from collections.abc import Sequence

import numpy as np

from simgen.errors import SimgenError
from simgen.mesh import Mesh, array, union
from simgen.parts import channel, cuboid
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import bar

FINISH = {
    "upright": Material("paint", color=(0.012, 0.065, 0.27), roughness=0.4, wear=0.3),
    "hole": Material("plain", color=(0.008, 0.008, 0.01), roughness=0.9),
    "beam": Material("paint", color=(0.70, 0.16, 0.012), roughness=0.4, wear=0.35),
    "steel": Material("metal", color=(0.45, 0.45, 0.46), roughness=0.4, wear=0.4),
    "deck": Material("metal", color=(0.50, 0.50, 0.51), roughness=0.4, wear=0.3),
    "board": Material("wood", color=(0.42, 0.27, 0.14), accent=(0.25, 0.15, 0.07), roughness=0.7),
    "guard": Material("paint", color=(0.80, 0.48, 0.01), roughness=0.45, wear=0.5),
    "label": Material("plain", color=(0.80, 0.80, 0.78), roughness=0.6),
}

POST = 0.10  # side of an upright
_BEAM_HEIGHT, _BEAM_DEPTH = 0.12, 0.05
_THICKNESS = {"none": 0.0, "wire": 0.008, "wood": 0.024}


def build(
    bays: int = 2,
    bay_width: float = 2.7,
    depth: float = 1.1,
    levels: Sequence[float] = (1.6, 3.2),
    height: float = 4.2,
    deck: str = "wire",
    guards: bool = True,
) -> Mesh:
    """Returns the rack, `bays * (bay_width + POST) + POST` long.

    Args:
        bay_width: clear between two uprights.
        depth: over the uprights; their guards stand out 5.5 cm more.
        levels: see above, ascending.
        deck: wire, wood or none.
    """
    if deck not in _THICKNESS:
        raise SimgenError(f"rack: deck={deck!r} is not known; choose one of: none, wire, wood")
    if not levels or min(np.diff([0.0, *levels, height])) < 2 * _BEAM_HEIGHT:
        raise SimgenError(
            f"rack: levels={levels} must ascend by at least {2 * _BEAM_HEIGHT} m and end as far "
            f"below height={height}"
        )
    pitch = bay_width + POST
    left = -bays * pitch / 2
    frame = _frame(depth, height, guards)
    bay = union(*(_level(bay_width, depth, level, deck) for level in levels))
    frames = array(frame, [(left + i * pitch, 0, 0) for i in range(bays + 1)])
    return union(frames, array(bay, [(left + (i + 0.5) * pitch, 0, 0) for i in range(bays)]))


def _frame(depth: float, height: float, guards: bool) -> Mesh:
    """Returns two uprights with feet and bracing, centred on x = 0."""
    front = _post(height, guards).moved(y=-depth / 2)
    rear = _post(height, guards).turned((0, 0, 1), 180).moved(y=depth / 2)
    inner = depth / 2 - POST + 0.01
    rungs = [*np.arange(0.25, height - 0.15, 0.9), height - 0.12]
    level = [cuboid((-0.02, -inner, z - 0.02), (0.02, inner, z + 0.02), "upright") for z in rungs]
    slope = [
        bar((0, side * inner, low + 0.04), (0, -side * inner, high - 0.04), 0.034, "upright")
        for side, low, high in zip((1, -1) * len(rungs), rungs, rungs[1:])
    ]
    return union(front, rear, *level, *slope)


def _post(height: float, guards: bool) -> Mesh:
    """Returns one upright, its perforated face at y = 0 towards -y, with its foot."""
    rail = channel(POST, POST, height - 0.006, 0.006, "upright").turned((0, 0, 1), 90)
    z = np.arange(0.30, height - 0.05, 0.10)
    hole = box((0.014, 0.0013, 0.032), "hole")
    holes = array(hole, [(x, -0.0008, at) for at in z for x in (-0.022, 0.022)])
    foot = cuboid((-0.063, 0.005, 0), (0.063, POST + 0.035, 0.006), "steel")
    bolts = array(box((0.02, 0.02, 0.02), "steel"), [(-0.045, 0.118, 0), (0.045, 0.118, 0)])
    guard = _guard() if guards else []
    return union(rail.moved(z=0.006), holes, foot, bolts, *guard)


def _guard() -> list[Mesh]:
    """Returns the bent plate that takes the knocks of forks, around an upright's foot."""
    face = cuboid((-0.066, -0.055, 0.001), (0.066, -0.047, 0.40), "guard", 0.002)
    cheek = [
        cuboid((x - 0.004, -0.05, 0.002), (x + 0.004, 0.07, 0.398), "guard")
        for x in (-0.061, 0.061)
    ]
    return [face, *cheek]


def _level(width: float, depth: float, top: float, deck: str) -> Mesh:
    """Returns one bay's beams and deck at x = 0."""
    under = top - _THICKNESS[deck]
    front = _beam(width).moved(y=-depth / 2, z=under)
    rear = _beam(width).turned((0, 0, 1), 180).moved(y=depth / 2, z=under)
    decks = {"none": [], "wire": _wire(width, depth, top), "wood": _wood(width, depth, top)}
    return union(front, rear, *decks[deck])


def _beam(width: float) -> Mesh:
    """Returns a box beam hung between two uprights, its upper face at z = 0, aisle towards -y."""
    low = -_BEAM_HEIGHT
    half, back = width / 2, 0.03 + _BEAM_DEPTH
    profile = cuboid((-half, 0.03, low), (half, back, 0), "beam", 0.004)
    hooks = [
        cuboid((min(a, b), -0.006, low - 0.05), (max(a, b), 0.05, -0.003), "beam", 0.0065)
        for a, b in ((-half - 0.045, -half + 0.006), (half - 0.006, half + 0.045))
    ]
    plate = cuboid((-0.06, 0.027, low + 0.03), (0.06, 0.04, low + 0.085), "label")
    labels = array(plate, [(x * width, 0, 0) for x in (-1 / 3, 0, 1 / 3)])
    return union(profile, *hooks, labels)


def _wire(width: float, depth: float, top: float) -> list[Mesh]:
    """Returns a welded mesh that lies on the beams, and the ribs that carry it."""
    x, y = width / 2 - 0.02, depth / 2 - 0.035
    long = box((2 * x, 0.006, 0.0045), "deck").moved(z=top - 0.008)
    short = box((0.006, 2 * y, 0.0045), "deck").moved(z=top - 0.0045)
    rib = box((0.04, depth - 0.157, 0.03), "deck").moved(z=top - 0.0385)
    across = np.linspace(-x + 0.003, x - 0.003, round(2 * x / 0.08) + 1)
    along = np.linspace(-y + 0.003, y - 0.003, round(2 * y / 0.1) + 1)
    ribs = np.linspace(-x, x, 8)[1:-1]
    return [
        array(short, [(at, 0, 0) for at in across]),
        array(long, [(0, at, 0) for at in along]),
        array(rib, [(at, 0, 0) for at in ribs]),
    ]


def _wood(width: float, depth: float, top: float) -> list[Mesh]:
    """Returns boards that lie across the beams, with gaps."""
    thick = _THICKNESS["wood"]
    count = int(width / 0.16)
    step = width / count
    board = box((step - 0.012, depth - 0.07, thick), "board", 0.002).moved(z=top - thick)
    return [array(board, [((i + 0.5) * step - width / 2, 0, 0) for i in range(count)])]
