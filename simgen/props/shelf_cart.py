"""A shelf trolley of steel tube on castors, its push handle at +y."""

import numpy as np

from simgen.errors import SimgenError
from simgen.mesh import Mesh, array, union
from simgen.parts import both_sides, centred, cuboid, wheel
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import filleted, tube
from simgen.turned import cylinder

FINISH = {
    "tube": Material("paint", color=(0.03, 0.10, 0.22), roughness=0.4, wear=0.3),
    "shelf": Material("wood", color=(0.45, 0.32, 0.19), accent=(0.3, 0.2, 0.1), roughness=0.6),
    "edge": Material("metal", color=(0.45, 0.45, 0.46), roughness=0.4, wear=0.3),
    "tyre": Material("rubber", color=(0.06, 0.06, 0.065), roughness=0.8, wear=0.4),
    "rim": Material("metal", color=(0.5, 0.5, 0.5), roughness=0.4),
}


def build(width: float = 0.6, depth: float = 1.0, height: float = 1.0, shelves: int = 3) -> Mesh:
    """Returns the trolley, `height` over its uprights."""
    if shelves < 1:
        raise SimgenError(f"shelf_cart: shelves={shelves} must be at least 1")
    x, y = width / 2 - 0.02, depth / 2 - 0.02
    low, high = 0.2, height - 0.06
    board = union(
        cuboid((0.003 - x, 0.003 - y, -0.018), (x - 0.003, y - 0.003, 0), "shelf"),
        *[cuboid((-x, s * y - 0.012, -0.03), (x, s * y + 0.012, 0.022), "edge") for s in (-1, 1)],
        *[cuboid((s * x - 0.012, -y, -0.031), (s * x + 0.012, y, 0.021), "edge") for s in (-1, 1)],
    )
    heights = np.linspace(low, high, shelves) if shelves > 1 else [low]
    front = tube(_bow(x, -y, height), 0.032, "tube", 10)
    rear = tube(_bow(x, y, height), 0.032, "tube", 10)
    handle = [(x, y, height - 0.12), (x, y + 0.14, height - 0.04)]
    handle += [(-px, py, pz) for px, py, pz in handle[::-1]]
    push = tube(filleted(handle, 0.05), 0.028, "tube", 10)
    castors = both_sides(*(_castor().moved(x - 0.03, s * (y - 0.06)) for s in (-1, 1)))
    decks = array(board, [(0, 0, z) for z in heights])
    return centred(union(front, rear, push, decks, castors))


def _bow(x: float, y: float, height: float) -> np.ndarray:
    """Returns the path of one end frame: up, across, down."""
    top = height - 0.016
    return filleted([(-x, y, 0.16), (-x, y, top), (x, y, top), (x, y, 0.16)], 0.08)


def _castor() -> Mesh:
    yoke = [
        cuboid((s - 0.003, -0.02, 0.05), (s + 0.003, 0.04, 0.165), "rim") for s in (-0.024, 0.024)
    ]
    plate = box((0.08, 0.08, 0.012), "rim", 0.002).moved(z=0.158)
    stem = cylinder(0.016, 0.03, "rim", 10).moved(z=0.15)
    return union(wheel(0.0625, 0.034, "tyre", "rim").moved(y=0.015, z=0.0625), *yoke, plate, stem)
