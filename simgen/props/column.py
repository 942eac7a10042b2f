"""A hall's column, concrete or steel, with a striped impact guard and numbered signs."""

from simgen.errors import SimgenError
from simgen.mesh import Mesh, union
from simgen.parts import cuboid, figures, i_beam
from simgen.solids import box
from simgen.spec import Material

FINISH = {
    "concrete": Material("concrete", color=(0.36, 0.35, 0.33), roughness=0.8, wear=0.4),
    "steel": Material("paint", color=(0.25, 0.28, 0.30), roughness=0.5, wear=0.3),
    "guard": Material(
        "stripes", color=(0.78, 0.47, 0.01), accent=(0.02, 0.02, 0.02), roughness=0.5, scale_m=0.15
    ),
    "sign": Material("plain", color=(0.75, 0.52, 0.02), roughness=0.5),
    "figure": Material("plain", color=(0.015, 0.015, 0.015), roughness=0.5),
}


def build(
    height: float = 6.0,
    side: float = 0.4,
    section: str = "concrete",
    guard_height: float = 1.2,
    number: int = 7,
) -> Mesh:
    """Returns the column.

    Args:
        section: concrete (square) or steel (an I).
        guard_height: of the guard, which stands out by 2 cm; 0 for none.
        number: on the signs.
    """
    if section not in ("concrete", "steel"):
        raise SimgenError(f"column: section={section!r}; choose one of: concrete, steel")
    if section == "concrete":
        shaft = box((side, side, height), "concrete", 0.02)
    else:
        shaft = i_beam(side, side, height, 0.06 * side, "steel")
    guard = [box((side + 0.04, side + 0.04, guard_height), "guard", 0.015)] if guard_height else []
    z = min(0.55 * height, 3.2)
    sign = _sign(0.8 * side, number).moved(y=-side / 2, z=z)
    return union(shaft, *guard, sign, sign.turned((0, 0, 1), 180))


def _sign(side: float, number: int) -> Mesh:
    plate = cuboid((-side / 2, -0.006, 0), (side / 2, 0.01, side), "sign")
    shrink = 0.9 if abs(number) < 10 else 0.6
    height = 0.8 * side * shrink
    return union(plate, figures(number, height, "figure").moved(y=-0.0065, z=(side - height) / 2))
