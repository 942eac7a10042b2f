"""A small load carrier (KLT, after VDA 4500): a ribbed plastic crate, open at the top."""

from simgen.mesh import Mesh, box, card, loft, rounded, union
from simgen.spec import Material

FINISH = {
    "shell": Material("plastic", color=(0.02, 0.08, 0.32), roughness=0.42, wear=0.3),
    "card": Material("image", roughness=0.6, image="label_crate.png"),
}
LABELS = ("label_crate.png",)  # 210 wide, 74 high
WALL = 0.003
RIM = 0.022
RIB = 0.003
CARD = (0.210, 0.074)


def build(x: float = 0.6, y: float = 0.4, z: float = 0.28, labelled: bool = True) -> Mesh:
    """Returns a crate, its grips and label holders on the short sides, at both ends of x.

    Usual sizes are 300x200x147, 400x300x147, 400x300x280, 600x400x147 and 600x400x280 mm.
    """
    inset = 0.02 if x > 0.35 else 0.012
    parts = [_shell(x, y, z, inset)]
    for across, away, turn in ((x, y, 0), (x, y, 180), (y, x, 90), (y, x, 270)):
        side = [_ribs(across, z, inset, grip=turn % 180 != 0)]
        if turn % 180:
            side.append(_end(across, z, inset, labelled))
        parts.append(union(*side).moved(y=-away / 2).turned((0, 0, 1), turn))
    return union(*parts)


def _shell(x: float, y: float, z: float, inset: float) -> Mesh:
    """Returns the bare tray: a foot that fits the rim below, walls, rim, inside, floor."""
    foot, edge = inset + 0.008, z - RIM
    path = (
        (foot, 0.0), (foot, 0.012), (inset, 0.016), (inset, edge), (0.0, edge + 0.002), (0.0, z),
        (inset + WALL, z), (inset + WALL, 0.02), (inset + WALL + 0.004, 0.016),
    )  # fmt: skip
    outlines = [rounded(x - 2 * d, y - 2 * d, max(0.024 - d / 2, 0.008)) for d, _ in path]
    return loft(outlines, [height for _, height in path], "shell")


def _ribs(across: float, z: float, inset: float, grip: bool) -> Mesh:
    """Returns one side's ribs, corner columns and a belt; y = 0 is the face of the rim."""
    deep, low, high = inset - 0.003, 0.014, z - RIM + 0.001
    column = box((0.045, inset, high - low), "shell", 0.003)
    parts = [
        column.moved(x=s * (across / 2 - 0.0235 - 0.018), y=inset / 2 + 0.002, z=low)
        for s in (-1, 1)
    ]
    belt = box((across - 0.07, deep - 0.002, RIB), "shell")
    for height in (low + 0.002, *(() if grip else (z - RIM - 0.03,))):
        parts.append(belt.moved(y=inset - deep / 2 + 0.002, z=height))
    count = max(2, round((across - 0.14) / 0.065))
    if not grip:
        rib = box((RIB, deep, high - low), "shell")
        step = (across - 0.14) / count
        parts += [
            rib.moved(x=(i - count / 2) * step, y=inset - deep / 2 + 0.001, z=low)
            for i in range(count + 1)
        ]
    return union(*parts)


def _end(across: float, z: float, inset: float, labelled: bool) -> Mesh:
    """Returns a short side's grip, a hood open below, and under it the frame of the label."""
    drop = 0.2 * z if z > 0.2 else 0.035
    wide = min(0.2, across - 0.11)
    hood = box((wide, 0.004, drop), "shell", 0.001).moved(y=0.0025, z=z - RIM - drop + 0.001)
    cheek = box((0.004, inset, drop), "shell", 0.001).moved(y=inset / 2 + 0.002, z=z - RIM - drop)
    cheeks = [cheek.moved(x=s * (wide / 2 - 0.003)) for s in (-1, 1)]
    room = z - RIM - drop - 0.02
    scale = min(1.0, (across - 0.125) / CARD[0], 0.9 * room / CARD[1])
    return union(hood, *cheeks, _holder(scale, inset, labelled).moved(z=0.018))


def _holder(scale: float, inset: float, labelled: bool) -> Mesh:
    wide, high = CARD[0] * scale, CARD[1] * scale
    face = inset - 0.006
    lip = 0.006
    plate = box((wide + lip, 0.007, high + 0.003), "shell").moved(y=face + 0.0035 + 0.001)
    bar = box((wide + 2 * lip, 0.01, lip), "shell", 0.001).moved(y=face + 0.003)
    post = box((lip, 0.01, high + lip), "shell", 0.001).moved(y=face + 0.003)
    frame = [bar, *(post.moved(x=s * (wide + lip) / 2) for s in (-1, 1))]
    if not labelled:
        return union(plate, *frame)
    paper = card(wide, high, "card").moved(y=face + 0.001, z=lip / 2)
    return union(plate, *frame, paper)
