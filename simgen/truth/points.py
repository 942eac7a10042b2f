"""Keypoints of objects in a picture, and whether they are seen, hidden or outside."""

from collections.abc import Iterable

import numpy as np

from simgen.frame import Keypoint
from simgen.geometry import transform, world_from_bodies, world_from_camera
from simgen.lens import pixels
from simgen.props import keypoints_of
from simgen.spec import Camera, SceneSpec
from simgen.truth.visibility import hidden


def keypoints(spec: SceneSpec, ids: Iterable[int]) -> dict[int, tuple[Keypoint, ...]]:
    """Returns the keypoints of some bodies by their id, none for a prop that defines none."""
    shapes = {i: keypoints_of(spec.bodies[i - 1].shape) for i in ids}
    matrices = np.linalg.inv(world_from_camera(spec.camera)) @ world_from_bodies(spec.bodies)
    places = [transform(matrices[i - 1], _array(named)) for i, named in shapes.items()]
    points = np.concatenate([np.empty((0, 3)), *places])
    uv = pixels(spec.camera, points)
    inside = in_picture(spec.camera, uv)
    seen = inside.copy()
    seen[inside] = ~hidden(spec, points[inside], uv[inside])
    uv[~inside] = 0
    rest = iter(zip(uv.tolist(), (inside.astype(int) + seen).tolist(), points.tolist()))
    return {
        i: tuple(Keypoint(name, *xy, v, tuple(at)) for name, (xy, v, at) in zip(named, rest))
        for i, named in shapes.items()
    }


def in_picture(camera: Camera, uv: np.ndarray) -> np.ndarray:
    """Returns (N,) bool of (N, 2) pixels; nan is not in it."""
    return ((uv >= 0) & (uv < (camera.width, camera.height))).all(1)


def _array(points: dict[str, tuple[float, float, float]]) -> np.ndarray:
    return np.array(list(points.values()), float).reshape(-1, 3)
