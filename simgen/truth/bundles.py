"""Rays of any kind, bundled: neighbours into leaves, leaves four by four up to one that holds all.

Each bundle is bounded by a pyramid whose tip is the eye. What lies outside a pyramid is met by none
of its rays, so that few facets need be tried on few rays.
"""

from dataclasses import dataclass

import numpy as np

LEAF = 64  # rays
FAN = 4  # bundles in the next larger one
SLACK = 1e-9  # pyramids are this much wider than their rays, against rounding
FLATTEST = 0.1  # cosine between a ray and its bundle's axis below which a pyramid is given up


@dataclass(frozen=True, eq=False)
class Pyramids:
    """What bounds n bundles, one pyramid each.

    Attributes:
        planes: (5, 3, n); a point p that one of the bundle's rays reaches has planes @ p >= 0 for
            all five. All 0 where the bundle is too wide for a pyramid.
        edges: (4, 3, n), directions between which all of the bundle's rays lie; nan where too wide.
    """

    planes: np.ndarray
    edges: np.ndarray


@dataclass(frozen=True, eq=False)
class Bundles:
    """Rays through one eye, in leaves of neighbours.

    Attributes:
        order: (N,) int64, which of the caller's rays each is; those not finite are left out.
        rays: (3, leaves, LEAF) float64 in that order, the last leaf filled up with nan.
        levels: from the whole to the leaves.
    """

    order: np.ndarray
    rays: np.ndarray
    levels: tuple[Pyramids, ...]

    @classmethod
    def of(cls, rays: np.ndarray, uv: np.ndarray) -> "Bundles":
        """Returns (N, 3) rays bundled by where they go through a picture, (N, 2) pixels."""
        finite = np.flatnonzero(np.isfinite(rays).all(1))
        order = finite[np.argsort(_morton(uv[finite]), kind="stable")]
        leaves = np.full((3, -(-len(order) // LEAF) * LEAF), np.nan)
        leaves[:, : len(order)] = rays[order].T
        leaves = leaves.reshape(3, -1, LEAF)
        return cls(order, leaves, _levels(leaves))


def _levels(rays: np.ndarray) -> tuple[Pyramids, ...]:
    wide = np.zeros(rays.shape[1], bool)
    levels = []
    while True:
        pyramids, wide = _pyramids(rays, wide)
        levels.append(pyramids)
        if len(wide) <= 1:
            return tuple(levels[::-1])
        rays = _gathered(np.moveaxis(pyramids.edges, 0, 2), np.nan)
        wide = _gathered(wide[:, None], False).any(1)


def _gathered(values: np.ndarray, filling: float) -> np.ndarray:
    """Returns what each FAN bundles have, (..., n, k), as (..., n / FAN, FAN k)."""
    *head, n, k = values.shape
    groups = -(-n // FAN)
    padded = np.full((*head, groups * FAN, k), filling, values.dtype)
    padded[..., :n, :] = values
    return padded.reshape(*head, groups, FAN * k)


def _pyramids(rays: np.ndarray, wide: np.ndarray) -> tuple[Pyramids, np.ndarray]:
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
    return Pyramids(np.where(wide, 0, planes), np.where(wide, np.nan, edges)), wide


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
