"""Parts made by moving an outline: lofts, bars and bent tubes."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.mesh import Mesh, fraction, make_part, require_positive, union
from simgen.solids import box
from simgen.turned import cylinder


def rounded(x: float, y: float, radius: float, steps: int = 4) -> np.ndarray:
    """Returns (4 * (steps + 1), 2): a rectangle about the origin with round corners."""
    turn = np.linspace(0, np.pi / 2, steps + 1)
    corners = [
        (sx * (x / 2 - radius), sy * (y / 2 - radius), start)
        for sx, sy, start in ((1, 1, 0), (-1, 1, 1), (-1, -1, 2), (1, -1, 3))
    ]
    return np.concatenate(
        [
            np.column_stack([cx + radius * np.cos(a), cy + radius * np.sin(a)])
            for cx, cy, start in corners
            for a in [turn + start * np.pi / 2]
        ]
    )


def loft(outlines: Sequence[np.ndarray], heights: Sequence[float], slot: str) -> Mesh:
    """Returns the solid skinned over horizontal outlines, (N, 2) each, closed at both ends.

    Outlines run counter-clockwise seen from above, the first and the last are convex. Heights
    that rise along the outside and sink again along the inside make a tray.
    """
    loops = np.stack([np.insert(o, 2, z, axis=1) for o, z in zip(outlines, heights)]).astype(float)
    count, n = loops.shape[:2]
    i, j = np.arange(n), (np.arange(n) + 1) % n
    low = np.arange(count - 1)[:, None] * n
    below = np.stack([low + i, low + j, low + j + n], axis=-1)
    above = np.stack([low + i, low + j + n, low + i + n], axis=-1)
    fan = np.column_stack([np.zeros(n - 2, int), i[1:-1], i[2:]])
    caps = np.concatenate([fan[:, ::-1], fan + (count - 1) * n])
    triangles = np.concatenate([below.reshape(-1, 3), above.reshape(-1, 3), caps])
    points = loops.reshape(-1, 3)
    uv = np.concatenate([_skin_uv(loops), points[caps][:, :, :2]])
    return make_part(points, triangles, uv, slot)


def _skin_uv(loops: np.ndarray) -> np.ndarray:
    """Returns (T, 3, 2) of a loft's sides: metres around the widest loop, metres along it."""
    steps = np.linalg.norm(np.roll(loops, -1, axis=1) - loops, axis=2)
    u = np.concatenate([[0], steps[steps.sum(1).argmax()].cumsum()])
    v = np.concatenate([[0], np.linalg.norm(np.diff(loops, axis=0), axis=2).mean(1).cumsum()])
    u, v = np.meshgrid(u, v)
    grid = np.stack([u, v], axis=-1)
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    halves = (np.stack(corners, axis=2) for corners in ((a, b, c), (a, c, d)))
    return np.concatenate([half.reshape(-1, 3, 2) for half in halves])


