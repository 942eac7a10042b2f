"""A cable lying about in loose bends, its ends bare."""

import numpy as np
from scipy.interpolate import CubicSpline

from simgen.mesh import Mesh, require_positive
from simgen.spec import Material
from simgen.swept import tube

FINISH = {"sheath": Material("plastic", (0.02, 0.02, 0.022), roughness=0.45)}
SIZES = tuple(
    {"length": length, "width": width, "bend": bend}
    for length, width, bend in (
        (0.35, 0.005, 1.0),
        (0.5, 0.004, 2.2),
        (0.7, 0.006, 3.1),
        (0.5, 0.0035, 4.7),
    )
)
LOOKS = tuple(
    {"sheath": Material("plastic", color, roughness=0.45)}
    for color in ((0.02, 0.02, 0.022), (0.78, 0.78, 0.76), (0.4, 0.03, 0.03), (0.03, 0.1, 0.3))
)
BENDS, STEPS = 6, 8  # through how many points, and how many straight pieces between two of them


def build(length: float = 0.5, width: float = 0.005, bend: float = 1.0) -> Mesh:
    """Returns the cable, along x by and large; another `bend` is another line."""
    require_positive(length=length, width=width)
    along = np.linspace(-0.5, 0.5, BENDS + 1)
    aside = 0.16 * np.sin(bend * (3 + 11 * along)) + 0.08 * np.sin(5.3 * bend + 17 * along)
    line = CubicSpline(along, np.column_stack([along, aside]) * length)
    path = line(np.linspace(-0.5, 0.5, BENDS * STEPS + 1))
    cable = tube(np.insert(path, 2, 0.0, axis=1), width, "sheath")
    return cable.moved(z=-float(cable.vertices[:, 2].min()))
