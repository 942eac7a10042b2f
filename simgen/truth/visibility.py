"""Which points of a scene the camera sees: one ray to each, cast at the triangles near it alone.

Where no ray leaves backwards, a plane before the camera is ruled in cells, and what covers no cell
that a ray passes is never cast at: of hundreds of thousands of triangles some thousands remain.
"""

from dataclasses import dataclass

import numpy as np

from simgen.spec import SceneSpec
from simgen.truth.cast import cast
from simgen.truth.scan import Facets
from simgen.truth.view import View, camera_view

NEARER_M = 0.005  # what is nearer by no more than this, along the ray, does not hide a point
# Rays miss their point by this share of their length, so that none meets another edge, or runs in
# the plane of a face, that was placed there on purpose: rounding would decide.
ASIDE = np.array([1.1e-8, 0.7e-8, 0.3e-8])
CELLS = 512  # to a side of the plane
SLACK = 1e-6  # of a cell, against rounding


def hidden(spec: SceneSpec, points: np.ndarray, uv: np.ndarray) -> np.ndarray:
    """Returns (N,) bool, True where something is nearer than the point along the ray to it.

    Args:
        points: (N, 3) in camera axes. `uv`: (N, 2), where the lens puts them, pixels.
    """
    if not len(points):
        return np.zeros(0, bool)
    distance = np.linalg.norm(points, axis=1)
    rays = points + ASIDE * distance[:, None]
    _, nearness = cast(_before(spec, rays), rays, uv)
    return nearness * (distance - NEARER_M) > distance


def _before(spec: SceneSpec, rays: np.ndarray) -> Facets:
    """Returns all facets, in camera axes, that one of the rays may meet."""
    view, cells = camera_view(spec), Cells.of(rays)
    corners = np.moveaxis(view.boxes, 2, 0)
    bodies = np.flatnonzero(cells.touched(corners.reshape(3, -1), _eight(len(view.solids))))
    points, triangles, start = _gathered(view, bodies)
    kept = np.flatnonzero(cells.touched(points, triangles))
    owner = np.searchsorted(start, kept, side="right") - 1
    corners = np.take(points, np.take(triangles, kept, axis=1), axis=1)
    return Facets.of(corners.swapaxes(0, 1), bodies[owner], kept - start[owner])


def _eight(boxes: int) -> np.ndarray:
    """Returns (8, B) indices of the corners of B boxes that stand one after the other."""
    return np.arange(8 * boxes).reshape(boxes, 8).T


def _gathered(view: View, bodies: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns (3, V) points and (3, T) triangles of some bodies, counter-clockwise from outside,
    and (len(bodies),) where each body's triangles start."""
    points, triangles = [np.empty((3, 0))], [np.empty((3, 0), int)]
    first = 0
    for i in bodies:
        solid, matrix = view.solids[i], view.matrices[i]
        points.append(matrix[:, :3] @ solid.points.T + matrix[:, 3:])
        triangles.append((solid.triangles if view.upright[i] else solid.triangles[::-1]) + first)
        first += len(solid.points)
    count = [each.shape[1] for each in triangles[1:]]
    start = np.cumsum(count) - count
    return np.concatenate(points, axis=1), np.concatenate(triangles, axis=1), start


@dataclass(frozen=True, eq=False)
class Cells:
    """How many rays pass through each cell of a plane at z = 1, as sums over all cells before it.

    Attributes:
        low, scale: (2,), cell = scale * (x / z - low); the plane is as wide as the rays need.
        sums: (CELLS + 3, CELLS + 3) int32, over the rows and columns before each cell, an empty one
            on each side included; None where a ray leaves backwards (a wide fisheye's): then
            nothing is told apart.
    """

    low: np.ndarray
    scale: np.ndarray
    sums: np.ndarray | None

    @classmethod
    def of(cls, rays: np.ndarray) -> "Cells":
        """Returns the cells of (N, 3) rays."""
        if not (rays[:, 2] > 0).all():
            return cls(np.zeros(2), np.ones(2), None)
        flat = rays[:, :2] / rays[:, 2:]
        low, high = flat.min(0), flat.max(0)
        scale = (CELLS - 1) / np.maximum(high - low, 1e-9)
        column, row = _cell((flat - low).T * scale[:, None])
        count = np.zeros((CELLS + 3, CELLS + 3), np.int32)
        np.add.at(count, (row + 1, column + 1), 1)
        return cls(low, scale, count.cumsum(0).cumsum(1))

    def touched(self, points: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Returns (G,) bool: False for groups whose cells, and those between, no ray passes.

        Args:
            points: (3, V) in the axes of the rays. `groups`: (K, G) indices into them.
        """
        if self.sums is None:
            return np.ones(groups.shape[1], bool)
        ahead = points[2] > 0
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.where(ahead, points[:2] / points[2], 0.0)
        flat = (flat - self.low[:, None]) * self.scale[:, None]
        left, top = (np.take(cell, groups).min(0) for cell in _cell(flat - SLACK))
        right, bottom = (np.take(cell, groups).max(0) + 1 for cell in _cell(flat + SLACK))
        rays = self.sums[bottom, right] - self.sums[top, right]
        rays += self.sums[top, left] - self.sums[bottom, left]
        before = np.take(ahead, groups)
        return before.any(0) & ((rays > 0) | ~before.all(0))


def _cell(places: np.ndarray) -> np.ndarray:
    """Returns the columns and rows of (2, N) places: 1 to CELLS, 0 before and CELLS + 1 after."""
    return np.clip(np.floor(places), -1, CELLS).astype(np.int32) + 1