def bar(start: Sequence[float], end: Sequence[float], width: float, slot: str, sides=0) -> Mesh:
    """Returns a straight bar between two points: square section, or round with `sides` >= 3."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = float(np.linalg.norm(end - start))
    require_positive(bar_length=length)
    if sides:
        upright = cylinder(width / 2, length, slot, sides)
    else:
        upright = box((width, width, length), slot)
    direction = (end - start) / length
    axis = np.cross((0, 0, 1), direction)
    if np.linalg.norm(axis) < 1e-9:
        axis = (1.0, 0.0, 0.0)
    return upright.turned(axis, np.degrees(np.arccos(np.clip(direction[2], -1, 1)))).moved(*start)


def tube(path: Sequence[Sequence[float]], width: float, slot: str, sides: int = 10) -> Mesh:
    """Returns a round bar bent along a path, mitred; a loop where the path ends at its start."""
    path = np.asarray(path, float)
    require_positive(tube_width=width)
    loop = len(path) > 3 and np.allclose(path[0], path[-1])
    rings = _mitred_rings(path, width / 2, sides, loop)
    bands = [_quads(a, b, slot) for a, b in zip(rings, rings[1:])]
    caps = [] if loop else [_fan(rings[0][::-1], slot), _fan(rings[-1], slot)]
    whole = union(*bands, *caps)
    return replace(whole, part=np.full_like(whole.part, fraction(whole.vertices)))


def _mitred_rings(path: np.ndarray, radius: float, sides: int, loop: bool) -> list[np.ndarray]:
    """Returns the section at each point of the path, (sides, 3) each, cut along the mitre plane.

    A ring slides along its straight piece up to the next mitre plane, so it stays on the cylinder.
    """
    steps = np.diff(path, axis=0)
    along = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    mitres = np.concatenate([along[:1], along[:-1] + along[1:], along[-1:]])
    if loop:
        mitres[[0, -1]] = along[0] + along[-1]
    across = np.cross(along[0], np.eye(3)[np.abs(along[0]).argmin()])
    across /= np.linalg.norm(across)
    angle = 2 * np.pi * np.arange(sides) / sides
    circle = np.outer(np.cos(angle), across) + np.outer(np.sin(angle), np.cross(along[0], across))
    ring, rings = path[0] + radius * circle, []
    for point, mitre, direction in zip(path, mitres, along[[0, *range(len(along))]]):
        ring = ring + np.outer((point - ring) @ mitre / (direction @ mitre), direction)
        rings.append(ring)
    return [*rings[:-1], rings[0]] if loop else rings


def _quads(low: np.ndarray, high: np.ndarray, slot: str) -> Mesh:
    """Returns the wall between two rings, counter-clockwise seen from beyond `high`."""
    n = len(low)
    i = np.arange(n)
    j = (i + 1) % n
    triangles = np.concatenate([np.stack([i, j, j + n], 1), np.stack([i, j + n, i + n], 1)])
    width = np.linalg.norm(low[1] - low[0]) * np.stack([i, i + 1])
    length = np.linalg.norm(high.mean(0) - low.mean(0)) * np.stack([0 * i, 0 * i + 1])
    (a, b), (lo, hi) = width, length
    uv_below = np.stack([np.stack(c, 1) for c in ((lo, a), (lo, b), (hi, b))], 1)
    uv_above = np.stack([np.stack(c, 1) for c in ((lo, a), (hi, b), (hi, a))], 1)
    uv = np.concatenate([uv_below, uv_above])
    return make_part(np.concatenate([low, high]), triangles, uv, slot, smooth=True)


def _fan(ring: np.ndarray, slot: str) -> Mesh:
    i = np.arange(1, len(ring) - 1)
    triangles = np.stack([0 * i, i, i + 1], 1)
    return make_part(ring, triangles, (ring - ring.mean(0))[triangles][:, :, :2], slot)


def filleted(path: Sequence[Sequence[float]], radius: float, steps=4, loop=False) -> np.ndarray:
    """Returns a path (or polygon: `loop`) with each corner replaced by a circular arc.

    Args:
        path: (N, 2) or (N, 3) points. Where a side is too short, the arc shrinks to fit.
        steps: straight pieces in each arc.
        loop: round the first and last corner too; a loop for `tube` must still be closed.
    """
    path = np.asarray(path, float)
    before, after = np.roll(path, 1, 0) - path, np.roll(path, -1, 0) - path
    corners = [_arc(*c, radius, steps) for c in zip(path, before, after)]
    if loop:
        return np.concatenate(corners)
    return np.concatenate([path[:1], *corners[1:-1], path[-1:]])


def _arc(corner, before, after, radius: float, steps: int) -> np.ndarray:
    shortest = min(np.linalg.norm(before), np.linalg.norm(after))
    before, after = before / np.linalg.norm(before), after / np.linalg.norm(after)
    half = np.arccos(np.clip(before @ after, -1, 1)) / 2
    if half < 1e-6 or half > np.pi / 2 - 1e-6:
        return corner[None]
    cut = min(radius / np.tan(half), 0.49 * shortest)
    centre = corner + (before + after) * cut / (2 * np.cos(half) ** 2)
    start, end = corner + before * cut - centre, corner + after * cut - centre
    turn, share = np.pi - 2 * half, np.linspace(0, 1, steps + 1)
    weights = np.sin(np.stack([(1 - share) * turn, share * turn], 1)) / np.sin(turn)
    return centre + weights @ np.stack([start, end])
