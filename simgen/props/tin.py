"""A food tin: bright ends with seams, a printed body, a ring to pull."""

from simgen.flat import circle, plate
from simgen.keypoints import AROUND, Edges, Points, loop, on_axis, rim
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces
from simgen.spec import Material, Value
from simgen.turned import lathe, ring

FINISH = {
    "steel": Material("metal", (0.6, 0.6, 0.6), roughness=0.28, wear=0.05),
    "label": Material("paint", (0.45, 0.03, 0.02), (0.6, 0.6, 0.6), roughness=0.3, wear=0.05),
    "band": Material("paint", (0.75, 0.68, 0.45), (0.6, 0.6, 0.6), roughness=0.3, wear=0.05),
}
SIZES = tuple(
    {"diameter": diameter, "height": height}
    for diameter, height in ((0.073, 0.11), (0.083, 0.06), (0.099, 0.118), (0.066, 0.09))
)
LOOKS = tuple(
    {
        "label": Material("paint", label, (0.6, 0.6, 0.6), roughness=0.3, wear=0.05),
        "band": Material("paint", band, (0.6, 0.6, 0.6), roughness=0.3, wear=0.05),
    }
    for label, band in (
        ((0.45, 0.03, 0.02), (0.75, 0.68, 0.45)), ((0.03, 0.2, 0.08), (0.75, 0.72, 0.6)),
        ((0.02, 0.08, 0.3), (0.7, 0.7, 0.7)), ((0.75, 0.45, 0.03), (0.3, 0.04, 0.03)),
        ((0.8, 0.78, 0.72), (0.05, 0.15, 0.4)),
    )
)  # fmt: skip
SEGMENTS = 40
_ENDS = ("bottom", "top")
SKELETON: Edges = tuple(
    edge for level in _ENDS for edge in loop([f"{level}_{side}" for side in AROUND])
)


def build(diameter: float = 0.073, height: float = 0.11) -> Mesh:
    """Returns the tin, `diameter` over its seams."""
    r = diameter / 2
    wall, seam, sunk = r - 0.0012, 0.003, 0.004
    body = [
        (wall - 0.002, sunk),
        (wall, sunk),
        (wall, height - sunk),
        (wall - 0.002, height - sunk),
    ]
    hoop = [(wall - 0.002, 0.0), (r - 0.0005, 0.0), (r, 0.0008), (r, seam),
            (wall, seam + 0.0012), (wall - 0.002, seam + 0.0012)]  # fmt: skip
    crown = [(a, height - z) for a, z in reversed(hoop)]
    lid = [(wall - 0.001, height - sunk), (wall - 0.004, height - sunk - 0.0003),
           (wall - 0.005, height - sunk + 0.0008)]  # fmt: skip
    paper = _sleeve(wall, 0.08 * height + sunk, 0.92 * height - sunk, 0.0002, "label")
    stripe = _sleeve(wall, 0.36 * height, 0.64 * height, 0.0004, "band")
    pull = plate(circle(0.011, 24) * (1, 0.75), circle(0.0075, 24) * (1, 0.7), 0.0012, "steel")
    pull = pull.moved(x=0.45 * r, z=height - sunk + 0.0006)
    return union(
        lathe(body, "steel", SEGMENTS), ring(hoop, "steel", SEGMENTS),
        ring(crown, "steel", SEGMENTS), lathe(lid, "steel", SEGMENTS), paper, stripe, pull,
    )  # fmt: skip


def keypoints(**params: Value) -> Points:
    """Returns four points around each end and the middle of the lid."""
    tin = build(**params)
    return rim(tin, "bottom") | rim(tin, "top") | {"top_centre": on_axis(tin, "top")}


def pieces(**params: Value) -> Pieces:
    """Returns its hull."""
    return (build(**params).vertices,)


def _sleeve(wall: float, low: float, high: float, proud: float, slot: str) -> Mesh:
    inner, outer = wall - 0.001, wall + proud
    return ring([(inner, low), (outer, low), (outer, high), (inner, high)], slot, SEGMENTS)
