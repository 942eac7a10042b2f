"""A closed cardboard box: flaps that meet along its top, tape, a shipping label, prints."""

from simgen.errors import SimgenError, did_you_mean
from simgen.keypoints import CUBOID, Points, corners
from simgen.mesh import Mesh, union
from simgen.solids import box, card
from simgen.spec import Material, Value

FINISH = {
    "board": Material("cardboard", color=(0.40, 0.25, 0.13), roughness=0.85),
    "tape": Material("plain", color=(0.30, 0.17, 0.07), roughness=0.22, wear=0.1),
    "label": Material("image", roughness=0.5, image="label_parcel.png"),
    "print": Material("image", roughness=0.6, image="print_handling.png"),
}
LABELS = ("label_parcel.png", "label_freight.png", "label_return.png")  # 2 wide, 3 high
PRINTS = (
    "print_handling.png",
    "print_brand_a.png",
    "print_brand_b.png",
    "print_fragile.png",
)  # 2:1
SIDES = {"front": 0, "right": 90, "back": 180, "left": 270}
PROUD = 0.0005  # tape and print over the board; a label lies over both
FLAP = 0.004
TAPE = 0.048
SKELETON = CUBOID


def build(
    x: float = 0.4,
    y: float = 0.3,
    z: float = 0.3,
    tape: bool = True,
    label: str = "front",
    print_on: tuple[str, ...] = ("right", "left"),
) -> Mesh:
    """Returns a carton that fills x, y, z to a millimetre each side; the flaps meet along x.

    Args:
        label: the side that carries the shipping label: front, right, back, left, or '' for none.
        print_on: the sides that carry the print. Materials choose the images (LABELS, PRINTS).
    """
    inner = (x - 4 * PROUD, y - 4 * PROUD, z - PROUD)
    parts = [_board(*inner)]
    if tape:
        parts.append(_tape(*inner))
    if label:
        parts.append(_on_side(label, inner, _label))
    parts += [_on_side(side, inner, _print) for side in print_on]
    return union(*parts)


def keypoints(**params: Value) -> Points:
    """Returns the corners of the bottom and of the flaps."""
    return corners(build(**params))


def _board(x: float, y: float, z: float) -> Mesh:
    chamfer = min(0.002, x / 20, y / 20)
    flap = box((x, y / 2 - 0.0008, FLAP), "board", chamfer / 2)
    flaps = [flap.moved(y=side * y / 4, z=z - FLAP) for side in (-1, 1)]
    return union(box((x, y, z - FLAP), "board", chamfer), *flaps)


def _tape(x: float, y: float, z: float) -> Mesh:
    """Returns a strip over the seam that runs on down both ends."""
    width, drop = min(TAPE, y / 2), min(0.07, z / 2)
    over = box((x + 2 * PROUD, width, 2 * PROUD), "tape").moved(z=z - PROUD)
    down = box((2 * PROUD, width, drop), "tape").moved(z=z - PROUD - drop)
    ends = [down.moved(x=side * x / 2) for side in (-1, 1)]
    return union(over, *ends)


def _on_side(side: str, size: tuple[float, float, float], make) -> Mesh:
    if side not in SIDES:
        raise SimgenError(f"carton: side {side!r} is not known; {did_you_mean(side, SIDES)}")
    x, y, z = size
    across, away = (y, x) if SIDES[side] % 180 else (x, y)
    return make(across, z).moved(y=-away / 2).turned((0, 0, 1), SIDES[side])


def _label(across: float, up: float) -> Mesh:
    """Returns a 100 x 150 mm label in the upper right, smaller where the side is."""
    width = min(0.1, 0.8 * across, 0.8 * up / 1.5)
    margin = min(0.03, (across - width) / 2)
    height = 1.5 * width
    side = card(width, height, "label", 4 * PROUD)
    return side.moved(
        x=across / 2 - margin - width / 2, z=max((up - height) / 2, up - height - 0.06)
    )


def _print(across: float, up: float) -> Mesh:
    """Returns a print in the lower left."""
    width = min(0.45 * across, 0.9 * up, 0.3)
    return card(width, width / 2, "print", 2 * PROUD).moved(
        x=-across / 2 + 0.08 * across + width / 2, z=0.08 * up
    )
