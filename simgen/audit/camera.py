"""The audit's own camera: rotations by SciPy, lenses by OpenCV's formulas and Newton's method.

Written apart from the code that makes labels, so that neither can cover a mistake of the other.
"""

from collections.abc import Callable

import numpy as np
from scipy.spatial.transform import Rotation

from simgen.spec import Camera, Lens

_STEPS, _STEP = 30, 1e-6


def rotations(quaternions: np.ndarray) -> np.ndarray:
    """Returns (N, 3, 3) of (N, 4) quaternions (w, x, y, z)."""
    q = np.asarray(quaternions, float).reshape(-1, 4)
    return Rotation.from_quat(q[:, [1, 2, 3, 0]]).as_matrix()


def into_camera(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Returns (N, 3) world points in camera axes: x right, y down, z forward."""
    turn = rotations(camera.rotation)[0]
    return (np.asarray(points, float).reshape(-1, 3) - camera.position) @ turn


def project(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Returns (N, 2) pixels of (N, 3) points in camera axes; nan for those that are not ahead.

    A fisheye sees behind itself too.
    """
    points = np.asarray(points, float).reshape(-1, 3)
    if camera.lens.model == "fisheye":
        off, z = np.hypot(points[:, 0], points[:, 1]), points[:, 2]
        angle = np.where((off > 0) | (z > 0), np.arctan2(off, z), np.nan)
        flat = points[:, :2] * (angle / np.maximum(off, 1e-300))[:, None]
    else:
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = points[:, :2] / points[:, 2:]
        flat[~(points[:, 2] > 0)] = np.nan
    return _bend(camera.lens)(flat) * _focal(camera) + _middle(camera)


def rays(camera: Camera, uv: np.ndarray) -> np.ndarray:
    """Returns (N, 3) directions through (N, 2) pixels, z = 1 but for a fisheye, whose length is 1.

    nan where the lens cannot be undone.
    """
    flat = (np.asarray(uv, float).reshape(-1, 2) - _middle(camera)) / _focal(camera)
    if camera.lens.model != "pinhole":
        flat = _undone(_bend(camera.lens), flat)
    if camera.lens.model != "fisheye":
        return np.column_stack([flat, np.ones(len(flat))])
    angle = np.hypot(*flat.T)
    return np.column_stack([flat * np.sinc(angle / np.pi)[:, None], np.cos(angle)])


def _focal(camera: Camera) -> float:
    return camera.focal_mm / camera.sensor_mm * camera.width


def _middle(camera: Camera) -> np.ndarray:
    return np.array([camera.width / 2, camera.height / 2])


def _bend(lens: Lens) -> Callable[[np.ndarray], np.ndarray]:
    k = np.zeros(5)
    k[: len(lens.coefficients)] = lens.coefficients
    if lens.model == "fisheye":
        return lambda flat: flat * (1 + _powers(flat) @ k[:4])[:, None]
    if lens.model == "brown_conrady":
        return lambda flat: _brown(flat, k)
    return lambda flat: flat


def _powers(flat: np.ndarray) -> np.ndarray:
    return (flat * flat).sum(1)[:, None] ** np.arange(1, 5)


def _brown(flat: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Returns (N, 2) points moved as OpenCV's projectPoints moves them; k is k1, k2, p1, p2, k3."""
    x, y = flat.T
    square, across = x * x + y * y, 2 * x * y
    radial = 1 + square * (k[0] + square * (k[1] + square * k[4]))
    u = x * radial + k[2] * across + k[3] * (square + 2 * x * x)
    v = y * radial + k[3] * across + k[2] * (square + 2 * y * y)
    return np.column_stack([u, v])


def _undone(bend: Callable[[np.ndarray], np.ndarray], goal: np.ndarray) -> np.ndarray:
    """Returns the points that bend to (N, 2) goals, by Newton's method; nan where none is found."""
    found = goal.copy()
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            slope = np.stack(
                [(bend(found + d) - bend(found - d)) / (2 * _STEP) for d in _STEP * np.eye(2)], 2
            )
            step = _solved(slope, bend(found) - goal)
            found = found - step
            if not (np.abs(step) > 1e-14).any():
                break
        found[~(np.abs(bend(found) - goal).max(1) < 1e-9)] = np.nan
    return found


def _solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    (a, b), (c, d) = matrix.transpose(1, 2, 0)
    x, y = right.T
    return np.column_stack([d * x - b * y, a * y - c * x]) / (a * d - b * c)[:, None]
