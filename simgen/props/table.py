"""A table: a top with broken edges on four legs and a frame, or a cabinet desk's two pedestals."""

from simgen.errors import SimgenError, did_you_mean
from simgen.mesh import Mesh, array, union
from simgen.parts import cuboid
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import loft, rounded

FINISH = {
    "top": Material("wood", (0.36, 0.2, 0.09), roughness=0.35, wear=0.05),
    "frame": Material("wood", (0.3, 0.17, 0.08), roughness=0.45, wear=0.05),
    "cover": Material("cloth", (0.7, 0.68, 0.62), (0.7, 0.68, 0.62), scale_m=0.04),
}
TOP = 0.03
BOARD = 0.13  # metres wide, of those that a top is made of
VARIANTS = ("boards", "plate", "cover")


def build(x: float = 1.4, y: float = 0.8, z: float = 0.75, variant: str = "plate") -> Mesh:
    """Returns a table of boards, with a plate, or with a cover that hangs over the edges."""
    if variant not in VARIANTS:
        raise SimgenError(f"table: variant={variant!r}; {did_you_mean(variant, VARIANTS)}")
    leg = box((0.06, 0.06, z - TOP + 0.005), "frame", 0.004)
    at = x / 2 - 0.07, y / 2 - 0.07
    legs = array(leg, [(i * at[0], j * at[1], 0) for i in (-1, 1) for j in (-1, 1)])
    rail = z - TOP - 0.08
    rails = [cuboid((-at[0], s - 0.012, rail), (at[0], s + 0.012, z - TOP + 0.003), "frame")
             for s in (-at[1], at[1])]  # fmt: skip
    rails += [cuboid((s - 0.012, -at[1], rail), (s + 0.012, at[1], z - TOP + 0.002), "frame")
              for s in (-at[0], at[0])]  # fmt: skip
    return union(*_top(x, y, z, variant), legs, *rails)


def _top(x: float, y: float, z: float, variant: str) -> list[Mesh]:
    if variant == "boards":
        count = max(2, round(y / BOARD))
        board = box((x, y / count, TOP), "top", 0.0012)
        return [array(board, [(0, (i - (count - 1) / 2) * y / count, z - TOP)
                              for i in range(count)])]  # fmt: skip
    outline = [rounded(x - cut, y - cut, 0.02) for cut in (0.004, 0.0, 0.0, 0.004)]
    levels = [z - TOP, z - TOP + 0.002, z - 0.002, z]
    plate = loft(outline, levels, "top")
    if variant == "plate":
        return [plate]
    over, drop, thick = 0.004, 0.22, 0.0015
    cover = [rounded(x + c, y + c, 0.02) for c in (over, over + thick, over + thick, over - 0.003)]
    sheet = loft(cover, [z - TOP, z - TOP + 0.001, z - 0.0035, z], "cover")
    sides = [cuboid((-x / 2, s * y / 2 - 0.001, z - drop), (x / 2, s * y / 2 + 0.003, z - 0.004),
                    "cover") for s in (-1, 1)]  # fmt: skip
    sides += [cuboid((s * x / 2 - 0.001, -y / 2, z - drop), (s * x / 2 + 0.003, y / 2, z - 0.004),
                     "cover") for s in (-1, 1)]  # fmt: skip
    return [sheet, *sides]


def pieces(x: float = 1.4, y: float = 0.8, z: float = 0.75, variant: str = "plate") -> tuple:
    """Returns its top."""
    reach = 0.003 if variant == "cover" else 0.0
    return (box((x + 2 * reach, y + 2 * reach, TOP), "top").moved(z=z - TOP).vertices,)
