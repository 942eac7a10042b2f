"""An aluminium step ladder, set up, its treads towards -y."""

from simgen.mesh import Mesh, union
from simgen.parts import both_sides, centred, cuboid
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import bar

FINISH = {
    "rail": Material("metal", color=(0.55, 0.56, 0.57), roughness=0.35, wear=0.3),
    "tread": Material("metal", color=(0.42, 0.43, 0.44), roughness=0.5, wear=0.4),
    "cap": Material("plastic", color=(0.45, 0.02, 0.015), roughness=0.4),
    "foot": Material("rubber", color=(0.02, 0.02, 0.02), roughness=0.9),
}

_RISE, _LEAN = 0.25, 0.32


def build(steps: int = 7, width: float = 0.5) -> Mesh:
    """Returns the ladder; its platform is the last of `steps`, 0.25 m apart."""
    top = steps * _RISE
    half, slope = width / 2, _LEAN * top

    def rail_x(z: float) -> float:
        return half - 0.10 * half * z / top

    front = bar((half, -slope / 2 - 0.2, 0.03), (rail_x(top), 0.0, top), 0.045, "rail")
    rear = bar((half, slope / 2 + 0.2, 0.03), (rail_x(top), 0.08, top - 0.03), 0.032, "rail")
    hoop = bar((rail_x(top), 0.0, top - 0.05), (rail_x(top), 0.0, top + 0.55), 0.03, "rail", 8)
    feet = [
        box((0.06, 0.07, 0.05), "foot", 0.008).moved(half, y)
        for y in (-slope / 2 - 0.2, slope / 2 + 0.2)
    ]
    treads = [_tread(rail_x(i * _RISE), i / steps, slope, i * _RISE) for i in range(1, steps)]
    reach = rail_x(top)
    platform = cuboid((-reach, -0.10, top - 0.02), (reach, 0.24, top + 0.015), "cap", 0.01)
    bow = bar((-reach, 0, top + 0.54), (reach, 0, top + 0.54), 0.03, "rail", 8)
    tray = cuboid((-reach, -0.03, top + 0.49), (reach, 0.12, top + 0.51), "cap", 0.006)
    ties = [
        bar((-half, y, z), (half, y, z), 0.02, "rail")
        for z, y in ((0.3 * top, 0.7 * (slope / 2 + 0.12) + 0.08), (0.65 * top, 0.2 * slope + 0.12))
    ]
    return centred(union(both_sides(front, rear, hoop, *feet), *treads, platform, bow, tray, *ties))


def _tread(half: float, share: float, slope: float, z: float) -> Mesh:
    y = -(1 - share) * (slope / 2 + 0.2)
    return cuboid((-half, y - 0.045, z - 0.03), (half, y + 0.045, z), "tread", 0.004)
