"""An angle bracket of folded steel, a hole in each leg."""

import numpy as np

from simgen.flat import circle, plate, polygon
from simgen.keypoints import SIDES, Edges, Points, corner, loop
from simgen.mesh import Mesh, union
from simgen.parts import centred
from simgen.pieces import Pieces
from simgen.solids import box
from simgen.spec import Material, Value

FINISH = {"steel": Material("metal", (0.5, 0.5, 0.52), roughness=0.35, wear=0.2)}
SIZES = tuple(
    {"leg": leg, "width": width, "thickness": thickness}
    for leg, width, thickness in ((0.04, 0.03, 0.0025), (0.06, 0.04, 0.003), (0.08, 0.04, 0.004))
)
LOOKS = (
    FINISH,
    {"steel": Material("paint", (0.02, 0.02, 0.022), (0.3, 0.3, 0.3), 0.4, 0.15)},
    {"steel": Material("paint", (0.7, 0.7, 0.68), (0.3, 0.3, 0.3), 0.35, 0.15)},
)
COUNT = 40
SKELETON: Edges = loop(("foot_front_left", "foot_front_right", "top_back_right", "top_back_left"))


def build(leg: float = 0.06, width: float = 0.04, thickness: float = 0.003) -> Mesh:
    """Returns two equal legs, `width` along x, one on the floor, the other up at its back."""
    return centred(union(*_parts(leg, width, thickness)))


def keypoints(leg: float = 0.06, width: float = 0.04, thickness: float = 0.003) -> Points:
    """Returns the corners of the two legs' ends."""
    whole = build(leg, width, thickness)
    foot = {f"foot_front_{side}": corner(whole, (x, -8, 1)) for side, x in SIDES.items()}
    return foot | {f"top_back_{side}": corner(whole, (x, 1, 8)) for side, x in SIDES.items()}


def pieces(**params: Value) -> Pieces:
    """Returns the legs, their holes filled."""
    whole = build(**params)
    y, z = whole.vertices[:, 1], whole.vertices[:, 2]
    thick = dict(params).get("thickness", 0.003) * 1.001
    return whole.vertices[z <= thick], whole.vertices[y >= y.max() - thick]


def _parts(leg: float, width: float, thickness: float) -> list[Mesh]:
    """Returns foot, wall and the fold between them; the fold's back is at y = 0."""
    hole, reach = 0.16 * min(leg, width), leg - thickness
    flat = polygon([(-width / 2, -reach / 2), (width / 2, -reach / 2), (width / 2, reach / 2),
                    (-width / 2, reach / 2)], COUNT)  # fmt: skip
    shift = np.array([0, -0.08 * leg + thickness / 2])
    leg_part = plate(flat, circle(hole, COUNT) + shift, thickness, "steel", 0.1 * thickness)
    foot = leg_part.moved(y=-reach / 2 - thickness)
    wall = leg_part.turned((1, 0, 0), -90).moved(y=-thickness, z=reach / 2 + thickness)
    return [foot, wall, box((width, thickness, thickness), "steel", 0.1 * thickness)
            .moved(y=-thickness / 2)]  # fmt: skip
