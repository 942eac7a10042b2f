"""What the keypoints of props are named and measured with.

Left is -x and right +x, as one sees a prop who looks at its front, which is towards -y. A point
whose name starts with pocket or opening is the middle of a gap; all others lie on the surface, but
for corners and rims: where the edge is broken by a few millimetres, they are where it would be
sharp. A point on a chamfer hides behind its edge when one looks along a face.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np

from simgen.mesh import Mesh
from simgen.spec import Vec3

Points = dict[str, Vec3]
Edges = tuple[tuple[str, str], ...]

LEVELS = {"bottom": -1, "top": 1}
ENDS = {"front": -1, "back": 1}
SIDES = {"left": -1, "right": 1}
AROUND = {"front": (0, -1), "right": (1, 0), "back": (0, 1), "left": (-1, 0)}
BROKEN = 0.005  # widest chamfer, edge to edge, that a corner is taken to be sharp in spite of
_LEVEL = 8.0  # a corner is of the highest or lowest face before it is far out


def corner(mesh: Mesh, towards: Sequence[float]) -> Vec3:
    """Returns the corner that reaches farthest in a direction."""
    vertices, towards = mesh.vertices.astype(float), np.asarray(towards, float)
    farthest = vertices[(vertices @ towards).argmax()]
    around = vertices[np.linalg.norm(vertices - farthest, axis=1) <= BROKEN]
    out = np.where(towards < 0, around.min(0), around.max(0))
    return plain(np.where(towards == 0, farthest, out))


def nearest(mesh: Mesh, point: Sequence[float]) -> Vec3:
    """Returns the vertex nearest to a point."""
    apart = np.linalg.norm(mesh.vertices - np.asarray(point, float), axis=1)
    return plain(mesh.vertices[apart.argmin()])


def corners(mesh: Mesh) -> Points:
    """Returns bottom_front_left to top_back_right: the corners of the lowest and highest face."""
    return {
        f"{level}_{end}_{side}": corner(mesh, (SIDES[side], ENDS[end], _LEVEL * LEVELS[level]))
        for level, end, side in product(LEVELS, ENDS, SIDES)
    }


def rim(mesh: Mesh, level: str) -> Points:
    """Returns the points farthest to each side on the lowest or highest face of a round mesh."""
    return {
        f"{level}_{name}": corner(mesh, (x, y, _LEVEL * LEVELS[level]))
        for name, (x, y) in AROUND.items()
    }


def on_axis(mesh: Mesh, level: str) -> Vec3:
    """Returns the lowest or the highest vertex on the z axis."""
    axis = mesh.vertices[np.hypot(*mesh.vertices[:, :2].T) < 1e-6]
    return plain(axis[(axis[:, 2] * LEVELS[level]).argmax()])


def middle_above(mesh: Mesh) -> Vec3:
    """Returns the point on the z axis that is as high as the mesh."""
    return (0.0, 0.0, float(mesh.bounds[1][2]))


def pair(name: str, point: Sequence[float]) -> Points:
    """Returns a point and its mirror image in the plane x = 0, named after their sides."""
    x, y, z = plain(point)
    return {f"{name}_left": (-abs(x), y, z), f"{name}_right": (abs(x), y, z)}


def shifted(points: Points, offset: Sequence[float]) -> Points:
    return {name: plain(np.add(point, offset)) for name, point in points.items()}


def plain(point: Sequence[float]) -> Vec3:
    """Returns the point as Python's own numbers."""
    return tuple(float(value) + 0.0 for value in point)  # -0.0 becomes 0.0


def loop(names: Sequence[str]) -> Edges:
    """Returns the edges that join each point with the next, and the last with the first."""
    return tuple(zip(names, (*names[1:], names[0])))


def _cuboid() -> Edges:
    around = [(end, side) for end, side in (("front", "left"), ("front", "right"))]
    around += [("back", "right"), ("back", "left")]
    low, high = ([f"{level}_{end}_{side}" for end, side in around] for level in LEVELS)
    return (*loop(low), *loop(high), *zip(low, high))


CUBOID = _cuboid()  # the twelve edges between `corners`
