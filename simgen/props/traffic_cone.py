"""A traffic cone on a square foot, with two retroreflective bands (after EN 13422)."""

from simgen.keypoints import AROUND, ENDS, SIDES, Points, corner, loop, middle_above, rim
from simgen.mesh import Mesh, union
from simgen.spec import Material, Value
from simgen.swept import loft, rounded
from simgen.turned import lathe, ring

FINISH = {
    "cone": Material("rubber", color=(0.85, 0.09, 0.015), roughness=0.45, wear=0.3),
    "band": Material("plain", color=(0.85, 0.86, 0.88), roughness=0.35, wear=0.15),
    "base": Material("rubber", color=(0.02, 0.02, 0.022), roughness=0.7, wear=0.4),
}
BANDS = ((0.38, 0.56), (0.70, 0.84))  # shares of the height
PROUD = 0.0008
WALL = 0.004
_FOOT = [f"foot_{place}" for place in ("front_left", "front_right", "back_right", "back_left")]
_TIP = [f"top_{side}" for side in AROUND]
SKELETON = (*loop(_FOOT), *loop(_TIP), *((name, "opening_tip") for name in _FOOT))


def build(height: float = 0.75, segments: int = 40) -> Mesh:
    """Returns a cone; 0.5 and 0.75 m are the usual heights."""
    thick, low, top = 0.04 * height, 0.19 * height, 0.036 * height

    def wall(z: float, out: float = 0.0) -> tuple[float, float]:
        return low + (top - low) * (z - thick) / (height - thick) + out, z

    outside = [wall(thick + 0.02), wall(height)]
    inside = [wall(height, -WALL), wall(0.6 * height, -WALL)]
    collar = [(1.25 * low, thick - 0.001), (1.25 * low, thick + 0.006)]
    cone = lathe([*collar, *outside, *inside], "cone", segments)
    sleeves = []
    for a, b in ((a * height, b * height) for a, b in BANDS):
        outline = [wall(a, -WALL / 2), wall(a, PROUD), wall(b, PROUD), wall(b, -WALL / 2)]
        sleeves.append(ring(outline, "band", segments))
    return union(_foot(0.56 * height, thick), cone, *sleeves)


def keypoints(**params: Value) -> Points:
    """Returns the corners of the foot, four points of the rim of the tip, and its middle."""
    cone = build(**params)
    foot = {
        f"foot_{end}_{side}": corner(cone, (SIDES[side], ENDS[end], 0.01))
        for end in ENDS
        for side in SIDES
    }
    return foot | rim(cone, "top") | {"opening_tip": middle_above(cone)}


def _foot(side: float, thick: float) -> Mesh:
    corner = 0.16 * side
    inset = (0.01, 0.0, 0.0, 0.012)
    outlines = [rounded(side - 2 * d, side - 2 * d, corner - d, 6) for d in inset]
    return loft(outlines, (0.0, 0.006, 0.6 * thick, thick), "base")
