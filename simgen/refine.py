"""A mesh cut finer about one spot, so that something small can be shown on it."""

from dataclasses import replace

import numpy as np

from simgen.mesh import Mesh

ROUNDS = 12
# A triangle's pieces where its edges of bits 0, 1, 2 are halved; edge i runs from corner i to the
# next. 0 to 2 are its corners, 3 to 5 the middles of its edges.
PIECES = (
    ((0, 1, 2),),
    ((0, 3, 2), (3, 1, 2)),
    ((1, 4, 0), (4, 2, 0)),
    ((2, 0, 3), (2, 3, 4), (3, 1, 4)),
    ((2, 5, 1), (5, 0, 1)),
    ((1, 2, 5), (1, 5, 3), (5, 0, 3)),
    ((0, 1, 4), (0, 4, 5), (4, 2, 5)),
    ((0, 3, 5), (3, 1, 4), (5, 4, 2), (3, 4, 5)),
)


def refined(mesh: Mesh, spot: np.ndarray, radius: float, longest: float) -> Mesh:
    """Returns the same surface without an edge longer than `longest` within `radius` of a spot.

    Whether an edge is halved, and where, its two ends decide alone, so that both of its triangles
    agree: what was closed stays closed.
    """
    for _ in range(ROUNDS):
        halved = _too_long(mesh, spot, radius, longest)
        if not halved.any():
            return mesh
        mesh = _halved(mesh, halved)
    return mesh


def _too_long(mesh: Mesh, spot: np.ndarray, radius: float, longest: float) -> np.ndarray:
    """Returns (T, 3) bool: whether the edge from corner i to the next is to be halved."""
    start = mesh.vertices.astype(float)[mesh.triangles]
    end = np.roll(start, -1, axis=1)
    length = np.linalg.norm(end - start, axis=2)
    away = np.linalg.norm((start + end) / 2 - spot, axis=2)
    return (length > longest) & (away < radius + length / 2)


def _halved(mesh: Mesh, halved: np.ndarray) -> Mesh:
    """Returns the mesh with a point in the middle of each of these edges."""
    corners = mesh.triangles
    ends = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], axis=-1)[halved], axis=1)
    ends, which = np.unique(ends, axis=0, return_inverse=True)
    place = np.full(halved.shape, -1)
    place[halved] = len(mesh.vertices) + which.reshape(-1)
    code = halved @ (1, 2, 4)
    rows = [(np.flatnonzero(code == i), pieces) for i, pieces in enumerate(PIECES)]
    source = np.concatenate([np.repeat(own, len(pieces)) for own, pieces in rows])
    pick = np.concatenate([np.tile(pieces, (len(own), 1)) for own, pieces in rows])
    index = np.concatenate([corners, place], axis=1)

    def cut(values: np.ndarray) -> np.ndarray:
        middle = (values + np.roll(values, -1, axis=1)) / np.float32(2)
        return np.concatenate([values, middle], axis=1)[source[:, None], pick]

    return replace(
        mesh,
        vertices=np.concatenate([mesh.vertices, mesh.vertices[ends].sum(1) / np.float32(2)]),
        triangles=index[source[:, None], pick].astype(np.int32),
        uv=cut(mesh.uv),
        color=None if mesh.color is None else cut(mesh.color),
        slot=mesh.slot[source],
        part=mesh.part[source],
        smooth=mesh.smooth[source],
    )
