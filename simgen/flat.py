"""Parts cut from plate: a rim between an outer and an inner outline, with broken edges."""

from collections.abc import Sequence

import numpy as np

from simgen.mesh import Mesh, make_part, require_positive


def circle(radius: float, count: int, start: float = 0.0, stop: float = 2 * np.pi) -> np.ndarray:
    """Returns (count, 2) points counter-clockwise from an angle on; a whole turn stays open."""
    whole = np.isclose(stop - start, 2 * np.pi)
    angle = np.linspace(start, stop, count, endpoint=not whole)
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def polygon(corners: Sequence[Sequence[float]], count: int) -> np.ndarray:
    """Returns (count, 2) points on the rays of `circle` and the sides of a convex polygon."""
    corners = np.asarray(corners, float)
    normals = np.roll(corners, -1, axis=0) - corners
    normals = np.column_stack([normals[:, 1], -normals[:, 0]])
    rays = circle(1.0, count)
    facing = rays @ normals.T
    reach = (corners * normals).sum(1) / np.where(facing > 1e-9, facing, np.nan)
    return rays * np.nanmin(reach, axis=1)[:, None]


def plate(
    outer: np.ndarray, inner: np.ndarray, thickness: float, slot: str, chamfer: float = 0.0,
    whole: bool = True,
) -> Mesh:  # fmt: skip
    """Returns what lies between two outlines of as many points each, counter-clockwise, (N, 2).

    It stands on z = 0. Unless `whole`, it ends at the first and the last points.
    """
    require_positive(plate_thickness=thickness)
    loops = np.stack(_section(outer, inner, thickness, chamfer))
    count, n = loops.shape[:2]
    i = np.arange(n if whole else n - 1)
    k = np.arange(count)[:, None] * n
    up = np.roll(k, -1, axis=0)
    j = (i + 1) % n
    below = np.stack(np.broadcast_arrays(k + i, k + j, up + j), axis=-1)
    above = np.stack(np.broadcast_arrays(k + i, up + j, up + i), axis=-1)
    triangles = [below.reshape(-1, 3), above.reshape(-1, 3)]
    if not whole:
        fan = n * np.column_stack([0 * k[1:-1], np.arange(1, count - 1), np.arange(2, count)])
        triangles += [fan, fan[:, ::-1] + n - 1]
    triangles, points = np.concatenate(triangles), loops.reshape(-1, 3)
    return make_part(points, triangles, points[triangles][:, :, :2], slot)


def _section(outer, inner, thickness: float, chamfer: float) -> list[np.ndarray]:
    """Returns the loops of points, (N, 3) each: up outside, down inside."""
    across = inner - outer
    wide = np.linalg.norm(across, axis=1, keepdims=True)
    cut = np.minimum(chamfer, 0.3 * wide) * across / wide
    low, high = min(chamfer, 0.3 * thickness), max(thickness - chamfer, 0.7 * thickness)
    path = [(outer + cut, 0.0), (outer, low), (outer, high), (outer + cut, thickness)]
    path += [(inner - cut, thickness), (inner, high), (inner, low), (inner - cut, 0.0)]
    if chamfer <= 0:
        path = [path[1], path[2], path[5], path[6]]
        path = [(flat, z) for (flat, _), z in zip(path, (0, thickness, thickness, 0))]
    return [np.insert(flat, 2, z, axis=1) for flat, z in path]
