"""A mesh as convex pieces that together hold all of it, which is what things collide by.

A prop may name them. Else each closed part that is convex already is its own piece; what is not is
cut up by CoACD (Wei et al. 2022), once for each mesh: the pieces are kept on the disk.
"""

import os
import tempfile
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError

from simgen.cache import cache
from simgen.mesh import Mesh
from simgen.props import mesh_of, pieces_of
from simgen.spec import Shape

CONVEX = 0.97  # share of its hull that a part must fill to be taken for convex
THINNEST = 5e-4  # metres; what is flatter is thickened to this
# How far a piece's hull may stand off relative to the mesh, and a search of a tenth of the default
# length, which cuts into hardly more pieces.
CUT = {"threshold": 0.05, "max_convex_hull": 64, "mcts_iterations": 60, "mcts_nodes": 12,
       "mcts_max_depth": 2, "resolution": 1000}  # fmt: skip


@lru_cache(maxsize=512)
def hulls_of(shape: Shape) -> tuple[np.ndarray, ...]:
    """Returns (N, 3) float64 corners of each convex piece, in the shape's own axes."""
    named = pieces_of(shape)
    if named:
        return tuple(hull.points[hull.vertices] for hull in map(_hull, named))
    mesh = mesh_of(shape)
    hulls = []
    for points, triangles in _parts(mesh):
        hulls.append(_hull(points))
        if _volume(points, triangles) < CONVEX * hulls[-1].volume and not _flat(points):
            return _decomposed(mesh)
    return tuple(hull.points[hull.vertices] for hull in hulls)


def _parts(mesh: Mesh) -> list[tuple[np.ndarray, np.ndarray]]:
    """Returns points and triangles of each connected part."""
    points, welded = np.unique(mesh.vertices.astype(float), axis=0, return_inverse=True)
    triangles = welded.reshape(-1)[mesh.triangles]
    a, b = np.concatenate([triangles[:, :2], triangles[:, 1:]]).T
    links = coo_array((np.ones(len(a), bool), (a, b)), shape=(len(points),) * 2)
    count, owner = connected_components(links, directed=False)
    parts = []
    for i in range(count):
        own = triangles[owner[triangles[:, 0]] == i]
        used, local = np.unique(own, return_inverse=True)
        if len(own):
            parts.append((points[used], local.reshape(-1, 3)))
    return parts


def _hull(points: np.ndarray) -> ConvexHull:
    try:
        hull = ConvexHull(points)
        if hull.volume > THINNEST * hull.area / 2:
            return hull
    except QhullError:
        pass  # flat, or a line
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    return ConvexHull((points[:, None] + corners * THINNEST / 2).reshape(-1, 3))


def _flat(points: np.ndarray) -> bool:
    return np.linalg.svd(points - points.mean(0), compute_uv=False)[-1] < THINNEST / 2


def _volume(points: np.ndarray, triangles: np.ndarray) -> float:
    a, b, c = points[triangles].swapaxes(0, 1)
    return float((a * np.cross(b, c)).sum() / 6)


def _decomposed(mesh: Mesh) -> tuple[np.ndarray, ...]:
    key = sha256(mesh.vertices.tobytes() + mesh.triangles.tobytes() + repr(CUT).encode())
    file = cache() / f"hulls/{key.hexdigest()[:32]}.npy"
    try:
        flat = np.load(file, allow_pickle=False)
    except (OSError, ValueError):
        flat = _cut(mesh)
        _keep(file, flat)
    return tuple(flat[flat[:, 3] == i, :3] for i in np.unique(flat[:, 3]))


def _cut(mesh: Mesh) -> np.ndarray:
    """Returns (N, 4): corners, and the number of the piece that each is of."""
    import coacd  # here, because few meshes need it

    coacd.set_log_level("error")
    points = mesh.vertices.astype(float)
    found = coacd.run_coacd(coacd.Mesh(points, mesh.triangles), seed=0, **CUT)
    hulls = [_hull(np.asarray(corners, float)) for corners, _ in found]
    pieces = [hull.points[hull.vertices] for hull in hulls]
    return np.concatenate([np.column_stack([p, np.full(len(p), i)]) for i, p in enumerate(pieces)])


def _keep(file: Path, flat: np.ndarray) -> None:
    """Keeps the pieces for the next run; a disk that refuses costs time, not the run."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as scratch:
            np.save(scratch, flat, allow_pickle=False)
        os.replace(scratch.name, file)
