"""A counterbalanced forklift truck, forks towards -y, empty seat.

Measures follow electric trucks that lift 1.6 to 2.5 t: 2.3 m long to the face of the forks. All of
it is drawn with that face at y = 0 and moved to the middle of the truck at the end.
"""

import numpy as np

from simgen.errors import SimgenError
from simgen.keypoints import Points, loop, nearest, pair, shifted
from simgen.mesh import Mesh, array, union
from simgen.parts import both_sides, centred, channel, cuboid, side_view, wheel
from simgen.solids import box, hull
from simgen.spec import Material
from simgen.swept import bar, filleted, loft, tube
from simgen.turned import cylinder, ring

FINISH = {
    "paint": Material("paint", color=(0.75, 0.30, 0.012), roughness=0.35, wear=0.25),
    "dark": Material("paint", color=(0.035, 0.037, 0.04), roughness=0.45, wear=0.25),
    "tyre": Material("rubber", color=(0.02, 0.02, 0.02), roughness=0.85, wear=0.5),
    "rim": Material("paint", color=(0.55, 0.53, 0.48), roughness=0.4, wear=0.4),
    "steel": Material("metal", color=(0.35, 0.35, 0.36), roughness=0.4, wear=0.5),
    "seat": Material("plastic", color=(0.022, 0.022, 0.024), roughness=0.6),
    "lamp": Material("plastic", color=(0.85, 0.85, 0.80), roughness=0.15, wear=0.0),
    "tail": Material("plastic", color=(0.55, 0.02, 0.01), roughness=0.2, wear=0.0),
    "stripes": Material("stripes", color=(0.8, 0.5, 0.02), accent=(0.02, 0.02, 0.02), scale_m=0.1),
}

_LOWERED = 0.12
_FORK_APART, _FORK_WIDTH, _FORK_THICKNESS = 0.27, 0.12, 0.04

_AROUND = ("front_left", "front_right", "back_right", "back_left")
_FORK = (("fork_tip", "fork_heel"), ("fork_heel", "mast_foot"), ("mast_foot", "mast_top"))
SKELETON = (
    *((f"{a}_{side}", f"{b}_{side}") for side in ("left", "right") for a, b in _FORK),
    *loop([f"roof_{corner}" for corner in _AROUND]),
    *loop([f"wheel_{corner}" for corner in _AROUND]),
    ("mast_top_left", "mast_top_right"),
    ("backrest_left", "backrest_right"),
    ("counterweight_left", "counterweight_right"),
)


def build(
    fork_height: float = _LOWERED,
    mast_height: float = 2.1,
    fork_length: float = 1.15,
    width: float = 1.15,
) -> Mesh:
    """Returns the truck.

    Args:
        fork_height: of the upper face of the forks, on which a pallet's deck rests; the inner mast
            rises by half of what they rise.
        mast_height: of the lowered mast.
        width: across the front wheels.
    """
    highest = 2 * mast_height - 1.2
    if not 0.05 <= fork_height <= highest:
        raise SimgenError(f"forklift: fork_height={fork_height} must be within 0.05 and {highest}")
    return centred(_truck(width / 2, mast_height, fork_height, fork_length))


def keypoints(
    fork_height: float = _LOWERED,
    mast_height: float = 2.1,
    fork_length: float = 1.15,
    width: float = 1.15,
) -> Points:
    """Returns fork tips (the middle of their ends) and heels (where blade and shank meet), foot and
    top of the mast, upper corners of the load backrest, corners of the overhead guard's roof, hubs
    of the wheels, and the counterweight's rear corners."""
    half, top = width / 2, mast_height + _rise(fork_height)
    truck = _truck(half, mast_height, fork_height, fork_length)
    carriage = _carriage(half).moved(z=fork_height)
    drawn = {
        **pair("fork_tip", (_FORK_APART, -fork_length, fork_height - 0.006)),
        **pair("fork_heel", (_FORK_APART, 0.0, fork_height)),
        **pair("mast_foot", (0.36, 0.10, 0.06)),
        **pair("mast_top", (0.285, 0.095, top)),
        **pair("backrest", nearest(carriage, (half, 0.0, fork_height + 1.3))),
        **pair("roof_front", nearest(_guard(half), (half, 0.8, 2.0))),
        **pair("roof_back", nearest(_guard(half), (half, 1.7, 2.0))),
        **pair("wheel_front", (half - 0.002, 0.46, 0.30)),
        **pair("wheel_back", (half - 0.037, 1.80, 0.235)),
        **pair("counterweight", nearest(_counterweight(half), (half, 2.29, 0.6))),
    }
    x, y, _ = np.mean(truck.bounds, axis=0)
    return shifted(drawn, (-x, -y, 0))


