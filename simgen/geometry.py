"""Rotations, poses and where a camera sees a point, in the conventions of spec.py."""

import math
from collections.abc import Sequence

import numpy as np

from simgen.lens import focal_px, pixels
from simgen.spec import Body, Camera, Quaternion, Vec3


def rotation_matrix(rotation: Quaternion | np.ndarray) -> np.ndarray:
    """Returns (..., 3, 3) float64 of unit quaternions (w, x, y, z), one or (..., 4)."""
    w, x, y, z = np.asarray(rotation, float).T / np.linalg.norm(rotation, axis=-1)
    rows = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    return np.moveaxis(rows, (0, 1), (-2, -1))


def quaternion(matrix: np.ndarray) -> Quaternion:
    """Returns (w, x, y, z) with w >= 0 of a (3, 3) rotation (Shepperd 1978: the largest pivot)."""
    m = np.asarray(matrix, float)
    squares = np.array([m.trace(), *m.diagonal()])
    i = int(squares.argmax())
    if i == 0:
        q = [1 + m.trace(), m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]]
    else:
        a, b, c = i - 1, i % 3, (i + 1) % 3
        q = [0.0] * 4
        q[0] = m[c, b] - m[b, c]
        q[1 + a] = 1 + m[a, a] - m[b, b] - m[c, c]
        q[1 + b] = m[b, a] + m[a, b]
        q[1 + c] = m[c, a] + m[a, c]
    q = np.array(q) / np.linalg.norm(q)
    return tuple(float(v) for v in (q if q[0] >= 0 else -q))


def axis_angle(axis: Vec3, angle: float) -> Quaternion:
    """Returns the rotation by `angle` radians about `axis` (right-hand rule)."""
    unit = np.asarray(axis, float) / np.linalg.norm(axis)
    return (float(np.cos(angle / 2)), *(float(v) for v in np.sin(angle / 2) * unit))


def yaw(angle: float) -> Quaternion:
    """Returns the rotation by `angle` radians about the vertical."""
    return axis_angle((0.0, 0.0, 1.0), angle)


def multiply(a: Quaternion, b: Quaternion) -> Quaternion:
    """Returns the rotation that applies b, then a (Hamilton's product), with w >= 0."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    q = (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )
    scale = math.copysign(1, q[0]) / math.hypot(*q)
    return tuple(v * scale for v in q)


def world_from_body(body: Body) -> np.ndarray:
    """Returns (4, 4) float64: scale, then rotate, then move."""
    return world_from_bodies([body])[0]


def world_from_bodies(bodies: Sequence[Body]) -> np.ndarray:
    """Returns (N, 4, 4) float64."""
    rotations = np.array([body.rotation for body in bodies], float).reshape(-1, 4)
    scales = np.array([body.scale for body in bodies], float).reshape(-1, 1, 3)
    matrices = np.zeros((len(bodies), 4, 4))
    matrices[:, :3, :3] = rotation_matrix(rotations) * scales
    matrices[:, :3, 3] = np.array([body.position for body in bodies]).reshape(-1, 3)
    matrices[:, 3, 3] = 1
    return matrices


def world_from_camera(camera: Camera) -> np.ndarray:
    """Returns (4, 4) float64, camera axes as OpenCV's."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation_matrix(camera.rotation)
    matrix[:3, 3] = camera.position
    return matrix


def transform(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns (N, 3): a (4, 4) applied to (N, 3) points."""
    return points @ matrix[:3, :3].T + matrix[:3, 3]


def look_at(position: Vec3, target: Vec3) -> Quaternion:
    """Returns the camera rotation at `position` that puts `target` on the optical axis, upright."""
    forward = np.subtract(target, position).astype(float)
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, (0.0, 0.0, 1.0))
    if np.linalg.norm(right) < 1e-9:  # straight up or down: any right will do
        right = np.array([1.0, 0.0, 0.0])
    right /= np.linalg.norm(right)
    return quaternion(np.stack([right, np.cross(forward, right), forward], axis=1))


def intrinsics(camera: Camera) -> np.ndarray:
    """Returns the (3, 3) matrix K in pixels: u = fx x/z + cx with (0, 0) the image's corner."""
    focal = focal_px(camera)
    return np.array([[focal, 0, camera.width / 2], [0, focal, camera.height / 2], [0, 0, 1.0]])


def project(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Returns (N, 3): pixel u, v and depth (along the optical axis) of world points.

    u, v are nan where the lens cannot show the point (see lens.pixels).
    """
    local = transform(np.linalg.inv(world_from_camera(camera)), np.asarray(points, float))
    return np.column_stack([pixels(camera, local), local[:, 2]])


def box_corners(lower: Vec3, upper: Vec3) -> np.ndarray:
    """Returns (8, 3); corner i takes `upper` along x, y, z where bit 0, 1, 2 of i is set.

    Bounds of shape (..., 1, 3) give the corners of many boxes, (..., 8, 3).
    """
    bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
    return np.where(bits, np.asarray(upper, float), np.asarray(lower, float))
