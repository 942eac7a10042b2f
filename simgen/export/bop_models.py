"""The objects of a BOP dataset as meshes, in millimetres, and what models_info.json says of them.

The origin is the middle of the bounding box, z points up, as docs/bop_datasets_format.md of
https://github.com/thodan/bop_toolkit asks for. A model is geometry without colours: in a dataset
one shape may wear other materials each time. Vertex normals are the mean of those of the triangles
around a vertex, weighted by their angles there (Thuermer and Wuethrich 1998). The diameter is the
largest distance between two vertices. Numbers of the PLY files are rounded to 0.0001 mm.
"""

from collections.abc import Iterator
from functools import lru_cache

import msgspec
import numpy as np
from scipy.spatial import ConvexHull, QhullError
from scipy.spatial.distance import cdist

from simgen.audit.bounds import flaw
from simgen.codec import WireShape, shape_from_wire
from simgen.errors import SimgenError
from simgen.export.bop_symmetry import Symmetry, symmetries
from simgen.props import mesh_of
from simgen.spec import Shape, Vec3

MM = 1000.0
_CHUNK = 512  # vertices whose distances to all others are had at once


class Model(msgspec.Struct, frozen=True):
    """An object of the dataset: what it is made by, how large, and its category."""

    shape: WireShape
    scale: Vec3
    category: str

    @property
    def digest(self) -> str:
        """Of the asset that it is, '' for others."""
        return str(self.shape.params.get("digest", "")) if self.shape.prop == "asset" else ""


def checked(shape: Shape) -> Shape:
    """Returns the shape; raises SimgenError where a stranger's record asks for too large a mesh."""
    if large := flaw(shape):
        raise SimgenError(f"a model cannot be made: {large}")
    return shape


@lru_cache(maxsize=4)
def solid(key: bytes) -> tuple[np.ndarray, np.ndarray]:
    """Returns (V, 3) float64 vertices, mm, and (T, 3) triangles, counter-clockwise from outside.

    Args:
        key: a Model as JSON.
    """
    model = msgspec.json.decode(key, type=Model)
    mesh = mesh_of(checked(shape_from_wire(model.shape)))
    vertices = mesh.vertices.astype(float) * model.scale * MM
    triangles = mesh.triangles if np.prod(model.scale) > 0 else mesh.triangles[:, ::-1]
    return vertices - (vertices.min(0) + vertices.max(0)) / 2, triangles


def ply(vertices: np.ndarray, triangles: np.ndarray) -> Iterator[bytes]:
    """Yields an ASCII PLY in pieces."""
    yield "\n".join(
        [
            "ply",
            "format ascii 1.0",
            "comment millimetres, z up",
            f"element vertex {len(vertices)}",
            *(f"property float {name}" for name in ("x", "y", "z", "nx", "ny", "nz")),
            f"element face {len(triangles)}",
            "property list uchar int vertex_indices",
            "end_header\n",
        ]
    ).encode("ascii")
    for row in np.hstack([vertices, normals(vertices, triangles)]).tolist():
        yield b"%.4f %.4f %.4f %.6f %.6f %.6f\n" % tuple(row)
    for row in triangles.tolist():
        yield b"3 %d %d %d\n" % tuple(row)


def normals(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Returns (V, 3) unit vectors; 0, 0, 0 where a vertex is of no triangle with an area."""
    corners = vertices[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = across / np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-300)
    sums = np.zeros_like(vertices)
    for i in range(3):
        a, b = (corners[:, (i + k) % 3] - corners[:, i] for k in (1, 2))
        lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
        cosine = (a * b).sum(1) / np.maximum(lengths, 1e-300)
        angle = np.arccos(np.clip(cosine, -1, 1))
        np.add.at(sums, triangles[:, i], facing * angle[:, None])
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)


def model_entry(key: bytes, symmetry: Symmetry) -> dict[str, object]:
    """Returns the entry of models_info.json of a Model as JSON, mm."""
    vertices, triangles = solid(key)
    lower, upper = vertices.min(0), vertices.max(0)
    entry: dict[str, object] = {"diameter": diameter(vertices)}
    entry |= {f"min_{axis}": value for axis, value in zip("xyz", lower.tolist())}
    entry |= {f"size_{axis}": value for axis, value in zip("xyz", (upper - lower).tolist())}
    scale = np.array(msgspec.json.decode(key, type=Model).scale)
    return entry | symmetries(symmetry, scale, centroid(vertices, triangles))


def diameter(vertices: np.ndarray) -> float:
    """Returns the largest distance between two vertices: both are corners of the convex hull."""
    try:
        outer = vertices[ConvexHull(vertices).vertices]
    except (QhullError, ValueError):  # flat, or fewer than four
        outer = np.unique(vertices, axis=0)
    starts = range(0, len(outer), _CHUNK)
    return float(max(cdist(outer[i : i + _CHUNK], outer).max() for i in starts))


def centroid(vertices: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Returns (3,): the middle of the surface, through which each axis of symmetry passes."""
    corners = vertices[triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    return np.average(corners.mean(1), axis=0, weights=np.linalg.norm(across, axis=1))
