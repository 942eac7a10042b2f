"""A wheeled waste bin of 240 litres, its lid hinged at the back (+y)."""

from simgen.mesh import Mesh, union
from simgen.parts import both_sides, centred, wheel
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import bar, loft, rounded

FINISH = {
    "body": Material("plastic", color=(0.03, 0.10, 0.05), roughness=0.5, wear=0.4),
    "lid": Material("plastic", color=(0.035, 0.12, 0.06), roughness=0.45, wear=0.3),
    "tyre": Material("rubber", color=(0.02, 0.02, 0.02), roughness=0.9, wear=0.4),
    "rim": Material("plastic", color=(0.25, 0.25, 0.26), roughness=0.5),
}


def build(height: float = 1.06, width: float = 0.58, depth: float = 0.68) -> Mesh:
    """Returns the bin; `depth` without the grip behind the lid."""
    levels = ((0.03, 0.76), (0.10, 0.80), (height - 0.12, 0.98))
    body = loft(
        [rounded(s * width - 0.04, s * depth - 0.06, 0.06) for _, s in levels],
        [z for z, _ in levels],
        "body",
    )
    collar = [rounded(width - inset, depth - 0.04 - inset, 0.05) for inset in (0.03, 0.0, 0.0)]
    rim = loft(collar, (height - 0.17, height - 0.155, height - 0.11), "body")
    lid = [rounded(width - inset, depth - inset, 0.06) for inset in (0.0, 0.0, 0.05, 0.2)]
    cover = loft(lid, (height - 0.10, height - 0.075, height - 0.035, height), "lid")
    ridge = box((0.05, 0.6 * depth, 0.02), "lid", 0.006).moved(z=height - 0.016)
    edge = depth / 2
    grip = bar((-0.4 * width, 0, 0), (0.4 * width, 0, 0), 0.03, "body", 10)
    grip = grip.moved(y=edge + 0.05, z=height - 0.09)
    arms = box((0.03, 0.1, 0.03), "body", 0.004).moved(0.32 * width, edge + 0.01, height - 0.105)
    wheels = wheel(0.1, 0.05, "tyre", "rim").moved(width / 2 - 0.03, edge - 0.08, 0.1)
    axle = bar(
        (-width / 2 + 0.04, edge - 0.08, 0.1), (width / 2 - 0.04, edge - 0.08, 0.1), 0.02, "rim"
    )
    foot = box((0.4 * width, 0.08, 0.06), "body", 0.01).moved(y=-0.22)
    ribs = [
        box((0.02, 0.03, 0.6 * height), "body", 0.004).moved(x, -edge + 0.075, 0.14)
        for x in (0.06, 0.16)
    ]
    ribs = [rib.turned((1, 0, 0), 4.2).moved(y=0.03) for rib in ribs]
    return centred(
        union(body, rim, cover, ridge, grip, axle, foot, both_sides(arms, wheels, *ribs))
    )
