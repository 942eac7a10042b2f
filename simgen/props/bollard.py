"""A steel guard post on a foot plate, yellow with black bands."""

import numpy as np

from simgen.mesh import Mesh, array, union
from simgen.solids import box
from simgen.spec import Material
from simgen.turned import cylinder, lathe, ring

FINISH = {
    "post": Material("paint", color=(0.80, 0.50, 0.01), roughness=0.4, wear=0.3),
    "band": Material("paint", color=(0.02, 0.02, 0.02), roughness=0.45, wear=0.3),
    "plate": Material("metal", color=(0.35, 0.35, 0.35), roughness=0.5, wear=0.5),
}


def build(height: float = 1.1, diameter: float = 0.16, bands: int = 3) -> Mesh:
    """Returns the post; `bands` black bands share its upper 80 %."""
    radius, dome = diameter / 2, np.linspace(0, np.pi / 2, 6)
    cap = [(radius * np.cos(a), height - 0.3 * radius * (1 - np.sin(a))) for a in dome[:-1]]
    post = lathe([(radius, 0.008), *cap, (0, height)], "post", 28)
    plate = box((diameter + 0.14, diameter + 0.14, 0.012), "plate", 0.002)
    corner = radius + 0.04
    places = [(x, y, 0.0) for x in (-corner, corner) for y in (-corner, corner)]
    bolts = array(cylinder(0.014, 0.03, "plate", 6), places)
    pitch = 0.8 * height / (bands + 0.5) if bands else 0.0
    hoops = [_band(radius, 0.2 * height + i * pitch, pitch / 2) for i in range(bands)]
    return union(post, plate, bolts, *hoops)


def _band(radius: float, z: float, tall: float) -> Mesh:
    inner, outer = radius - 0.004, radius + 0.0015
    return ring([(inner, z), (outer, z), (outer, z + tall), (inner, z + tall)], "band", 28)
