"""A sheet of paper with lines of writing: a letter, an envelope, a note."""

import numpy as np

from simgen.mesh import Mesh, require_positive, union
from simgen.solids import box
from simgen.spec import Material

FINISH = {
    "paper": Material("plain", (0.78, 0.78, 0.76), roughness=0.8),
    "ink": Material("plain", (0.06, 0.06, 0.08), roughness=0.7),
}
SIZES = tuple(
    {"x": x, "y": y, "lines": lines}
    for x, y, lines in ((0.21, 0.297, 22), (0.22, 0.11, 3), (0.076, 0.076, 5), (0.148, 0.21, 12))
)
LOOKS = tuple(
    {"paper": Material("plain", paper, roughness=0.8), "ink": Material("plain", ink, roughness=0.7)}
    for paper, ink in (
        ((0.78, 0.78, 0.76), (0.06, 0.06, 0.08)),
        ((0.74, 0.66, 0.4), (0.05, 0.07, 0.25)),
        ((0.5, 0.38, 0.24), (0.03, 0.03, 0.03)),
        ((0.7, 0.74, 0.78), (0.35, 0.03, 0.05)),
    )
)
THICK = 0.0003


def build(x: float = 0.21, y: float = 0.297, lines: int = 22) -> Mesh:
    """Returns the sheet on its back; its writing lies a tenth of a millimetre proud."""
    require_positive(x=x, y=y, lines=lines)
    pitch, parts = 0.84 * y / lines, [box((x, y, THICK), "paper")]
    for i in range(int(lines)):
        long = 0.8 * x * (0.55 + 0.45 * np.sin(2.4 * i + 1) ** 2)
        line = box((long, 0.35 * pitch, THICK), "ink")
        parts.append(line.moved(-0.4 * x + long / 2, 0.42 * y - (i + 0.5) * pitch, 1e-4))
    return union(*parts)
