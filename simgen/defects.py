"""Defects for inspection: where on a part, as it lies before the camera, and how it is labelled."""

from dataclasses import replace

import numpy as np

from simgen.geometry import rotation_matrix, world_from_body
from simgen.layout.heap import reach
from simgen.mesh import Mesh
from simgen.props import materials_of, mesh_of
from simgen.props.defective import MARKS
from simgen.spec import Body, Material, Shape, Vec3

SIZE = (0.12, 0.3)  # of a mark, in lengths of half the part
DENT = 0.7  # of a dent, in sizes of a mark
TRIES = 24
BRIGHT, DARK = 0.25, (0.06, 0.06, 0.06)
LEAST = 0.05  # of what the camera sees of a part must be gone for it to be missing
LIES = 2e-4  # metres: what bears a part may not be what is missing


def spoilt(body: Body, kind: str, eye: Vec3, rng: np.random.Generator) -> Body | None:
    """Returns the body with a defect where the camera sees it; None where it can have none."""
    mesh = mesh_of(body.shape)
    matrix = world_from_body(body)
    towards = np.linalg.solve(matrix, (*eye, 1.0))[:3]
    if kind == "missing_part":
        part = _lost(mesh, rotation_matrix(body.rotation)[2] * body.scale, towards, rng)
        found = None if part is None else ((0.0, 0.0, 0.0), (0.0, 0.0, 1.0))
    else:
        part, found = 0.0, _spot(mesh, towards, rng)
    if found is None:
        return None
    radius = float(rng.uniform(*SIZE)) * reach(body) * (DENT if kind == "dent" else 1.0)
    shape = Shape.of(
        "defective", base=body.shape.prop, base_params=body.shape.params, kind=kind, spot=found[0],
        normal=found[1], radius=radius, part=part,
    )  # fmt: skip
    worn = body.materials | ({kind: _groove(body)} if kind == "scratch" else {})
    left = set(mesh_of(shape).slots)
    materials = {slot: material for slot, material in worn.items() if slot in left}
    return replace(body, shape=shape, materials=materials, attributes=(*body.attributes, kind))


def _groove(body: Body) -> Material:
    """Returns the look of a scratch: bright on what is dark, dark on what is bright."""
    bright = np.mean([material.color for material in materials_of(body).values()]) > BRIGHT
    return replace(MARKS["scratch"], color=DARK) if bright else MARKS["scratch"]


def _spot(mesh: Mesh, eye: np.ndarray, rng: np.random.Generator) -> tuple[Vec3, Vec3] | None:
    """Returns a point of the surface that the eye sees, and the normal there."""
    corners = mesh.vertices.astype(float)[mesh.triangles]
    out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(out, axis=1)
    normal = out / np.maximum(area, 1e-30)[:, None]
    sight = eye - corners.mean(1)
    shown = (normal * sight).sum(1) / np.linalg.norm(sight, axis=1)
    weight = area * (shown > 0.5)
    for _ in range(TRIES if weight.sum() > 0 else 0):
        i = int(rng.choice(len(weight), p=weight / weight.sum()))
        point = rng.dirichlet((1, 1, 1)) @ corners[i]
        if not _hidden(point + 1e-5 * normal[i], eye, corners):
            return _plain(point), _plain(normal[i])
    return None


def _hidden(point: np.ndarray, eye: np.ndarray, corners: np.ndarray) -> bool:
    """Tells whether a triangle is between (Moeller and Trumbore 1997)."""
    a, b, c = corners.swapaxes(0, 1)
    way, e, f, s = eye - point, b - a, c - a, point - a
    p, q = np.cross(way, f), np.cross(s, e)
    det = (p * e).sum(1)
    with np.errstate(all="ignore"):
        u, v, t = (p * s).sum(1) / det, q @ way / det, (q * f).sum(1) / det
    return bool(((u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)).any())


def _lost(mesh: Mesh, up: np.ndarray, eye: np.ndarray, rng: np.random.Generator) -> float | None:
    """Returns a part whose loss shows, leaves the rest in one piece and lying as it lay."""
    parts = np.unique(mesh.part)
    corners = mesh.vertices.astype(float)[mesh.triangles]
    height = (corners @ up).min(1)
    out = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    shown = np.maximum((out * (eye - corners.mean(1))).sum(1), 0)
    able = []
    for part in parts if len(parts) > 1 else ():
        own = mesh.part == part
        bears = height[~own].min() > height.min() + LIES
        if not bears and shown[own].sum() > LEAST * shown.sum() and _one_piece(mesh, part):
            able.append(float(part))
    return able[int(rng.integers(len(able)))] if able else None


def _one_piece(mesh: Mesh, lost: float) -> bool:
    """Tells whether the boxes around the other parts touch, one the next."""
    boxes = []
    for part in np.unique(mesh.part[mesh.part != np.float32(lost)]):
        points = mesh.vertices[mesh.triangles[mesh.part == part]].reshape(-1, 3)
        boxes.append((points.min(0), points.max(0)))
    joined, rest = [boxes[0]], boxes[1:]
    while rest:
        near = [box for box in rest if any(_touch(box, other) for other in joined)]
        if not near:
            return False
        joined += near
        rest = [box for box in rest if not any(box is each for each in near)]
    return True


def _touch(one, other) -> bool:
    return bool((one[0] <= other[1] + LIES).all() and (other[0] <= one[1] + LIES).all())


def _plain(point: np.ndarray) -> Vec3:
    return tuple(float(value) for value in point)
