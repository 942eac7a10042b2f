"""A combination wrench, lying flat along x: an open jaw at +x, a ring at -x."""

import numpy as np

from simgen.flat import circle, plate, polygon
from simgen.keypoints import Edges, Points, plain
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces, upright
from simgen.solids import box
from simgen.spec import Material

FINISH = {"steel": Material("metal", (0.5, 0.5, 0.52), roughness=0.22, wear=0.1)}
SIZES = tuple({"flats": flats} for flats in (0.010, 0.013, 0.017, 0.019))
LOOKS = (FINISH, {"steel": Material("metal", (0.06, 0.06, 0.06), roughness=0.4, wear=0.2)})
SKELETON: Edges = (("ring_end", "tip_near"), ("ring_end", "tip_far"))
COUNT = 36


def build(flats: float = 0.013) -> Mesh:
    """Returns the wrench for a nut that wide across `flats`."""
    reach, thick = _reach(flats), 0.42 * flats
    length = 2 * reach - 1.2 * flats
    handle = box((length, 0.75 * flats, 0.7 * thick), "steel", 0.16 * flats).moved(z=0.15 * thick)
    jaw = plate(*_jaw(flats), thick, "steel", 0.06 * flats, whole=False).moved(x=reach)
    ring = plate(*_ring(flats), 1.15 * thick, "steel", 0.06 * flats).moved(x=-reach)
    return union(handle, jaw, ring)


def keypoints(flats: float = 0.013) -> Points:
    """Returns the end of the ring and the two tips of the jaw."""
    reach, thick = _reach(flats), 0.42 * flats
    outer, _ = _jaw(flats)
    tips = [plain((*(tip + (reach, 0)), 0.5 * thick)) for tip in (outer[-1], outer[0])]
    end = plain((-reach - 0.82 * flats, 0, 0.5 * thick))
    return {"ring_end": end, "tip_near": tips[0], "tip_far": tips[1]}


def pieces(flats: float = 0.013) -> Pieces:
    """Returns the handle, the ring and the jaw, both of them filled."""
    reach, thick = _reach(flats), 0.42 * flats
    length = reach - 0.6 * flats
    handle = np.array(
        [
            (x, y, z)
            for x in (-length, length)
            for y in (-0.375 * flats, 0.375 * flats)
            for z in (0.15 * thick, 0.85 * thick)
        ]
    )
    jaw = upright(_jaw(flats)[0] + (reach, 0), 0.0, thick)
    ring = upright(_ring(flats)[0] - (reach, 0), 0.0, 1.15 * thick)
    return handle, jaw, ring


def _reach(flats: float) -> float:
    """Returns how far the middles of ring and jaw are from the wrench's."""
    return 0.025 + 4 * flats


def _ring(flats: float) -> tuple[np.ndarray, np.ndarray]:
    return circle(0.82 * flats, COUNT), polygon(circle(0.56 * flats, 12), COUNT)


def _jaw(flats: float) -> tuple[np.ndarray, np.ndarray]:
    """Returns the outlines of a C, open 15 degrees off +x, as wrenches are."""
    radius, tilt = 1.1 * flats, np.radians(15)
    tip = np.arcsin(0.5 / (0.8 * 1.1))
    outer = circle(radius, COUNT, tip, 2 * np.pi - tip)
    along, across = (outer / radius).T
    with np.errstate(divide="ignore"):
        slot = 0.5 * flats / np.abs(across)
        back = np.where(along < 0, 0.5 * flats / np.maximum(-along, 1e-9), np.inf)
    inner = outer / radius * np.minimum(slot, back)[:, None]
    turn = np.array([[np.cos(tilt), np.sin(tilt)], [-np.sin(tilt), np.cos(tilt)]])
    return outer @ turn, inner @ turn