def _rise(fork_height: float) -> float:
    """Returns how far the inner mast stands out of the outer one."""
    return max(0.0, fork_height - _LOWERED) / 2


def _truck(half: float, mast_height: float, fork_height: float, fork_length: float) -> Mesh:
    return union(
        _wheels(half),
        _chassis(half),
        _counterweight(half),
        _controls(half),
        _guard(half),
        _mast(mast_height, _rise(fork_height), fork_height),
        _carriage(half).moved(z=fork_height),
        _forks(fork_length).moved(z=fork_height),
    )


def _wheels(half: float) -> Mesh:
    front = wheel(0.30, 0.21, "tyre", "rim").moved(half - 0.105, 0.46, 0.30)
    rear = wheel(0.235, 0.17, "tyre", "rim").moved(half - 0.12, 1.80, 0.235)
    axles = cuboid((-half + 0.2, 1.74, 0.18), (half - 0.2, 1.86, 0.29), "dark")
    return union(both_sides(front, rear), axles)


def _chassis(half: float) -> Mesh:
    frame = cuboid((-half + 0.25, 0.24, 0.14), (half - 0.25, 1.59, 0.54), "dark")
    inside = (half - 0.235, half - 0.01)
    mudguard = both_sides(
        side_view([(0.20, 0.64), (0.74, 0.64), (0.70, 0.68), (0.24, 0.68)], inside, "paint"),
        side_view([(0.10, 0.53), (0.13, 0.50), (0.26, 0.65), (0.24, 0.675)], inside, "paint"),
        side_view([(0.70, 0.68), (0.735, 0.18), (0.79, 0.18), (0.79, 0.68)], inside, "paint"),
    )
    step = cuboid((-half + 0.02, 0.78, 0.16), (half - 0.02, 1.08, 0.36), "dark", 0.01)
    floor = cuboid((-half + 0.12, 0.6, 0.5), (half - 0.12, 1.08, 0.545), "dark")
    side = [(1.04, 0.17), (1.53, 0.17), (1.6, 0.5), (1.6, 0.93), (1.10, 0.93), (1.0, 0.6)]
    hood = side_view(side, (-half + 0.025, half - 0.025), "paint")
    sill = cuboid((-half + 0.015, 1.08, 0.2), (half - 0.015, 1.52, 0.32), "dark", 0.006)
    cover = cuboid((-half + 0.06, 1.12, 0.9), (half - 0.06, 1.66, 0.97), "dark", 0.02)
    return union(frame, mudguard, step, floor, hood, sill, cover)


