"""Parts with flat faces: boxes, hulls, and cards that carry a print."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from scipy.spatial import ConvexHull

from simgen.mesh import Mesh, make_part, require_positive


def hull(points: np.ndarray, slot: str) -> Mesh:
    """Returns the convex hull of (N, 3) points, flat faces, uv in metres face by face."""
    points = np.asarray(points, float)
    triangles, dominant = _hull_faces(points)
    return make_part(points, triangles, _box_uv(points, triangles, dominant), slot)


def _hull_faces(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (T, 3) triangles wound outward, and (T,) the axis each faces most."""
    found = ConvexHull(points)
    triangles = found.simplices.copy()
    normals = found.equations[:, :3]
    corners = points[triangles]
    wound = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = (wound * normals).sum(1) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return triangles, np.abs(normals).argmax(1)


def _box_uv(points: np.ndarray, triangles: np.ndarray, dominant: np.ndarray) -> np.ndarray:
    """Returns (T, 3, 2): each face projected along its dominant axis, u along the longest side."""
    order = np.argsort(-np.ptp(points, axis=0), kind="stable")
    uv = np.empty((len(triangles), 3, 2))
    for axis in range(3):
        rows = dominant == axis
        u, v = (a for a in order if a != axis)
        uv[rows] = points[triangles[rows]][:, :, [u, v]]
    return uv


def box(size: Sequence[float], slot: str, chamfer: float = 0.0) -> Mesh:
    """Returns a box of `size` (x, y, z), centred on the origin in x and y, standing on z = 0.

    `chamfer` cuts each edge at 45 degrees by that many metres, which is what catches the light.
    """
    size = np.asarray(size, float)
    require_positive(box_size=size.min())
    cut = min(chamfer, 0.49 * size.min())
    points = _box_points(size / 2, cut) + [0, 0, size[2] / 2]
    triangles, dominant = _box_faces(cut > 0)
    return make_part(points, triangles, _box_uv(points, triangles, dominant), slot)


def _box_points(half: np.ndarray, cut: float) -> np.ndarray:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    if cut <= 0:
        return signs * half
    return np.concatenate([signs * (half - cut * (1 - np.eye(3)[a])) for a in range(3)])


@cache
def _box_faces(chamfered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Returns the faces that all boxes share, whatever their size."""
    return _hull_faces(_box_points(np.ones(3), 0.1 * chamfered))


def extrude(polygon: Sequence[Sequence[float]], depth: float, slot: str) -> Mesh:
    """Returns a convex polygon in the x-z plane, given depth `depth` centred on y = 0."""
    require_positive(depth=depth)
    flat = np.asarray(polygon, float)
    sides = [np.insert(flat, 1, y, axis=1) for y in (-depth / 2, depth / 2)]
    return hull(np.concatenate(sides), slot)


def card(width: float, height: float, slot: str, thickness: float = 0.001) -> Mesh:
    """Returns an upright card in the x-z plane facing -y, its front uv [0, 1]: for printed images.

    Only its front carries the image; sides and back take the corner colour of the print.
    """
    require_positive(width=width, height=height, thickness=thickness)
    body = box((width, thickness, height), slot)
    corners = body.vertices[body.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    front = normal[:, 1] < -0.5 * np.linalg.norm(normal, axis=1)
    uv = np.zeros_like(body.uv)
    uv[front] = corners[front][:, :, [0, 2]] / np.float32([width, height]) + np.float32([0.5, 0.0])
    return replace(body, uv=uv)
