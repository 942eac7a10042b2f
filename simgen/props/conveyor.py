"""A belt conveyor along x: side rails on legs, or the belt alone, so that it may move."""

import numpy as np

from simgen.errors import SimgenError, did_you_mean
from simgen.mesh import Mesh, array, union
from simgen.parts import cuboid
from simgen.pieces import Pieces
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import loft, rounded
from simgen.turned import cylinder

FINISH = {
    "belt": Material("rubber", (0.03, 0.05, 0.045), roughness=0.6, wear=0.3),
    "rail": Material("paint", (0.5, 0.51, 0.52), (0.3, 0.3, 0.3), roughness=0.35, wear=0.2),
    "leg": Material("paint", (0.05, 0.12, 0.3), (0.3, 0.3, 0.3), 0.4, 0.3),
}
PARTS = ("belt", "frame")
ROLLER = 0.03  # metres, radius
LIP = 0.025  # of the rails above the belt
GAP = 0.006


def build(
    length: float = 2.4, width: float = 0.4, height: float = 0.9, part: str = "frame"
) -> Mesh:
    """Returns the frame or the belt, whose upper side is at `height`."""
    if part not in PARTS:
        raise SimgenError(f"conveyor: part={part!r}; {did_you_mean(part, PARTS)}")
    return (_belt if part == "belt" else _frame)(length, width, height)


def pieces(
    length: float = 2.4, width: float = 0.4, height: float = 0.9, part: str = "frame"
) -> Pieces:
    """Returns the belt's hull, or the rails."""
    if part == "belt":
        return (_belt(length, width, height).vertices,)
    return tuple(rail.vertices for rail in _rails(length, width, height))


def _belt(length: float, width: float, height: float) -> Mesh:
    """Returns the belt round its rollers as one solid, standing on z = 0."""
    outline = rounded(length, 2 * ROLLER, ROLLER - 1e-4, steps=8)
    loop = loft([outline, outline], (-width / 2, width / 2), "belt")
    return loop.turned((1, 0, 0), 90).moved(z=height - ROLLER)


def _rails(length: float, width: float, height: float) -> list[Mesh]:
    edge = width / 2 + GAP
    low, high = height - 2 * ROLLER - 0.03, height + LIP
    rail = [
        cuboid((-length / 2, s * edge - (s < 0) * 0.004, low),
               (length / 2, s * edge + (s > 0) * 0.004, high), "rail", 0.001)
        for s in (-1, 1)
    ]  # fmt: skip
    lips = [
        cuboid((-length / 2, min(s * edge, s * (edge + 0.03)), high - 0.003),
               (length / 2, max(s * edge, s * (edge + 0.03)), high + 0.001), "rail", 0.001)
        for s in (-1, 1)
    ]  # fmt: skip
    return rail + lips


def _frame(length: float, width: float, height: float) -> Mesh:
    edge, top = width / 2 + GAP + 0.022, height - 2 * ROLLER - 0.03
    leg = box((0.04, 0.04, top + 0.03), "leg", 0.003)
    at = np.linspace(-0.42, 0.42, max(2, round(length / 1.2))) * length
    legs = array(leg, [(x, s * edge, 0.0) for x in at for s in (-1, 1)])
    cross = box((0.03, 2 * edge, 0.03), "leg", 0.002)
    ties = array(cross, [(x, 0.0, 0.25 * top) for x in at])
    axle = cylinder(0.012, width + 2 * GAP + 0.03, "rail", 16).turned((1, 0, 0), 90)
    axles = [axle.moved(s * (length / 2 - ROLLER), width / 2 + GAP + 0.015, height - ROLLER)
             for s in (-1, 1)]  # fmt: skip
    return union(*_rails(length, width, height), legs, ties, *axles)