def _counterweight(half: float) -> Mesh:
    levels = ((0.48, 2.26), (0.56, 2.29), (0.86, 2.27), (0.97, 2.20), (1.01, 2.10))
    above = [_rounded_rear(half - 0.005, 1.5, y) for _, y in levels]
    body = loft(above, [z for z, _ in levels], "paint")
    skirt = [_rounded_rear(half - 0.02, 2.06, y) for y in (2.22, 2.26, 2.26)]
    apron = loft(skirt, (0.19, 0.25, 0.5), "paint")
    core = cuboid((-half + 0.27, 1.48, 0.2), (half - 0.27, 2.1, 0.49), "dark")
    louvre = cuboid((-0.27, 2.2, 0.0), (0.27, 2.30, 0.022), "dark", 0.004)
    grille = array(louvre, [(0, 0, z) for z in np.arange(0.58, 0.83, 0.045)])
    stripes = cuboid((-0.36, 2.2, 0.31), (0.36, 2.265, 0.42), "stripes")
    pin = cylinder(0.03, 0.2, "steel", 12).moved(y=2.27, z=0.4)
    tail = cuboid((half - 0.22, 2.1, 0.74), (half - 0.11, 2.275, 0.84), "tail", 0.01)
    return union(body, apron, core, grille, stripes, pin, both_sides(tail))


def _rounded_rear(half: float, front: float, rear: float) -> np.ndarray:
    """Returns an outline seen from above, counter-clockwise, with generous rear corners."""
    corners = [(-half, front), (half, front), (half, rear), (-half, rear)]
    arcs = filleted(corners, min(0.26, 0.9 * (rear - front)), steps=6, loop=True).reshape(4, 7, 2)
    return np.concatenate([corners[:2], *arcs[2:]])


def _controls(half: float) -> Mesh:
    cushion = box((0.48, 0.46, 0.13), "seat", 0.035).moved(y=1.36, z=0.96)
    back = box((0.46, 0.11, 0.52), "seat", 0.04).turned((1, 0, 0), -10).moved(y=1.58, z=1.04)
    arm = cuboid((0.26, 1.2, 1.18), (0.34, 1.52, 1.24), "dark", 0.02)
    cowl = [(0.54, 0.52), (0.72, 0.52), (0.74, 0.98), (0.66, 1.08), (0.56, 1.08)]
    dash = side_view(cowl, (-half + 0.13, half - 0.13), "dark")
    display = cuboid((0.2, 0.68, 1.0), (0.38, 0.73, 1.14), "seat", 0.01)
    column = bar((0, 0.70, 0.95), (0, 0.92, 1.20), 0.07, "dark", 10)
    hoop = [
        (0.185, 0),
        (0.178, 0.014),
        (0.162, 0.014),
        (0.155, 0),
        (0.162, -0.014),
        (0.178, -0.014),
    ]
    spokes = [bar((0, 0, 0), (0.165 * x, 0.165 * y, 0), 0.022, "dark") for x, y in _SPOKES]
    steering = union(ring(hoop, "seat", 24), cylinder(0.045, 0.03, "dark", 12), *spokes)
    steering = steering.turned((1, 0, 0), 41).moved(y=0.925, z=1.205)
    levers = [bar((x, 0.7, 1.05), (x, 0.78, 1.22), 0.022, "seat", 6) for x in (0.22, 0.28, 0.34)]
    return union(cushion, back, arm, dash, display, column, steering, *levers)


_SPOKES = [(np.cos(a), np.sin(a)) for a in np.radians((90, 210, 330))]


def _guard(half: float) -> Mesh:
    x = half - 0.09
    bow = [(x, 0.60, 0.55), (x, 0.62, 1.0), (x, 0.80, 1.95), (x, 1.70, 1.95), (x, 1.92, 0.95)]
    legs = both_sides(tube(filleted(bow, 0.16), 0.075, "dark", 12))
    across = box((2 * x, 0.045, 0.03), "dark").moved(z=1.945)
    bars = array(across, [(0, y, 0) for y in np.linspace(0.96, 1.6, 7)])
    ends = [bar((-x, y, 1.95), (x, y, 1.95), 0.06, "dark", 10) for y in (0.87, 1.66)]
    lamp = union(
        box((0.13, 0.07, 0.11), "dark", 0.015),
        cuboid((-0.05, -0.045, 0.015), (0.05, 0, 0.095), "lamp"),
    )
    lamps = both_sides(lamp.moved(x + 0.02, 0.70, 1.62))
    beacon = union(cylinder(0.05, 0.03, "dark", 16), cylinder(0.042, 0.1, "tail", 16).moved(z=0.01))
    return union(legs, bars, *ends, lamps, beacon.moved(-x + 0.18, 1.66, 1.975))


