"""A ballpoint pen, lying along x, its tip at +x."""

from simgen.mesh import Mesh, require_positive, union
from simgen.solids import box
from simgen.spec import Material
from simgen.turned import lathe

FINISH = {
    "barrel": Material("plastic", (0.03, 0.08, 0.35), roughness=0.3),
    "metal": Material("metal", (0.6, 0.6, 0.6), roughness=0.25),
}
SIZES = tuple(
    {"length": length, "width": width} for length, width in ((0.14, 0.009), (0.15, 0.012))
)
LOOKS = tuple(
    {"barrel": Material("plastic", color, roughness=0.3)}
    for color in ((0.03, 0.08, 0.35), (0.02, 0.02, 0.02), (0.75, 0.75, 0.74), (0.5, 0.04, 0.03))
)
SEGMENTS = 20


def build(length: float = 0.14, width: float = 0.009) -> Mesh:
    """Returns the pen with its clip upwards."""
    require_positive(length=length, width=width)
    r, cone = width / 2, 0.12 * length
    shaft = [(r * 0.8, 0.0), (r, 0.002), (r, length - cone), (r * 0.9, length - cone)]
    tip = [(r * 0.9, length - cone), (r * 0.25, length - 0.002), (r * 0.12, length)]
    pen = union(lathe(shaft, "barrel", SEGMENTS), lathe(tip, "metal", SEGMENTS))
    lying = pen.turned((0, 1, 0), 90).moved(x=-length / 2, z=r)
    clip = box((0.3 * length, 0.35 * width, 0.001), "metal", 0.0003)
    return union(lying, clip.moved(x=-0.33 * length, z=width - 0.0002))
