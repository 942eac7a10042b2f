"""A 200-litre drum: tight-head steel with two rolling hoops, or open-head plastic with a clamp."""

import numpy as np

from simgen.errors import SimgenError, did_you_mean
from simgen.keypoints import AROUND, Points, loop, on_axis, rim
from simgen.mesh import Mesh, union
from simgen.solids import box
from simgen.spec import Material, Value
from simgen.turned import cylinder, lathe, ring

FINISH = {
    "body": Material("paint", color=(0.02, 0.09, 0.28), roughness=0.35, wear=0.15),
    "plastic": Material("plastic", color=(0.012, 0.07, 0.30), roughness=0.4, wear=0.3),
    "lid": Material("paint", color=(0.02, 0.09, 0.28), roughness=0.35, wear=0.2),
    "ring": Material("metal", color=(0.55, 0.56, 0.58), roughness=0.35, wear=0.3),
}
Outline = list[tuple[float, float]]
LID = [(0.002, -0.004), (0.008, 0.02), (0.006, 0.034), (-0.006, 0.04), (-0.03, 0.04), (-0.04, 0.03)]
CLAMP = [(0.0, -0.008), (0.012, -0.008), (0.016, 0.004), (0.012, 0.016), (0.0, 0.016)]
HOOPS = (0.34, 0.66)  # shares of the height
_BELOW, _ABOVE = ([f"{level}_{side}" for side in AROUND] for level in ("bottom", "top"))
SKELETON = (*loop(_BELOW), *loop(_ABOVE), *zip(_BELOW, _ABOVE))


def build(
    diameter: float = 0.585, height: float = 0.88, variant: str = "steel", segments: int = 48
) -> Mesh:
    """Returns a drum, `diameter` over its hoops; `variant` is steel or plastic."""
    if variant not in VARIANTS:
        raise SimgenError(f"drum: variant={variant!r}; {did_you_mean(variant, VARIANTS)}")
    return VARIANTS[variant](diameter / 2, height, segments)


def keypoints(**params: Value) -> Points:
    """Returns the middle and four points of the rim of both ends; a bung, or the lever of the
    clamp, tells the sides apart."""
    drum = build(**params)
    ends = {level: rim(drum, level) for level in ("bottom", "top")}
    middles = {f"{level}_centre": on_axis(drum, level) for level in ends}
    return middles | ends["bottom"] | ends["top"]


def _steel(outer: float, height: float, segments: int) -> Mesh:
    wall, chime, sunk = outer - 0.007, 0.012, 0.016
    profile = [(wall - 0.004, sunk), (wall, sunk), *_hoops(wall, outer, height)]
    profile += [(wall, height - sunk), (wall - 0.004, height - sunk)]
    rim = [(wall - 0.004, 0), (outer - 0.002, 0), (outer, 0.004), (outer - 0.001, chime),
           (wall - 0.001, sunk + 0.004), (wall - 0.004, sunk + 0.004)]  # fmt: skip
    crown = [(r, height - z) for r, z in reversed(rim)]
    lid = lathe(
        [(wall - 0.006, height - sunk), (wall - 0.008, height - sunk + 0.0015)], "lid", segments
    )
    floor = lathe([(wall - 0.008, sunk - 0.0015), (wall - 0.006, sunk)], "lid", segments)
    return union(
        lathe(profile, "body", segments),
        ring(rim, "ring", segments),
        ring(crown, "ring", segments),
        lid,
        floor,
        _bung(0.031).moved(x=0.7 * wall, z=height - sunk + 0.001),
        _bung(0.017).moved(x=-0.7 * wall, z=height - sunk + 0.001),
    )


def _plastic(outer: float, height: float, segments: int) -> Mesh:
    wall, neck, lid_z = outer - 0.008, outer - 0.036, height - 0.04
    body = lathe(
        [
            *((wall - 0.02, 0.0), (wall - 0.005, 0.008), (wall, 0.025)),
            *_hoops(wall, outer, height - 0.1),
            *(
                (wall, lid_z - 0.13),
                (wall - 0.008, lid_z - 0.11),
                (neck, lid_z - 0.095),
                (neck, lid_z),
            ),
        ],
        "plastic",
        segments,
    )
    lid = lathe(_moved(LID, neck, lid_z), "lid", segments)
    clamp = ring(_moved(CLAMP, neck, lid_z), "ring", segments)
    lever = box((0.12, 0.014, 0.02), "ring", 0.002).moved(y=-neck - 0.016, z=lid_z - 0.004)
    lugs = [_lug(neck).turned((0, 0, 1), turn).moved(z=lid_z - 0.07) for turn in (90, 270)]
    return union(body, lid, clamp, lever, *lugs)


def _moved(outline: Outline, radius: float, z: float) -> Outline:
    return [(radius + dr, z + dz) for dr, dz in outline]


def _hoops(wall: float, outer: float, height: float) -> list[tuple[float, float]]:
    """Returns the outline of the rolling hoops, half round, bottom to top."""
    bulge = np.linspace(-1, 1, 7)
    return [
        (wall + (outer - wall) * np.sqrt(1 - t * t), share * height + 0.016 * t)
        for share in HOOPS
        for t in bulge
    ]


def _bung(radius: float) -> Mesh:
    """Returns a screw plug with the bar that the wrench holds."""
    return union(
        cylinder(radius * 1.15, 0.005, "ring", 20),
        cylinder(radius, 0.009, "ring", 20).moved(z=0.001),
        box((1.4 * radius, 0.006, 0.004), "ring").moved(z=0.009),
    )


def _lug(wall: float) -> Mesh:
    """Returns a handle moulded to the wall: two stubs and a grip, within the drum's diameter."""
    stub = box((0.02, 0.04, 0.03), "plastic", 0.004)
    stubs = [stub.moved(x=s * 0.06, y=-wall) for s in (-1, 1)]
    return union(*stubs, box((0.14, 0.012, 0.036), "plastic", 0.004).moved(y=-wall - 0.022))


VARIANTS = {"steel": _steel, "plastic": _plastic}