def _mast(height: float, rise: float, fork_height: float) -> Mesh:
    outer = channel(0.07, 0.13, height - 0.06, 0.018, "dark").turned((0, 0, 1), 180)
    inner = channel(0.055, 0.10, height - 0.08, 0.016, "dark").turned((0, 0, 1), 180)
    rails = both_sides(
        outer.moved(0.36, 0.165, 0.06),
        inner.moved(0.285, 0.145, 0.08 + rise),
        bar((0.33, 0.22, 0.72), (0.33, 0.62, 0.52), 0.07, "dark", 10),
        cylinder(0.032, height - 0.24, "dark", 12).moved(0.185, 0.205, 0.12),
        cylinder(0.02, height - 0.13 + rise, "steel", 12).moved(0.185, 0.205, 0.125),
        *_chain(height + rise, fork_height),
    )
    ties = [
        cuboid((-0.355, 0.205, z), (0.355, 0.245, z + 0.09), "dark")
        for z in (0.16, 0.62 * height, height - 0.16)
    ]
    inner_ties = [
        cuboid((-0.28, 0.105, z + rise), (0.28, 0.19, z + 0.07 + rise), "dark")
        for z in (0.1, height - 0.08)
    ]
    return union(rails, *ties, *inner_ties)


def _chain(top: float, fork_height: float) -> list[Mesh]:
    """Returns the right chain over its pulley, and its hose beside it."""
    pulley = cylinder(0.055, 0.03, "steel", 16).turned((0, 1, 0), 90)
    low = fork_height + 0.4
    return [
        cuboid((0.088, 0.088, low), (0.112, 0.1, top - 0.1), "steel"),
        cuboid((0.145, 0.09, low), (0.157, 0.102, top - 0.1), "tyre"),
        pulley.moved(0.085, 0.14, top - 0.11),
    ]


def _carriage(half: float) -> Mesh:
    wide = min(half - 0.05, 0.52)
    plates = [cuboid((-wide, 0.04, z), (wide, 0.075, z + 0.11), "dark", 0.004) for z in (0.02, 0.4)]
    cheeks = cuboid((0.14, 0.06, 0.03), (0.22, 0.13, 0.5), "dark")
    frame = [(-wide, 0.055, 0.45), (-wide, 0.055, 1.2), (wide, 0.055, 1.2), (wide, 0.055, 0.45)]
    hoop = tube(filleted(frame, 0.06), 0.04, "dark", 8)
    upright = box((0.025, 0.02, 0.72), "dark").moved(y=0.055, z=0.47)
    uprights = array(upright, [(x, 0, 0) for x in np.linspace(-wide, wide, 10)[1:-1]])
    return union(*plates, both_sides(cheeks), hoop, uprights)


def _forks(length: float) -> Mesh:
    """Returns both forks, their upper face at z = 0 and the face of their shanks at y = 0."""
    half, thick = _FORK_WIDTH / 2, _FORK_THICKNESS
    blade = [(-half, thick, -thick), (half, thick, -thick), (-half, thick, 0), (half, thick, 0)]
    blade += [(-half, 0.25 - length, -thick), (half, 0.25 - length, -thick)]
    for z in (-0.012, 0.0):
        blade += [(-half, 0.06 - length, z), (half, 0.06 - length, z)]
        blade += [(-half / 2, -length, z), (half / 2, -length, z)]
    shank = cuboid(
        (0.001 - half, 0, -thick / 2), (half - 0.001, thick - 0.001, 0.54), "steel", 0.004
    )
    hook = cuboid((-half + 0.01, 0.02, 0.5), (half - 0.01, 0.08, 0.535), "steel")
    fork = union(hull(np.array(blade), "steel"), shank, hook)
    return both_sides(fork.moved(x=_FORK_APART))
