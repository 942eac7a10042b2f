"""A linear hall light: a sheet-metal housing with glowing tubes on its underside, hung on rods.

The tubes only look lit, and light what is near; scenes put a Light just below for the rest.
"""

import numpy as np

from simgen.mesh import Mesh, array, union
from simgen.parts import cuboid, side_view
from simgen.spec import Material
from simgen.swept import bar

FINISH = {
    "housing": Material("paint", color=(0.70, 0.70, 0.69), roughness=0.4, wear=0.1),
    "tube": Material("emitter", color=(1.0, 0.95, 0.88), emission=12.0),
}


def build(length: float = 1.5, width: float = 0.28, tubes: int = 2, drop: float = 1.45) -> Mesh:
    """Returns the light, along y: its tubes' undersides at z = 0, its rods' ends at 0.1 + drop.

    Left at its default, `drop` reaches the deck of a roof that stands 0.7 above the tubes.
    """
    half, end = width / 2, length / 2
    tray = cuboid((-half, -end, 0.03), (half, end, 0.045), "housing")
    wings = [
        cuboid((x - 0.006, -end, 0.004), (x + 0.006, end, 0.04), "housing")
        for x in (-half + 0.006, half - 0.006)
    ]
    back = side_view(
        [(-end + 0.1, 0.1), (-end + 0.06, 0.04), (end - 0.06, 0.04), (end - 0.1, 0.1)],
        (-0.35 * width, 0.35 * width),
        "housing",
    )
    tube = bar((0, -end + 0.04, 0.014), (0, end - 0.04, 0.014), 0.028, "tube", 12)
    places = (np.arange(tubes) + 0.5) / tubes * 0.8 * width - 0.4 * width
    rods = [
        bar((0, y, 0.09), (0, y, 0.1 + drop), 0.008, "housing", 6)
        for y in (-0.35 * length, 0.35 * length)
        if drop > 0
    ]
    return union(tray, *wings, back, array(tube, [(x, 0, 0) for x in places]), *rods)
