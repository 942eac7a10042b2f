"""Rays of any kind, bundled in a quadtree of the pixels that they go through.

Each bundle is bounded by a pyramid whose tip is the eye. What lies outside a pyramid is met by none
of its rays, so that few facets need be tried on few rays.
"""

from dataclasses import dataclass

import numpy as np

CELL = 6  # bits of Morton's curve in a leaf: 8 x 8 pixels
LEAF = 1 << CELL  # rays at most
SLACK = 1e-9  # pyramids are this much wider than their rays, against rounding
FLATTEST = 0.1  # cosine between a ray and its bundle's axis below which a pyramid is given up


@dataclass(frozen=True, eq=False)
class Pyramids:
    """What bounds the n bundles of one level, one pyramid each.

    Attributes:
        first: (n + 1,) int64, bundle i holds those from first[i] up to first[i + 1] of the next
            level; empty for leaves.
        planes: (5, 3, n); a point p that one of the bundle's rays reaches has planes @ p >= 0 for
            all five. All 0 where the bundle is too wide for a pyramid.
        edges: (4, 3, n), directions between which all of the bundle's rays lie; nan where too wide.
    """

    first: np.ndarray
    planes: np.ndarray
    edges: np.ndarray


@dataclass(frozen=True, eq=False)
class Bundles:
    """Rays through one eye, in leaves of neighbours.

    Attributes:
        order: (leaves, LEAF) int64, which of the caller's rays each is; those not finite are left
            out, and -1 fills up what a leaf lacks.
        rays: (3, leaves, LEAF) float64 in that order, filled up with nan.
        levels: from the whole to the leaves.
    """

    order: np.ndarray
    rays: np.ndarray
    levels: tuple[Pyramids, ...]

    @classmethod
    def of(cls, rays: np.ndarray, uv: np.ndarray) -> "Bundles":
        """Returns (N, 3) rays bundled by where they go through a picture, (N, 2) pixels."""
        finite = np.flatnonzero(np.isfinite(rays).all(1))
        keys = _morton(np.asarray(uv, float)[finite])
        curve = np.argsort(keys, kind="stable")
        sorted_rays, cells = finite[curve], keys[curve] >> np.uint64(CELL)
        rank = np.arange(len(cells)) - np.searchsorted(cells, cells)
        place, leaf = rank % LEAF, np.cumsum(rank % LEAF == 0) - 1
        order = np.full((leaf.max(initial=-1) + 1, LEAF), -1)
        order[leaf, place] = sorted_rays
        leaves = np.full((3, *order.shape), np.nan)
        leaves[:, leaf, place] = rays[sorted_rays].T
        return cls(order, leaves, _levels(leaves, cells[place == 0]))


def _levels(rays: np.ndarray, cells: np.ndarray) -> tuple[Pyramids, ...]:
    """Returns what bounds the leaves, which lie in these cells of the curve, and all above them."""
    wide, first = np.zeros(len(cells), bool), np.empty(0, int)
    levels = []
    while True:
        pyramids, wide = _pyramids(first, rays, wide)
        levels.append(pyramids)
        if len(cells) <= 1:
            return tuple(levels[::-1])
        parents = cells >> np.uint64(2)
        starts = np.flatnonzero(np.append(True, parents[1:] != parents[:-1]))
        first, cells = np.append(starts, len(parents)), parents[starts]
        rays = _gathered(np.moveaxis(pyramids.edges, 0, 2), first, np.nan)
        wide = _gathered(wide[:, None], first, False).any(1)


def _gathered(values: np.ndarray, first: np.ndarray, filling: float) -> np.ndarray:
    """Returns what the bundles of each larger one have, (..., n, k), side by side, filled up."""
    *head, n, k = values.shape
    counts = np.diff(first)
    parent = np.repeat(np.arange(len(counts)), counts)
    most = counts.max()
    padded = np.full((*head, len(counts), most, k), filling, values.dtype)
    padded[..., parent, np.arange(n) - first[parent], :] = values
    return padded.reshape(*head, len(counts), most * k)


def _pyramids(first: np.ndarray, rays: np.ndarray, wide: np.ndarray) -> tuple[Pyramids, np.ndarray]:
    """Returns the pyramids of n bundles of (3, n, k) rays, and which are too wide for one, as those
    are that `wide` says and more."""
    unit = rays / np.sqrt((rays**2).sum(0))
    axis, side, up = _axes(unit)
    ahead = np.einsum("in,ink->nk", axis, unit)
    wide = wide | ~(np.fmin.reduce(ahead, 1) > FLATTEST)
    ahead[wide] = 1
    (left, right), (top, bottom) = (
        (np.fmin.reduce(slope, 1) - SLACK, np.fmax.reduce(slope, 1) + SLACK)
        for slope in (np.einsum("in,ink->nk", across, unit) / ahead for across in (side, up))
    )
    planes = [side - left * axis, right * axis - side, up - top * axis, bottom * axis - up, axis]
    edges = [axis + x * side + y * up for x in (left, right) for y in (top, bottom)]
    return Pyramids(first, np.where(wide, 0, planes), np.where(wide, np.nan, edges)), wide


def _axes(unit: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns (3, n) each: the mean of (3, n, k) directions and two unit vectors across it."""
    axis = np.nansum(unit, 2)
    axis = axis / np.maximum(np.sqrt((axis**2).sum(0)), 1e-300)
    helper = np.eye(3)[np.abs(axis).argmin(0)].T
    side = np.cross(axis, helper, axis=0)
    side = side / np.maximum(np.sqrt((side**2).sum(0)), 1e-300)
    return axis, side, np.cross(axis, side, axis=0)


def _morton(uv: np.ndarray) -> np.ndarray:
    """Returns (N,) keys that sort pixels along Morton's curve, on which neighbours stay close."""
    cells = np.floor(uv - uv.min(0, initial=np.inf)).clip(0, 0xFFFF).astype(np.uint64)
    for shift, keep in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        cells = (cells | (cells << np.uint64(shift))) & np.uint64(keep)
    return cells[:, 0] | (cells[:, 1] << np.uint64(1))
