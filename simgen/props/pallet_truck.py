"""A hand pallet truck, forks towards -y.

Drawn with the heels of the forks at y = 0 and moved to the middle of its bounds at the end.
"""

import numpy as np

from simgen.errors import SimgenError
from simgen.keypoints import Points, nearest, pair, shifted
from simgen.mesh import Mesh, union
from simgen.parts import both_sides, centred, cuboid, side_view, wheel
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import bar, filleted, loft, tube
from simgen.turned import cylinder, lathe

FINISH = {
    "paint": Material("paint", color=(0.72, 0.33, 0.012), roughness=0.35, wear=0.4),
    "steel": Material("metal", color=(0.30, 0.30, 0.31), roughness=0.4, wear=0.5),
    "wheel": Material("plastic", color=(0.03, 0.03, 0.032), roughness=0.5, wear=0.5),
    "grip": Material("paint", color=(0.025, 0.025, 0.027), roughness=0.4, wear=0.3),
}

LOWERED = 0.085
PIVOT = (0.17, 0.24)  # of the tiller: y, z
_LENGTH, _WIDTH, _ACROSS = 1.15, 0.16, 0.54
SKELETON = (
    *((f"fork_tip_{side}", f"head_{side}") for side in ("left", "right")),
    ("head_left", "head_right"),
    ("handle_left", "handle_right"),
    ("handle_left", "handle_top"),
    ("handle_right", "handle_top"),
)


def build(handle_deg: float = 12.0, lift: float = 0.0) -> Mesh:
    """Returns the truck.

    Args:
        handle_deg: lean of the tiller from upright, away from the forks; 0 is parked.
        lift: how far the forks are raised; their upper face is at LOWERED + lift.
    """
    if not 0 <= handle_deg <= 80:
        raise SimgenError(f"pallet_truck: handle_deg={handle_deg} must be within 0 and 80")
    if not 0 <= lift <= 0.12:
        raise SimgenError(f"pallet_truck: lift={lift} must be within 0 and 0.12")
    return centred(_truck(handle_deg, lift))


def keypoints(handle_deg: float = 12.0, lift: float = 0.0) -> Points:
    """Returns fork tips (the middle of their ends), the upper rear corners of the head, hubs of the
    steered wheels, and the sides and the top of the handle."""
    truck = _truck(handle_deg, lift)
    up = np.array([0, np.sin(np.radians(handle_deg)), np.cos(np.radians(handle_deg))])
    pivot = np.array([0, *PIVOT])
    drawn = {
        **pair("fork_tip", ((_ACROSS - _WIDTH) / 2, -_LENGTH, 0.056 + lift)),
        **pair("head", nearest(truck, (_ACROSS / 2, 0.05, 0.075 + LOWERED + lift))),
        **pair("wheel", (0.098, 0.075, 0.09)),
        **pair("handle", nearest(truck, pivot + 0.95 * up + (0.165, 0, 0))),
        "handle_top": nearest(truck, pivot + 1.015 * up),
    }
    x, y, _ = np.mean(truck.bounds, axis=0)
    return shifted(drawn, (-x, -y, 0))


def _truck(handle_deg: float, lift: float) -> Mesh:
    tiller = _tiller().turned((1, 0, 0), -handle_deg).moved(0.0, *PIVOT)
    return union(_forks(lift), _head().moved(z=LOWERED + lift), _pump(lift), tiller)


def _forks(lift: float) -> Mesh:
    """Returns both forks with their rollers, which swing down from the lifted blades."""
    tip = filleted(_plan(0.0), 0.075, steps=5, loop=True)
    top = filleted(_plan(0.008), 0.07, steps=5, loop=True)
    blade = loft([tip, tip, top], (0.035, 0.077, LOWERED), "paint").moved(z=lift)
    roller = cylinder(0.034, 0.09, "wheel", 18).turned((0, 1, 0), 90).moved(x=-0.045, z=0.034)
    arm = bar((0, -0.93, 0.055 + lift), (0, -1.0, 0.04), 0.035, "steel")
    fork = union(blade, roller.moved(y=-1.0), roller.moved(y=-0.915 + 0.5 * lift), arm)
    return both_sides(fork.moved(x=(_ACROSS - _WIDTH) / 2))


