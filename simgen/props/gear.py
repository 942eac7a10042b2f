"""A spur gear with a bored hub, lying flat."""

import numpy as np

from simgen.flat import circle, plate
from simgen.keypoints import AROUND, Edges, Points, loop, plain
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces, upright
from simgen.spec import Material

FINISH = {
    "steel": Material("metal", (0.36, 0.36, 0.37), roughness=0.35, wear=0.15),
    "hub": Material("metal", (0.36, 0.36, 0.37), roughness=0.25, wear=0.1),
}
SIZES = tuple(
    {"teeth": teeth, "module": module}
    for teeth, module in ((16, 0.0025), (20, 0.0025), (24, 0.003), (32, 0.002))
)
LOOKS = (
    FINISH,
    {"steel": Material("metal", (0.6, 0.44, 0.16), roughness=0.3, wear=0.15)},
    {
        name: Material("plastic", (0.85, 0.82, 0.72), roughness=0.45, wear=0.1)
        for name in ("steel", "hub")
    },
)
SKELETON: Edges = loop([f"bore_{side}" for side in AROUND])


def build(teeth: int = 20, module: float = 0.0025) -> Mesh:
    """Returns a gear whose pitch circle is `teeth` modules across, a module in metres."""
    rim, hub = _plates(teeth, module)
    return union(plate(*rim, "steel", 0.15 * module), plate(*hub, "hub", 0.2 * module))


def keypoints(teeth: int = 20, module: float = 0.0025) -> Points:
    """Returns four points of the bore's upper edge."""
    _, (_, bore, height) = _plates(teeth, module)
    reach = np.linalg.norm(bore[0]) + 0.2 * module
    return {
        f"bore_{side}": plain((reach * x, reach * y, height)) for side, (x, y) in AROUND.items()
    }


def pieces(teeth: int = 20, module: float = 0.0025) -> Pieces:
    """Returns the rim, gaps between teeth filled, and the hub, its bore filled."""
    (outer, _, thin), (hub, _, thick) = _plates(teeth, module)
    return upright(outer, 0.0, thin), upright(hub, 0.0, thick)


def _plates(teeth: int, module: float):
    """Returns (outer, inner, thickness) of the toothed rim and of the hub."""
    pitch = teeth * module / 2
    bore = 0.32 * pitch
    around = np.array([-0.36, -0.14, 0.14, 0.36])
    angle = (2 * np.pi / teeth * (np.arange(teeth)[:, None] + around)).ravel()
    radius = pitch + module * np.tile([-1.25, 1.0, 1.0, -1.25], teeth)
    toothed = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    inner = 1.02 * bore * toothed / radius[:, None]
    return (toothed, inner, 5 * module), (circle(1.9 * bore, 40), circle(bore, 40), 8 * module)
