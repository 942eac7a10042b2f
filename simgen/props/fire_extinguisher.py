"""A portable fire extinguisher of 6 kg, standing on its foot ring, label towards -y."""

import numpy as np

from simgen.mesh import Mesh, union
from simgen.parts import cuboid
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import bar, filleted, tube
from simgen.turned import cylinder, lathe, ring

FINISH = {
    "body": Material("paint", color=(0.50, 0.012, 0.012), roughness=0.25, wear=0.05),
    "black": Material("plastic", color=(0.02, 0.02, 0.02), roughness=0.5),
    "metal": Material("metal", color=(0.60, 0.55, 0.42), roughness=0.3, wear=0.2),
    "label": Material("plain", color=(0.78, 0.77, 0.72), roughness=0.5),
}


def build(height: float = 0.52, diameter: float = 0.16) -> Mesh:
    """Returns the extinguisher; a stubby or slender one keeps its proportions of neck and valve."""
    radius, neck = diameter / 2, height - 0.10
    dome = np.linspace(0, 0.44 * np.pi, 7)
    shoulder = [(radius * np.cos(a), neck - radius * (1 - np.sin(a)) * 0.75) for a in dome]
    body = lathe([(0.9 * radius, 0.022), (radius, 0.05), *shoulder], "body", 32)
    foot = lathe([(radius * 0.97, 0.0), (radius * 0.97, 0.03)], "black", 32)
    low, high = 0.32 * height, 0.62 * height
    inner, outer = radius - 0.004, radius + 0.0015
    label = ring([(inner, low), (outer, low), (outer, high), (inner, high)], "label", 32)
    valve = union(
        cylinder(0.018, 0.05, "metal", 14).moved(z=neck - 0.01),
        box((0.045, 0.05, 0.035), "metal", 0.008).moved(z=neck + 0.03),
        cylinder(0.014, 0.012, "label", 14).turned((1, 0, 0), 90).moved(y=-0.024, z=neck + 0.05),
    )
    grips = union(
        cuboid((-0.012, -0.02, neck + 0.0535), (0.012, 0.105, neck + 0.064), "black", 0.003),
        bar((0, -0.015, neck + 0.072), (0, 0.11, neck + 0.094), 0.014, "black"),
    )
    return union(body, foot, label, valve, grips.turned((0, 0, 1), 90), *_hose(radius, neck))


def _hose(radius: float, neck: float) -> list[Mesh]:
    """Returns the hose, which leaves the valve to +x and hangs down into its clip."""
    out = radius + 0.018
    path = [(0.02, 0, neck + 0.045), (out, 0, neck + 0.05), (out, 0, 0.45 * neck)]
    nozzle = [(0.008, 0.0), (0.012, 0.03), (0.015, 0.10), (0.015, 0.12)]
    return [
        tube(filleted(path, 0.06, steps=6), 0.018, "black", 10),
        lathe([(r, z) for r, z in nozzle], "black", 12).moved(x=out, z=0.45 * neck - 0.08),
        cuboid((radius - 0.004, -0.014, 0.5 * neck), (out + 0.013, 0.014, 0.53 * neck), "black"),
    ]
