"""An industrial floor: concrete fields with saw-cut joints.

It stands on z = 0 as every prop does: put its body at z = -THICKNESS to have its surface at z = 0.
"""

import numpy as np

from simgen.mesh import Mesh, array, union
from simgen.solids import box
from simgen.spec import Material

FINISH = {
    "surface": Material(
        "concrete", color=(0.30, 0.295, 0.28), accent=(0.2, 0.2, 0.19), roughness=0.45, wear=0.5
    ),
    "joint": Material("plain", color=(0.06, 0.06, 0.06), roughness=0.9),
}

THICKNESS = 0.125
_JOINT = 0.006
_BED = THICKNESS - 0.01


def build(width: float = 12.0, depth: float = 12.0, field: float = 6.0) -> Mesh:
    """Returns the floor, width (x) by depth (y); fields are about `field` long and wide."""
    columns, rows = (max(1, round(side / field)) for side in (width, depth))
    x, y = (width + _JOINT) / columns, (depth + _JOINT) / rows
    slab = box((x - _JOINT, y - _JOINT, 0.1), "surface").moved(z=THICKNESS - 0.1)
    middle = (columns - 1) / 2, (rows - 1) / 2
    centres = [
        ((i - middle[0]) * x, (j - middle[1]) * y, 0.0) for i, j in np.ndindex(columns, rows)
    ]
    return union(array(slab, centres), box((width - 0.01, depth - 0.01, _BED), "joint"))
