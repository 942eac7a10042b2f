"""What casting needs of a mesh: its distinct points, and the triangles between them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simgen.mesh import Mesh
from simgen.props import mesh_of
from simgen.spec import Shape


@dataclass(frozen=True, eq=False)
class Solid:
    """A mesh in its own axes, float64.

    Attributes:
        points: (V, 3), no two alike: triangles that meet then meet exactly.
        triangles: (3, T) indices into `points`, counter-clockwise seen from outside. A surface that
            is open, or that faces inwards anywhere, has each triangle twice, once for each side:
            the one that faces the eye is the one that is met.
        source: (T,) which triangle of the mesh each is.
        closed: each triangle is there once.
        lower, upper: (3,) bounds.
    """

    points: np.ndarray
    triangles: np.ndarray
    source: np.ndarray
    closed: bool
    lower: np.ndarray
    upper: np.ndarray

    @classmethod
    def of(cls, mesh: Mesh) -> "Solid":
        points, triangles = welded(mesh.vertices, mesh.triangles)
        closed = is_closed(points, triangles)
        source = np.arange(triangles.shape[1])
        if not closed:
            triangles = np.hstack([triangles, triangles[::-1]])
            source = np.concatenate([source, source])
        return cls(points, triangles, source, closed, *mesh.bounds)


@lru_cache(maxsize=512)
def solid_of(shape: Shape) -> Solid:
    """Returns the shape's solid, shared by all bodies of that shape and kept across frames."""
    return Solid.of(mesh_of(shape))


def welded(vertices: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (V, 3) distinct points, float64, and (3, T) indices into them.

    Args:
        vertices: (N, 3) float32. `triangles`: (T, 3).
    """
    rows = np.ascontiguousarray(vertices + np.float32(0))  # -0.0 becomes 0.0
    keys = rows.view([("xyz", "V12")]).ravel()
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    triangles = np.ascontiguousarray(inverse.reshape(-1)[triangles].T)
    return rows[first].astype(float), triangles


def is_closed(points: np.ndarray, triangles: np.ndarray) -> bool:
    """Whether each edge is run along as often in one direction as in the other, and each connected
    piece faces outwards."""
    return edges_match(points, triangles) and bool((volumes(points, triangles)[0] > 0).all())


def edges_match(points: np.ndarray, triangles: np.ndarray) -> bool:
    """Whether each edge is run along as often in one direction as in the other."""
    start, stop, n = triangles, np.roll(triangles, -1, axis=0), len(points)
    there, back = (np.sort(edge.ravel()) for edge in (start * n + stop, stop * n + start))
    return np.array_equal(there, back)


def volumes(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the volume of each connected piece, below 0 inside out, and (T,) each one's piece."""
    start, stop = triangles[[0, 1]].ravel(), triangles[[1, 2]].ravel()
    links = coo_array((np.ones(len(start), bool), (start, stop)), shape=(len(points),) * 2)
    piece = connected_components(links, directed=False)[1][triangles[0]]
    a, b, c = points[triangles]
    volume = (a * np.cross(b, c)).sum(1) / 6
    _, piece = np.unique(piece, return_inverse=True)
    return np.bincount(piece, volume), piece
