"""A hexagon nut, lying flat; sizes after ISO 4032."""

import numpy as np

from simgen.flat import circle, plate, polygon
from simgen.keypoints import AROUND, Edges, Points, loop, plain
from simgen.mesh import Mesh
from simgen.pieces import Pieces
from simgen.props.bolt import LOOKS as BOLTS
from simgen.spec import Material

FINISH = {"steel": Material("metal", (0.42, 0.43, 0.45), roughness=0.32, wear=0.15)}
SIZES = tuple({"thread": thread} for thread in (0.008, 0.01, 0.012, 0.016, 0.02))
LOOKS = BOLTS
CORNERS = 36
SKELETON: Edges = (*loop([f"bore_{side}" for side in AROUND]),)


def build(thread: float = 0.012) -> Mesh:
    """Returns the nut of a `thread` diameter."""
    outer, bore, height = _outlines(thread)
    return plate(outer, bore, height, "steel", 0.09 * thread)


def keypoints(thread: float = 0.012) -> Points:
    """Returns four points of the bore's upper edge."""
    *_, height = _outlines(thread)
    reach = _bore(thread) + 0.09 * thread
    return {
        f"bore_{side}": plain((reach * x, reach * y, height)) for side, (x, y) in AROUND.items()
    }


def pieces(thread: float = 0.012) -> Pieces:
    """Returns the whole, its bore filled: no bolt finds its way through one by itself."""
    return (build(thread).vertices,)


def _bore(thread: float) -> float:
    return 0.44 * thread


def _outlines(thread: float) -> tuple[np.ndarray, np.ndarray, float]:
    corners = circle(1.55 * thread / np.sqrt(3), 6)
    return polygon(corners, CORNERS), circle(_bore(thread), CORNERS), 0.85 * thread
