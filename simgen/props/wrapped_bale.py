"""A bale in stretch film with straps, set down on the floor: something bulky of no category."""

from simgen.mesh import Mesh, union
from simgen.parts import cuboid
from simgen.spec import Material
from simgen.swept import loft, rounded

FINISH = {
    "film": Material("plastic", color=(0.55, 0.58, 0.60), roughness=0.25, wear=0.3),
    "strap": Material("plastic", color=(0.015, 0.05, 0.22), roughness=0.4, wear=0.1),
}

_LAYERS, _BULGE = 9, 0.03


def build(x: float = 1.0, y: float = 0.8, z: float = 1.1, straps: int = 2) -> Mesh:
    """Returns the bale, `x` by `y` by `z` where it bulges most, straps apart."""
    heights, shrink = [0.0], [2 * _BULGE]
    for layer in range(_LAYERS):
        low, high = z * layer / _LAYERS, z * (layer + 1) / _LAYERS
        bulge = _BULGE * (layer % 2 + (layer % 3 == 1)) / 2
        heights += [low + 0.15 * (high - low), high - 0.15 * (high - low), high]
        shrink += [bulge, bulge, 1.6 * _BULGE]
    shrink[-1] = 4 * _BULGE
    film = loft([rounded(x - s, y - s, 0.07) for s in shrink], heights, "film")
    return union(film, *(_strap(x, y, z, (i + 1) / (straps + 1)) for i in range(straps)))


def _strap(x: float, y: float, z: float, share: float) -> Mesh:
    """Returns a hoop in the y-z plane around the bale: two sides and a top."""
    at = (share - 0.5) * 0.8 * x
    half, wide = y / 2, 0.016
    band = [
        cuboid(
            (at - wide, side * half - 0.002, 0.002), (at + wide, side * half + 0.002, z), "strap"
        )
        for side in (-1, 1)
    ]
    top = cuboid((at - wide, -half, z - 0.004), (at + wide, half, z + 0.002), "strap")
    return union(*band, top)
