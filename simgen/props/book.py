"""A hardcover book, lying on its back, its spine at -x."""

from simgen.keypoints import CUBOID, Points, corners
from simgen.mesh import Mesh, union
from simgen.solids import box
from simgen.spec import Material, Value

FINISH = {
    "cover": Material("plastic", (0.05, 0.1, 0.25), roughness=0.5, wear=0.1),
    "title": Material("plain", (0.7, 0.62, 0.4), roughness=0.5),
    "pages": Material("cardboard", (0.78, 0.74, 0.62), roughness=0.9, wear=0.0),
}
SIZES = tuple(
    {"x": x, "y": y, "z": z}
    for x, y, z in (
        (0.13, 0.2, 0.022),
        (0.15, 0.22, 0.035),
        (0.11, 0.18, 0.015),
        (0.21, 0.27, 0.02),
    )
)
LOOKS = tuple(
    {
        "cover": Material(kind, cover, accent, roughness=roughness, wear=0.1, scale_m=0.06),
        "title": Material("plain", title, roughness=0.5),
    }
    for kind, cover, accent, roughness, title in (
        ("plastic", (0.05, 0.1, 0.25), (0, 0, 0), 0.5, (0.7, 0.62, 0.4)),
        ("plastic", (0.35, 0.03, 0.03), (0, 0, 0), 0.6, (0.75, 0.72, 0.65)),
        ("noise", (0.75, 0.7, 0.6), (0.1, 0.25, 0.3), 0.3, (0.05, 0.05, 0.05)),
        ("plastic", (0.02, 0.02, 0.02), (0, 0, 0), 0.35, (0.7, 0.1, 0.05)),
        ("stripes", (0.7, 0.45, 0.1), (0.65, 0.3, 0.05), 0.35, (0.9, 0.88, 0.8)),
        ("plastic", (0.75, 0.74, 0.7), (0, 0, 0), 0.3, (0.05, 0.12, 0.3)),
    )
)
COVER = 0.0025
SKELETON = CUBOID


def build(x: float = 0.13, y: float = 0.2, z: float = 0.022) -> Mesh:
    """Returns a closed book; what is printed on it lies a quarter of a millimetre proud."""
    board = box((x, y, COVER), "cover", 0.0006)
    spine = box((COVER, y, z - 0.002), "cover", 0.0006).moved(x=-x / 2 + COVER / 2, z=0.001)
    block = box((x - 0.007, y - 0.008, z - 2 * COVER + 0.001), "pages").moved(
        -0.002, 0, COVER - 5e-4
    )
    title = box((0.7 * x, 0.09 * y, COVER), "title").moved(0.0, 0.22 * y, z - COVER + 2.5e-4)
    name = box((0.4 * x, 0.035 * y, COVER), "title").moved(0.0, -0.3 * y, z - COVER + 2.5e-4)
    return union(board, board.moved(z=z - COVER), spine, block, title, name)


def keypoints(**params: Value) -> Points:
    """Returns the corners."""
    return corners(build(**params))


def pieces(**params: Value) -> tuple:
    """Returns its hull."""
    return (build(**params).vertices,)
