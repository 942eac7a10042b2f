"""Another prop with one defect: a dent, a scratch, a discolouration, or a part that is missing."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from simgen.keypoints import Points
from simgen.mesh import Mesh
from simgen.pieces import Pieces
from simgen.props import finish_of, keypoints_of, mesh_of, pieces_of
from simgen.refine import refined
from simgen.spec import Material, Shape, Value, Vec3

KINDS = ("scratch", "dent", "discolouration", "missing_part")
MARKS = {
    "scratch": Material("metal", (0.75, 0.75, 0.76), roughness=0.3, wear=0.0),
    "discolouration": Material(
        "noise", (0.16, 0.055, 0.02), (0.3, 0.14, 0.05), 0.75, scale_m=0.004
    ),
}
WIDE = 0.06  # of a scratch, in lengths of half of it
FACING = 0.3  # cosine to the defect's direction from which on a face belongs to it


def build(
    base: str, base_params: tuple[tuple[str, Value], ...], kind: str, spot: Vec3, normal: Vec3,
    radius: float, part: float = 0.0,
) -> Mesh:  # fmt: skip
    """Returns the prop with its defect.

    Args:
        kind: one of KINDS.
        spot, normal: where, in the prop's own axes, and which way the surface faces there.
        radius: how far it reaches from there.
        part: of the mesh that is missing, see Mesh.part.
    """
    mesh, spot, normal = mesh_of(Shape(base, base_params)), np.array(spot), np.array(normal)
    if kind == "missing_part":
        return _without(mesh, part)
    if kind == "dent":
        return _dented(refined(mesh, spot, radius, radius / 5), spot, normal, radius)
    fine = refined(mesh, spot, radius, radius * (WIDE if kind == "scratch" else 0.12))
    return _marked(fine, kind, _scratched if kind == "scratch" else _stained, spot, normal, radius)


def keypoints(base: str, base_params: tuple[tuple[str, Value], ...], **defect: Value) -> Points:
    """Returns those of the prop."""
    return keypoints_of(Shape(base, base_params))


def pieces(base: str, base_params: tuple[tuple[str, Value], ...], **defect: Value) -> Pieces:
    """Returns those of the prop."""
    return pieces_of(Shape(base, base_params))


@lru_cache(maxsize=512)
def finish(base: str, base_params: tuple[tuple[str, Value], ...], **defect: Value):
    """Returns the prop's, and the looks of what defects leave."""
    return finish_of(Shape(base, base_params)) | MARKS


def _without(mesh: Mesh, part: float) -> Mesh:
    kept = mesh.part != np.float32(part)
    used = np.unique(mesh.slot[kept])
    corners, place = np.unique(mesh.triangles[kept], return_inverse=True)
    return replace(
        mesh,
        vertices=mesh.vertices[corners],
        triangles=place.reshape(-1, 3).astype(np.int32),
        uv=mesh.uv[kept],
        slot=np.searchsorted(used, mesh.slot[kept]).astype(np.int32),
        slots=tuple(mesh.slots[i] for i in used),
        part=mesh.part[kept],
        smooth=mesh.smooth[kept],
        color=None if mesh.color is None else mesh.color[kept],
    )


def _dented(mesh: Mesh, spot: np.ndarray, normal: np.ndarray, radius: float) -> Mesh:
    away = np.linalg.norm(mesh.vertices - spot, axis=1) / radius
    depth = 0.3 * radius * np.maximum(1 - away**2, 0) ** 2
    return replace(mesh, vertices=(mesh.vertices - depth[:, None] * normal).astype(np.float32))


def _marked(mesh: Mesh, kind: str, shape, spot, normal, radius: float) -> Mesh:
    """Returns the mesh with the faces that a mark covers in a slot of their own."""
    corners = mesh.vertices.astype(float)[mesh.triangles]
    out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing = out @ normal > FACING * np.linalg.norm(out, axis=1)
    one = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    one = one / np.linalg.norm(one)
    flat = (corners.mean(1) - spot) @ np.stack([one, np.cross(normal, one)], axis=1) / radius
    deep = np.abs((corners.mean(1) - spot) @ normal) < radius
    covered = shape(*flat.T) & facing & deep
    slot = np.where(covered, len(mesh.slots), mesh.slot).astype(np.int32)
    used = np.unique(slot)
    names = (*mesh.slots, kind)
    return replace(
        mesh,
        slot=np.searchsorted(used, slot).astype(np.int32),
        slots=tuple(names[i] for i in used),
    )


def _scratched(along: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Returns which points, in lengths of half a scratch, are on it: bent, tapering at its ends."""
    middle = 0.12 * np.sin(2.2 * along)
    return np.abs(across - middle) < WIDE * np.sqrt(np.maximum(1 - along**2, 0))


def _stained(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    angle = np.arctan2(y, x)
    edge = 0.75 + 0.14 * np.sin(3 * angle + 1) + 0.09 * np.sin(7 * angle)
    return np.hypot(x, y) < edge
