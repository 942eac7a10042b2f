"""Which of many points before an eye are hidden by something nearer.

The points are sorted into cells of a picture. A facet can hide points only in cells that it
touches, and only if it is nearer there than the farthest of them: of most facets a pyramid of
depths tells at once that they hide nothing (Greene et al. 1993). For the rest each point is tried,
by the rule of scan.py and with its exactness.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.truth.scan import Facets, beside, crossed

SAME_POINT = 1e-6  # what is not nearer than a point by this share of its depth does not hide it
MARGIN = 1e-6  # cells by which a facet counts as larger than it is, against rounding
NARROW = 4  # cells; a row that is not wider is tried whole
BLOCK = 16  # cells
BATCH = 1 << 19  # pairs of point and facet held in memory at a time


@dataclass(frozen=True, eq=False)
class _Cells:
    """N points in a grid of (rows, columns) `shape` on the plane z = 1, about one to each cell.

    Attributes:
        size, corner: edge of a cell, and where the first one begins, (x, y).
        order: (N,) int64, which of the points, cell by cell. u, v, nearness: (N,), in that order.
        start: (cells + 1,) int64, the first point of each cell.
        farthest: (rows, columns) depth, 0 where there is no point.
    """

    shape: tuple[int, int]
    size: float
    corner: np.ndarray
    order: np.ndarray
    u: np.ndarray
    v: np.ndarray
    nearness: np.ndarray
    start: np.ndarray
    farthest: np.ndarray

    @classmethod
    def of(cls, points: np.ndarray) -> "_Cells":
        flat, depth = points[:2] / points[2], points[2]
        extent, count = np.ptp(flat, axis=1), len(depth)
        size = float(max(np.sqrt(extent.prod() / count), extent.max() / count)) or 1.0
        corner = flat.min(1)
        column, row = ((flat - corner[:, None]) / size).astype(int)
        shape = (int(row.max()) + 1, int(column.max()) + 1)
        cell = row * shape[1] + column
        order = np.argsort(cell, kind="stable")
        held = np.bincount(cell, minlength=shape[0] * shape[1])
        start = np.append(0, np.cumsum(held))
        farthest, some = np.zeros(len(held)), np.flatnonzero(held)
        farthest[some] = np.maximum.reduceat(depth[order], start[some])
        u, v = flat[:, order]
        farthest = farthest.reshape(shape)
        return cls(shape, size, corner, order, u, v, 1 / depth[order], start, farthest)


def hidden(facets: Facets, points: np.ndarray) -> np.ndarray:
    """Returns (N,) bool, True where a facet lies between the eye and the point.

    Args:
        facets: in the axes of the points, the eye at the origin.
        points: (3, N), each with z > 0.
    """
    found = np.zeros(points.shape[1], bool)
    if points.size:
        cells = _Cells.of(points)
        index, box = _boxes(facets, cells)
        near = _reaches_before(cells.farthest, box, facets.corners[:, 2, index].min(0))
        plane, corners = facets.plane[:, index[near]], facets.corners[:, :, index[near]]
        edges = [crossed(corners[i - 2], corners[i - 1]) for i in range(3)]
        runs = _nearer(plane, cells, *_rows(edges, cells, box[:, near]))
        for facet, place in _pairs(cells, *runs):
            found[cells.order[_behind(plane, edges, cells, facet, place)]] = True
    return found


def _boxes(facets: Facets, cells: _Cells) -> tuple[np.ndarray, np.ndarray]:
    """Returns which facets are before the grid, and (4, F): first column and row, last ones."""
    last = np.array(cells.shape[::-1])[:, None] - 1
    low, high = cells.corner, cells.corner + cells.size * (last[:, 0] + 1)
    facet = np.flatnonzero(~beside(facets.corners, (*low, *high)))
    corners = np.take(facets.corners, facet, axis=2)
    ahead = (corners[:, 2] > 0).all(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        flat = (corners[:, :2] / corners[:, 2:] - cells.corner[:, None]) / cells.size
        first = np.where(ahead, np.clip(np.floor(flat.min(0) - MARGIN), 0, last), 0)
        stop = np.where(ahead, np.clip(np.floor(flat.max(0) + MARGIN), 0, last), last)
    return facet, np.concatenate([first, stop]).astype(int)


def _reaches_before(farthest: np.ndarray, box: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Returns (F,) bool, False where all points around a facet's box are nearer than `depth`.

    On a level of the pyramid where a box is at most a cell wide it touches at most two by two.
    """
    extent = (box[2:] - box[:2]).max(0)
    level = np.ceil(np.log2(np.maximum(extent, 1))).astype(int)
    before = np.zeros(len(depth), bool)
    for i in range(level.max(initial=-1) + 1):
        mine = np.flatnonzero(level == i)
        x0, y0, x1, y1 = box[:, mine] >> i
        around = [farthest[y, x] for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1))]
        before[mine] = depth[mine] < np.max(around, axis=0)
        farthest = _halved(farthest)
    return before


