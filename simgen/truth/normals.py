"""Which way the surface behind each pixel faces, as the picture shades it."""

from functools import lru_cache

import numpy as np

from simgen.mesh import Mesh
from simgen.props import mesh_of
from simgen.spec import SceneSpec
from simgen.truth.solid import solid_of
from simgen.truth.surface import Surface, by_body, moved


def camera_normals(spec: SceneSpec, surface: Surface) -> np.ndarray:
    """Returns (P, 3) unit vectors in camera axes, pointing out of the bodies, and of open meshes
    towards the camera.

    On a triangle that its mesh shades flat, the triangle's own normal; on a smooth one the mix of
    its corners' normals, which is what makes a faceted drum look round. (Close to an outline such
    a mix may point a little away from the camera; the triangle itself faces it.)
    """
    flat = _triangle_normals(surface.corners)
    corners = np.stack([flat] * 3)
    for shape, part, triangle in by_body(spec, surface.body, surface.triangle):
        mesh = mesh_of(shape)
        smooth = mesh.smooth[triangle]
        if smooth.any():
            used = mesh.triangles[triangle[smooth]]
            corners[:, :, part[smooth]] = vertex_normals(mesh)[used].transpose(1, 2, 0)
    # The inverse transpose keeps normals upright on their surfaces when scale is uneven or mirrors.
    inverse = np.linalg.inv(surface.camera_from_body[:, :3, :3])[surface.body]
    flat, corners = (np.einsum("fji,...jf->...if", inverse, n) for n in (flat, corners))
    away = _facing_away(spec, surface, flat)
    flat[:, away] *= -1
    corners[:, :, away] *= -1
    return _unit(surface.mixed(corners), flat.T, surface.facet)


def _facing_away(spec: SceneSpec, surface: Surface, flat: np.ndarray) -> np.ndarray:
    """Returns (F,) bool, True for triangles of open meshes that show the camera their back."""
    solids = [solid_of(body.shape) for body in spec.bodies]
    away = ~np.array([solid.closed for solid in solids], bool)[surface.body]
    corner = moved(surface.corners[:1, :, away], surface.camera_from_body[surface.body[away]])[0]
    away[away] = (flat[:, away] * corner).sum(0) > 0
    return away


@lru_cache(maxsize=512)
def vertex_normals(mesh: Mesh) -> np.ndarray:
    """Returns (V, 3) float64 unit vectors in the mesh's own axes.

    Blender's: the normals of the triangles around a vertex, each with the weight of the angle that
    it has there (Thuermer and Wuethrich 1998).
    """
    corners = mesh.vertices[mesh.triangles].astype(float).transpose(1, 2, 0)
    flat, total = _triangle_normals(corners), np.zeros((3, len(mesh.vertices)))
    for i in range(3):
        weighted = flat * _angle(corners[i], corners[(i + 1) % 3], corners[(i + 2) % 3])
        for sums, part in zip(total, weighted):
            sums += np.bincount(mesh.triangles[:, i], part, minlength=len(sums))
    return _unit_columns(total).T


def _triangle_normals(corners: np.ndarray) -> np.ndarray:
    """Returns (3, F) unit vectors of (3, 3, F) corners, counter-clockwise seen from outside."""
    return _unit_columns(np.cross(corners[1] - corners[0], corners[2] - corners[0], axis=0))


def _angle(at: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    a, b = _unit_columns(one - at), _unit_columns(other - at)
    return np.arccos(np.clip((a * b).sum(0), -1, 1))


def _unit_columns(vectors: np.ndarray) -> np.ndarray:
    """Returns (3, N) of length 1; zeros stay."""
    length = np.linalg.norm(vectors, axis=0)
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def _unit(mixed: np.ndarray, flat: np.ndarray, facet: np.ndarray) -> np.ndarray:
    """Returns (P, 3) of length 1: the triangle's normal where those of its corners cancel."""
    gone = ~mixed.any(1)
    mixed[gone] = flat[facet[gone]]
    return mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
