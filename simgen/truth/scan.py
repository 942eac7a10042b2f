"""Which pixel centres see which triangles, in float64 and without a gap.

A corner is given in homogeneous pixels q = (u z, v z, z). The ray through (u, v) is then (u, v, 1),
and the plane through the eye and an edge from q to r has the normal q x r: the ray passes inside a
triangle that faces the eye if it is on the negative side of its three edge planes (Olano and Greer
1997). Solved for u, each edge bounds the pixels of one row. Two triangles that share an edge
compute the same bound to the last bit, so that no ray slips between them, and nothing is ever
divided by a depth: triangles may reach behind the eye.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.lens import CENTRE_U, CENTRE_V, Window

BATCH = 1 << 19  # meetings of rays and facets held in memory at a time


@dataclass(frozen=True, eq=False)
class Facets:
    """The triangles that face the eye, of many bodies.

    Attributes:
        corners: (3, 3, T): corner, coordinate, triangle.
        plane: (3, T), 1 / depth = plane @ (u, v, 1).
        owner: (T,) int64, whose triangle it is.
        triangle: (T,) int64, which one of its owner's.
    """

    corners: np.ndarray
    plane: np.ndarray
    owner: np.ndarray
    triangle: np.ndarray

    @classmethod
    def of(cls, corners: np.ndarray, owner: np.ndarray, triangle: np.ndarray) -> "Facets":
        """Keeps those of (3, 3, T) triangles, counter-clockwise from outside, that face the eye."""
        normal = crossed(corners[1] - corners[0], corners[2] - corners[0])
        volume = (normal * corners[0]).sum(0)
        keep = np.flatnonzero(volume < 0)
        plane = np.take(normal, keep, axis=1) / volume[keep]
        return cls(np.take(corners, keep, axis=2), plane, owner[keep], triangle[keep])

    def some(self, which: np.ndarray) -> "Facets":
        """Returns those for which (T,) bool is True."""
        keep = np.flatnonzero(which)
        return Facets(
            np.take(self.corners, keep, axis=2),
            np.take(self.plane, keep, axis=1),
            self.owner[keep],
            self.triangle[keep],
        )


@dataclass(frozen=True, eq=False)
class Spans:
    """Runs of pixel centres of one row that see one facet: columns `start` up to `stop`.

    Attributes:
        facet: index of the facet. All arrays are (S,) int64.
    """

    facet: np.ndarray
    row: np.ndarray
    start: np.ndarray
    stop: np.ndarray


def spans(facets: Facets, window: Window) -> Spans:
    """Returns the pixel centres of the window that see each facet, in the facets' order."""
    first, count = _rows(facets.corners, window)
    facet = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(facet)) + np.repeat(first - np.cumsum(count) + count, count)
    low = np.full(len(row), float(window[0]))
    high = np.full(len(row), float(window[2]))
    for i in range(3):
        edge = crossed(facets.corners[(i + 1) % 3], facets.corners[(i + 2) % 3])
        bound = _columns(edge, facet, row + CENTRE_V)
        opens = (edge[0] < 0)[facet]
        np.fmax(low, bound, out=low, where=opens)
        np.fmin(high, bound, out=high, where=~opens)
    some = low < high
    return Spans(facet[some], row[some], low[some].astype(int), high[some].astype(int))


def meetings(facets: Facets, runs: Spans, width: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yields, in batches, pixel, inverse depth and facet wherever a ray meets a facet.

    Pixels are counted along the rows of a picture that is `width` wide.
    """
    length = runs.stop - runs.start
    total = np.cumsum(length)
    cuts = np.flatnonzero(np.diff(total // BATCH)) + 1
    for part in np.split(np.arange(len(length)), cuts):
        count, facet, row = length[part], runs.facet[part], runs.row[part]
        a, b, c = facets.plane[:, facet]
        begin = np.cumsum(count) - count
        column = np.arange(count.sum()) + np.repeat(runs.start[part] - begin, count)
        near = np.repeat(a, count) * (column + CENTRE_U)
        near += np.repeat(b * (row + CENTRE_V) + c, count)
        yield column + np.repeat(row * width, count), near, np.repeat(facet, count)


def _columns(edge: np.ndarray, facet: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Returns the first column whose centre is past the edge a u + b v + c = 0, for each row."""
    a, b, c = edge[0] + 0.0, edge[1], edge[2]  # -0.0 would turn the sign of a level edge's inf
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.ceil(-(b[facet] * v + c[facet]) / a[facet] - CENTRE_U)


def _rows(corners: np.ndarray, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Returns for each triangle the first row that may see it, and the number of rows."""
    _, v, z = corners.swapaxes(0, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        v = np.clip(np.ceil(v / z - CENTRE_V), window[1], window[3])
    ahead = (z > 0).all(0)
    first = np.where(ahead, v.min(0), window[1]).astype(int)
    stop = np.where(ahead, v.max(0), window[3]).astype(int)
    return first, np.where(beside(corners, window), 0, stop - first)


def reaches(points: np.ndarray, triangles: np.ndarray, window: Window) -> np.ndarray:
    """Returns (T,) bool, True where a pixel centre of the window may see the triangle.

    Args:
        points: (3, V) homogeneous pixels. `triangles`: (3, T) indices into them.
    """
    u, v, z = points
    if not (z > 0).all():
        return np.ones(triangles.shape[1], bool)
    columns = np.clip(np.ceil(u / z - CENTRE_U), window[0], window[2])
    rows = np.clip(np.ceil(v / z - CENTRE_V), window[1], window[3])
    return _differ(columns, triangles) & _differ(rows, triangles)


def _differ(cells: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Returns (T,) bool: the triangle's corners are not all on one side of every centre line."""
    a, b, c = np.take(cells.astype(np.int32), triangles)
    return (a != b) | (b != c)


def beside(corners: np.ndarray, window: Window) -> np.ndarray:
    """Returns (T,) bool: (K, 3, T) corners all beyond one of the planes that bound the view."""
    u, v, z = corners.swapaxes(0, 1)
    x0, y0, x1, y1 = window
    sides = [u < x0 * z, u > x1 * z, v < y0 * z, v > y1 * z, z <= 0]
    return np.any([side.all(0) for side in sides], axis=0)


def crossed(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Returns (3, T), exactly the opposite of the product of q and p."""
    return np.stack(
        [p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]]
    )
