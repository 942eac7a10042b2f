"""What casting needs of a mesh: its distinct points, and the triangles between them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simgen.errors import SimgenError
from simgen.mesh import Mesh
from simgen.props import mesh_of
from simgen.spec import Shape


@dataclass(frozen=True, eq=False)
class Solid:
    """A closed mesh in its own axes, float64.

    Attributes:
        points: (V, 3), no two alike: triangles that meet then meet exactly.
        triangles: (3, T) indices into `points`, counter-clockwise seen from outside.
        lower, upper: (3,) bounds.
    """

    points: np.ndarray
    triangles: np.ndarray
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, mesh: Mesh) -> "Solid":
        rows = np.ascontiguousarray(mesh.vertices + np.float32(0))  # -0.0 becomes 0.0
        keys = rows.view([("xyz", "V12")]).ravel()
        _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
        triangles = np.ascontiguousarray(inverse.reshape(-1)[mesh.triangles].T)
        return cls(rows[first].astype(float), triangles, *mesh.bounds)


@lru_cache(maxsize=512)
def solid_of(shape: Shape) -> Solid:
    """Returns the shape's solid, shared by all bodies of that shape and kept across frames.

    Raises:
        SimgenError: the surface is open or inside out, so that what it hides cannot be told.
    """
    solid = Solid.of(mesh_of(shape))
    if not _closed(solid):
        raise SimgenError(
            f"Shape {shape.prop!r}: its mesh must be closed, its triangles counter-clockwise seen "
            f"from outside; close its holes or turn its faces"
        )
    return solid


def _closed(solid: Solid) -> bool:
    """Whether each edge is run along as often in one direction as in the other, facing out."""
    start, stop, n = solid.triangles, np.roll(solid.triangles, -1, axis=0), len(solid.points)
    there, back = (np.sort(edge.ravel()) for edge in (start * n + stop, stop * n + start))
    a, b, c = solid.points[solid.triangles]
    return np.array_equal(there, back) and (a * np.cross(b, c)).sum() > 0