def _halved(depths: np.ndarray) -> np.ndarray:
    height, width = depths.shape
    padded = np.pad(depths, ((0, height % 2), (0, width % 2)))
    rows = np.maximum(padded[::2], padded[1::2])
    return np.maximum(rows[:, ::2], rows[:, 1::2])


def _rows(edges: list[np.ndarray], cells: _Cells, box: np.ndarray) -> tuple[np.ndarray, ...]:
    """Returns for each row of cells of each facet the facet, the row, first and last column."""
    x0, y0, x1, y1 = box
    count = y1 - y0 + 1
    facet = np.repeat(np.arange(len(count)), count)
    row = np.arange(len(facet)) + np.repeat(y0 - np.cumsum(count) + count, count)
    low, high = x0[facet], x1[facet]
    wide = np.flatnonzero((high - low >= NARROW) & (count[facet] > 1))
    low[wide], high[wide] = _between(edges, cells, facet[wide], row[wide], low[wide], high[wide])
    some = low <= high
    return facet[some], row[some], low[some], high[some]


def _between(
    edges: list[np.ndarray], cells: _Cells, facet: np.ndarray, row: np.ndarray, low, high
) -> tuple[np.ndarray, np.ndarray]:
    """Returns the first and last column of a row that is on the inner side of all three edges; on
    a straight edge the farthest point of a row is at one of the row's two sides."""
    low, high = low.astype(float), high.astype(float)
    sides = cells.corner[1] + cells.size * (row + np.array([[-MARGIN], [1 + MARGIN]]))
    for edge in edges:
        a, b, c = edge[:, facet]
        with np.errstate(divide="ignore", invalid="ignore"):
            bound = (-(b * sides + c) / a - cells.corner[0]) / cells.size
        np.fmax(low, np.floor(np.fmin(*bound) - MARGIN), out=low, where=a < 0)
        np.fmin(high, np.floor(np.fmax(*bound) + MARGIN), out=high, where=a > 0)
    last = cells.shape[1]
    return low.clip(0, last).astype(int), high.clip(-1, last - 1).astype(int)


def _nearer(
    plane: np.ndarray, cells: _Cells, facet: np.ndarray, row: np.ndarray, low, high
) -> tuple[np.ndarray, ...]:
    """Returns the rows cut into runs of BLOCK cells at most, without those before which all points
    are nearer than the facet's plane, whose nearness is greatest at a corner of the run."""
    first = low // BLOCK
    count = high // BLOCK - first + 1
    which = np.repeat(np.arange(len(count)), count)
    block = np.arange(len(which)) + np.repeat(first - np.cumsum(count) + count, count)
    facet, row = facet[which], row[which]
    low = np.maximum(low[which], block * BLOCK)
    high = np.minimum(high[which], block * BLOCK + BLOCK - 1)
    farthest = np.maximum.reduceat(cells.farthest, np.arange(0, cells.shape[1], BLOCK), axis=1)
    (x, y), (a, b, c) = cells.corner, plane[:, facet]
    nearest = np.maximum(a * (x + cells.size * low), a * (x + cells.size * (high + 1))) + c
    nearest += np.maximum(b * (y + cells.size * row), b * (y + cells.size * (row + 1)))
    some = nearest * farthest[row, block] > 1
    return facet[some], row[some], low[some], high[some]


def _pairs(
    cells: _Cells, facet: np.ndarray, row: np.ndarray, low: np.ndarray, high: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yields, in batches, a facet and the place of a point in a cell that it may touch."""
    line = row * cells.shape[1]
    start = cells.start[line + low]
    count = cells.start[line + high + 1] - start
    cuts = np.flatnonzero(np.diff(np.cumsum(count) // BATCH)) + 1
    for part in np.split(np.arange(len(count)), cuts):
        held = count[part]
        shift = np.repeat(start[part] - np.cumsum(held) + held, held)
        yield np.repeat(facet[part], held), np.arange(len(shift)) + shift


def _behind(
    plane: np.ndarray, edges: list[np.ndarray], cells: _Cells, facet: np.ndarray, place: np.ndarray
) -> np.ndarray:
    """Returns those of the places that lie behind the facet they are paired with."""
    u, v = cells.u[place], cells.v[place]
    a, b, c = plane[:, facet]
    nearer = a * u + b * v + c > cells.nearness[place] * (1 + SAME_POINT)
    facet, place = facet[nearer], place[nearer]
    for a, b, c in edges:
        inside = a[facet] * cells.u[place] + b[facet] * cells.v[place] + c[facet] < 0
        facet, place = facet[inside], place[inside]
    return place