def _plan(inset: float) -> list[tuple[float, float]]:
    """Returns a blade's outline seen from above, counter-clockwise."""
    x, tip = _WIDTH / 2 - inset, inset - _LENGTH
    return [(-x, 0.04), (-x, -0.95), (-0.62 * x, tip), (0.62 * x, tip), (x, -0.95), (x, 0.04)]


def _head() -> Mesh:
    """Returns the welded head that joins the blades; z = 0 is their upper face."""
    reach = _ACROSS / 2
    cross = cuboid((-reach + 0.004, -0.03, -0.052), (reach - 0.004, 0.05, 0.075), "paint", 0.008)
    crown = [(-0.2, 0.0), (0.2, 0.0), (0.085, 0.36), (-0.085, 0.36)]
    plate = loft([_band(x, -0.005, 0.02) for x, _ in (crown[1], crown[2])], (0.07, 0.36), "paint")
    cheek = [(-0.02, 0.06), (0.10, 0.06), (0.045, 0.34), (-0.004, 0.34)]
    cheeks = side_view(cheek, (0.084, 0.096), "paint")
    gusset = side_view([(-0.16, -0.001), (0.0, -0.001), (0.0, 0.16)], (0.215, 0.229), "paint")
    cap = cuboid((-0.05, -0.004, 0.345), (0.05, 0.115, 0.362), "paint")
    return union(cross, plate, cap, both_sides(cheeks, gusset))


def _band(half: float, front: float, rear: float) -> np.ndarray:
    return np.array([(-half, front), (half, front), (half, rear), (-half, rear)])


def _pump(lift: float) -> Mesh:
    turntable = [(0.0, 0.10), (0.085, 0.10), (0.09, 0.13), (0.07, 0.17), (0.065, 0.3), (0.0, 0.3)]
    body = lathe(turntable, "grip", 20)
    piston = cylinder(0.022, 0.20 + lift, "steel", 14).moved(z=0.22)
    block = box((0.10, 0.12, 0.10), "grip", 0.012).moved(y=0.06, z=0.18)
    steer = wheel(0.09, 0.05, "wheel", "steel", bore=0.55).moved(x=0.075, z=0.09)
    axle = bar((-0.08, 0, 0.09), (0.08, 0, 0.09), 0.03, "steel", 10)
    fork = box((0.07, 0.06, 0.12), "grip", 0.006).moved(z=0.06)
    pivot = bar((-0.07, 0.095, 0.24), (0.07, 0.095, 0.24), 0.04, "steel", 10)
    return union(body, piston, block, both_sides(steer), axle, fork, pivot).moved(y=0.075)


def _tiller() -> Mesh:
    """Returns the tiller upright on its pivot: a pole that ends in a D with the release lever."""
    foot = box((0.075, 0.05, 0.13), "grip", 0.01).moved(z=-0.03)
    pole = tube([(0, 0, 0.05), (0, 0, 0.78)], 0.036, "grip", 12)
    loop = filleted([(0, 0.78), (0.13, 0.84), (0.15, 1.0), (0.0, 1.0)], 0.05)
    right = [(x, 0, z) for x, z in loop]
    left = [(-x, 0, z) for x, z in loop[::-1]]
    handle = tube([*right, *left[1:]], 0.03, "grip", 10)
    lever = union(
        bar((0, 0, 0.76), (0, -0.012, 0.93), 0.022, "steel", 8),
        box((0.05, 0.016, 0.05), "paint", 0.005).moved(y=-0.014, z=0.9),
    )
    return union(foot, pole, handle, lever, box((0.05, 0.045, 0.07), "grip", 0.01).moved(z=0.74))
