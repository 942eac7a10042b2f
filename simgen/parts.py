"""What several props are assembled from: placed boxes, side views, wheels, rails, figures.

Each is a union of the closed parts of mesh.py, so each is closed too.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.mesh import Mesh, union
from simgen.solids import box, extrude
from simgen.spec import Vec3
from simgen.swept import bar
from simgen.turned import lathe

_SEGMENTS = {  # of a seven-segment figure: where it starts and ends, in half heights
    "a": ((0, 2), (1, 2)), "b": ((1, 2), (1, 1)), "c": ((1, 1), (1, 0)), "d": ((0, 0), (1, 0)),
    "e": ((0, 1), (0, 0)), "f": ((0, 2), (0, 1)), "g": ((0, 1), (1, 1)),
}  # fmt: skip
_FIGURES = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def cuboid(lower: Vec3, upper: Vec3, slot: str, chamfer: float = 0.0) -> Mesh:
    """Returns the box between two corners."""
    lower, upper = np.asarray(lower, float), np.asarray(upper, float)
    x, y = (lower + upper)[:2] / 2
    return box(upper - lower, slot, chamfer).moved(x, y, lower[2])


def side_view(outline: Sequence[Sequence[float]], x: tuple[float, float], slot: str) -> Mesh:
    """Returns a convex outline of (y, z) points, made solid between two values of x."""
    solid = extrude(outline, x[1] - x[0], slot)
    return solid.turned((0, 0, 1), 90).moved(x=(x[0] + x[1]) / 2)


def mirrored(mesh: Mesh) -> Mesh:
    """Returns the mirror image in the plane x = 0, normals still outward."""
    vertices = mesh.vertices * np.float32([-1, 1, 1])
    return replace(
        mesh, vertices=vertices, triangles=mesh.triangles[:, ::-1], uv=mesh.uv[:, ::-1]
    ).moved()


def both_sides(*parts: Mesh) -> Mesh:
    """Returns the parts and their mirror images in the plane x = 0."""
    one = union(*parts)
    return union(one, mirrored(one))


def centred(mesh: Mesh) -> Mesh:
    """Returns the mesh with the middle of its bounds at x = y = 0."""
    x, y, _ = np.mean(mesh.bounds, axis=0)
    return mesh.moved(-x, -y)


def wheel(radius: float, width: float, tyre: str, rim: str, bore: float = 0.62) -> Mesh:
    """Returns a wheel about the x axis, centred on the origin; the rim fills `bore` of the radius.

    The rim is dished on both sides, its hub stands out as far as the tyre.
    """
    edge, inner, half = 0.12 * radius, bore * radius, width / 2
    dish = half - min(0.3 * radius, 0.5 * half)
    tread = [(radius - edge, half), (inner, half), (inner * 0.97, dish - 0.004), (0, dish - 0.004)]
    rubber = [(r, -z) for r, z in tread[::-1]] + [(radius, edge - half), (radius, half - edge)]
    hub = [(0.9 * inner, dish), (0.45 * inner, dish), (0.35 * inner, half - 0.002)]
    disc = [(r, -z) for r, z in hub[::-1]] + hub
    turned = union(lathe(rubber + tread, tyre, 28), lathe(disc, rim, 20))
    return turned.turned((0, 1, 0), 90)


def channel(width: float, depth: float, height: float, wall: float, slot: str) -> Mesh:
    """Returns an upright C rail, its web at x = 0, open towards +x; y is centred on its depth."""
    flange = box((width, wall, height), slot).moved(x=width / 2)
    web = box((wall, depth - wall, height - 0.002), slot).moved(x=wall / 2, z=0.001)
    edge = (depth - wall) / 2
    return union(web, flange.moved(y=-edge), flange.moved(y=edge))


def i_beam(width: float, depth: float, length: float, wall: float, slot: str) -> Mesh:
    """Returns an upright I section, `depth` in all, its flanges facing -y and +y."""
    flange = box((width, wall, length), slot)
    web = box((wall, depth - wall, length - 0.002), slot).moved(z=0.001)
    edge = (depth - wall) / 2
    return union(web, flange.moved(y=-edge), flange.moved(y=edge))


def figures(number: int, height: float, slot: str, thickness: float = 0.002) -> Mesh:
    """Returns a number in seven-segment figures in the x-z plane, read from -y, standing on z = 0.

    It is centred on x = 0 and as thick as said, centred on y = 0.
    """
    stroke, text = 0.16 * height, str(abs(int(number)))
    tall, wide = (height - stroke) / 2, 0.5 * height
    strokes = []
    for place, digit in enumerate(text):
        left = (place - len(text) / 2) * (wide + 2 * stroke) + stroke
        for name in _FIGURES[int(digit)]:
            ends = [(left + x * wide, 0, z * tall + stroke / 2) for x, z in _SEGMENTS[name]]
            strokes.append(_stroke(*ends, stroke, thickness, slot))
    return union(*strokes)


def _stroke(start: Vec3, end: Vec3, width: float, thickness: float, slot: str) -> Mesh:
    reach = np.sign(np.subtract(end, start)) * width / 2
    flat = bar(start - reach, end + reach, width, slot)
    return replace(flat, vertices=flat.vertices * np.float32([1, thickness / width, 1]))
