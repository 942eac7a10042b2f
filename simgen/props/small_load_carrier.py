"""A small load carrier (KLT, after VDA 4500): a ribbed plastic crate, open at the top."""

from simgen.keypoints import CUBOID, ENDS, SIDES, Points, corner, corners, middle_above
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces, between, upright
from simgen.solids import box, card
from simgen.spec import Material, Value
from simgen.swept import loft, rounded

FINISH = {
    "shell": Material("plastic", color=(0.02, 0.08, 0.32), roughness=0.42, wear=0.3),
    "card": Material("image", roughness=0.6, image="label_crate.png"),
}
LABELS = ("label_crate.png",)  # 210 wide, 74 high
WALL = 0.003
RIM = 0.022
RIB = 0.003
FOOT = 0.014
CORNER = 0.019  # beyond which a side is round
CARD = (0.210, 0.074)
SKELETON = CUBOID


def build(x: float = 0.6, y: float = 0.4, z: float = 0.28, labelled: bool = True) -> Mesh:
    """Returns a crate, its grips and label holders on the short sides, at both ends of x.

    Usual sizes are 300x200x147, 400x300x147, 400x300x280, 600x400x147 and 600x400x280 mm.
    """
    inset = 0.02 if x > 0.35 else 0.012
    long = union(*_frame(x, z, inset), *_ribs(x, z, inset)).moved(y=-y / 2)
    short = union(*_frame(y, z, inset), *_grip(y, z, inset, labelled)).moved(y=-x / 2)
    longs = [long.turned((0, 0, 1), turn) for turn in (0, 180)]
    shorts = [short.turned((0, 0, 1), turn) for turn in (90, 270)]
    return union(_shell(x, y, z, inset), *longs, *shorts)


def keypoints(**params: Value) -> Points:
    """Returns the corners of the rim, below them those of the columns on the long sides, as the
    foot is out of sight, and the middle of the opening."""
    crate = build(**params)
    columns = {
        f"bottom_{end}_{side}": corner(crate, (SIDES[side], 2 * ENDS[end], -2))
        for end in ENDS
        for side in SIDES
    }
    return corners(crate) | columns | {"opening_top": middle_above(crate)}


def pieces(x: float = 0.6, y: float = 0.4, z: float = 0.28, labelled: bool = True) -> Pieces:
    """Returns the floor and, piece by piece around, the walls, as thick as rim and ribs."""
    inset = 0.02 if x > 0.35 else 0.012
    outer = rounded(x, y, 0.024)
    inner = rounded(x - 2 * (inset + WALL), y - 2 * (inset + WALL), 0.008)
    foot = rounded(x - 2 * (inset + 0.008), y - 2 * (inset + 0.008), 0.01)
    return (upright(foot, 0.0, 0.016), *between(outer, inner, z, len(outer)))


def _shell(x: float, y: float, z: float, inset: float) -> Mesh:
    """Returns the bare tray: a foot that fits the rim below, walls, rim, inside, floor."""
    foot, edge = inset + 0.008, z - RIM
    path = (
        (foot, 0.0), (foot, 0.012), (inset, 0.016), (inset, edge), (0.0, edge + 0.002), (0.0, z),
        (inset + WALL, z), (inset + WALL, 0.02), (inset + WALL + 0.004, 0.016),
    )  # fmt: skip
    outlines = [rounded(x - 2 * d, y - 2 * d, max(0.024 - d / 2, 0.008)) for d, _ in path]
    return loft(outlines, [height for _, height in path], "shell")


def _free(across: float) -> float:
    """Returns the width of a side between its corner columns."""
    return across - 2 * (CORNER + min(0.045, 0.11 * across))


def _frame(across: float, z: float, inset: float) -> list[Mesh]:
    """Returns a side's corner columns and its lowest belt; y = 0 is the face of the rim."""
    wide, free = (across - _free(across)) / 2 - CORNER, _free(across)
    column = box((wide, inset, z - RIM - FOOT), "shell", 0.003).moved(y=inset / 2 + 0.002, z=FOOT)
    belt = box((free + 0.01, inset - 0.005, RIB), "shell").moved(
        y=inset / 2 + 0.004, z=FOOT + 0.002
    )
    return [belt, *(column.moved(x=s * (free + wide) / 2) for s in (-1, 1))]


def _ribs(across: float, z: float, inset: float) -> list[Mesh]:
    """Returns the ribs of a long side and the belt they end in."""
    free = _free(across)
    count = max(2, round(free / 0.065))
    rib = box((RIB, inset - 0.003, z - RIM - FOOT + 0.001), "shell").moved(
        y=inset / 2 + 0.0035, z=FOOT
    )
    belt = box((free + 0.01, inset - 0.005, RIB), "shell").moved(
        y=inset / 2 + 0.004, z=z - RIM - 0.03
    )
    return [belt, *(rib.moved(x=((i + 0.5) / count - 0.5) * free) for i in range(count))]


def _grip(across: float, z: float, inset: float, labelled: bool) -> list[Mesh]:
    """Returns a short side's grip, a hood open below between two ribs, and its label holder."""
    drop = 0.2 * z if z > 0.2 else 0.035
    free, edge = _free(across), z - RIM
    wide = min(0.2, 0.8 * free)
    hood = box((wide, 0.004, drop), "shell", 0.001).moved(y=0.0025, z=edge - drop + 0.001)
    rib = box((0.004, inset - 0.001, edge - FOOT + 0.001), "shell", 0.001).moved(
        y=inset / 2 + 0.003
    )
    room = edge - drop - FOOT - 0.01
    scale = min(1.0, 0.85 * free / CARD[0], 0.9 * room / CARD[1])
    ribs = [rib.moved(x=s * max(wide, CARD[0] * scale + 0.024) / 2, z=FOOT) for s in (-1, 1)]
    return [hood, *ribs, _holder(scale, inset, labelled).moved(z=FOOT + 0.005)]


def _holder(scale: float, inset: float, labelled: bool) -> Mesh:
    """Returns a plate framed on three sides, open at the top, where a card may be pushed in."""
    wide, high, lip, face = CARD[0] * scale, CARD[1] * scale, 0.006, inset - 0.006
    plate = box((wide + lip, 0.006, high + lip), "shell").moved(y=face + 0.004, z=0.001)
    bar = box((wide + 2 * lip, 0.01, lip), "shell").moved(y=face + 0.003)
    post = box((lip, 0.01, high), "shell").moved(y=face + 0.003, z=lip)
    frame = [plate, bar, *(post.moved(x=s * (wide + lip) / 2) for s in (-1, 1))]
    paper = card(wide, high, "card").moved(y=face + 0.001, z=lip + 0.001)
    return union(*frame, *([paper] if labelled else ()))
