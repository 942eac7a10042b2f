"""A bottle with a screw cap and a paper label all around."""

from simgen.keypoints import AROUND, Edges, Points, loop, middle_above, plain, rim
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces
from simgen.spec import Material, Value
from simgen.turned import cylinder, lathe, ring

FINISH = {
    "body": Material("plastic", (0.05, 0.18, 0.1), roughness=0.12, wear=0.05),
    "cap": Material("plastic", (0.8, 0.8, 0.78), roughness=0.4, wear=0.1),
    "label": Material("plain", (0.78, 0.74, 0.62), roughness=0.6),
}
SIZES = tuple(
    {"diameter": diameter, "height": height}
    for diameter, height in ((0.064, 0.21), (0.05, 0.16), (0.075, 0.24), (0.045, 0.11))
)
LOOKS = tuple(
    {
        "body": Material("plastic", body, roughness=roughness, wear=0.05),
        "cap": Material("plastic", cap, roughness=0.4, wear=0.1),
        "label": Material(kind, label, accent, roughness=0.6, scale_m=0.012),
    }
    for body, roughness, cap, kind, label, accent in (
        ((0.03, 0.12, 0.06), 0.1, (0.03, 0.03, 0.03), "plain", (0.78, 0.74, 0.62), (0, 0, 0)),
        ((0.16, 0.05, 0.015), 0.1, (0.6, 0.45, 0.1), "stripes", (0.8, 0.78, 0.7), (0.1, 0.2, 0.4)),
        ((0.75, 0.76, 0.76), 0.3, (0.05, 0.1, 0.4), "plain", (0.05, 0.2, 0.5), (0, 0, 0)),
        ((0.7, 0.1, 0.03), 0.25, (0.75, 0.75, 0.72), "dots", (0.8, 0.6, 0.1), (0.5, 0.04, 0.02)),
        ((0.05, 0.25, 0.45), 0.2, (0.75, 0.75, 0.75), "plain", (0.8, 0.8, 0.8), (0, 0, 0)),
    )
)
SEGMENTS = 40
_LEVELS = ("bottom", "top")
SKELETON: Edges = tuple(
    edge for level in _LEVELS for edge in loop([f"{level}_{side}" for side in AROUND])
)


def build(diameter: float = 0.064, height: float = 0.21) -> Mesh:
    """Returns the bottle, cap and all `height` high."""
    r, neck, shoulder = diameter / 2, _neck(diameter), 0.66 * height
    profile = [
        (0.86 * r, 0.0), (0.97 * r, 0.02 * height), (r, 0.05 * height), (r, shoulder),
        (0.94 * r, shoulder + 0.05 * height), (0.74 * r, shoulder + 0.11 * height),
        (neck * 1.02, shoulder + 0.17 * height), (0.92 * neck, height - 0.02),
    ]  # fmt: skip
    cap = lathe(
        [(neck, height - 0.018), (neck, height - 0.001), (neck - 0.001, height)], "cap", SEGMENTS
    )
    low, high = 0.16 * height, 0.56 * height
    sleeve = [(0.98 * r, low), (r + 0.0003, low), (r + 0.0003, high), (0.98 * r, high)]
    grip = cylinder(neck + 0.0008, 0.003, "cap", SEGMENTS).moved(z=height - 0.018)
    return union(lathe(profile, "body", SEGMENTS), ring(sleeve, "label", SEGMENTS), cap, grip)


def keypoints(**params: Value) -> Points:
    """Returns four points around the foot, four around the cap's top and its middle."""
    bottle = build(**params)
    foot = {
        f"bottom_{side}": plain((x, y, 0))
        for side, (x, y, _) in ((s, rim(bottle, "bottom")[f"bottom_{s}"]) for s in AROUND)
    }
    return foot | rim(bottle, "top") | {"top_centre": middle_above(bottle)}


def pieces(**params: Value) -> Pieces:
    """Returns the body, the shoulder and the cap."""
    points = build(**params).vertices
    z, height = points[:, 2], dict(params).get("height", 0.21)
    cuts = (0.0, 0.66, 0.77, 0.83, 1.0)
    return tuple(
        points[(z >= a * height - 1e-6) & (z <= b * height + 1e-6)] for a, b in zip(cuts, cuts[1:])
    )


def _neck(diameter: float) -> float:
    """Returns the cap's radius."""
    return max(0.24 * diameter, 0.011)
