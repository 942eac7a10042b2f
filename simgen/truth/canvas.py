"""Which pixels around a picture are worth a ray: a canvas is nine pictures, and mostly empty."""

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from simgen.truth.bundles import CELL, Bundles
from simgen.truth.cast import reached
from simgen.truth.scan import Facets

SQUARE = 16  # pixels to a side of the squares that are kept or left out as a whole


def pixels_beyond(
    width: int, height: int, facets: Facets, rays: Callable[..., np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Returns x and y of the canvas's pixels beyond the picture, but those in squares of which no
    facet comes near.

    A facet comes near if it comes between the rays through the corners of a square and of the eight
    around it. Squares on the rim of the image circle, where not all of these have a ray, are all
    kept.

    Args:
        rays: gives the (..., 3) rays through (...) u and (...) v.
    """
    left, top = (np.arange(-n, 2 * n, SQUARE) for n in (width, height))
    lines = (np.arange(-1, len(each) + 2) * SQUARE + each[0] for each in (left, top))
    corners = rays(*np.meshgrid(*lines))
    corners = sliding_window_view(corners, (4, 4), (0, 1)).reshape(-1, 3, 16).swapaxes(1, 2)
    left, top = (each.ravel() for each in np.meshgrid(left, top))
    inside = (left >= 0) & (top >= 0) & (left + SQUARE <= width) & (top + SQUARE <= height)
    seen = np.isfinite(corners[:, :, 0])
    rim = np.flatnonzero(seen.any(1) & ~seen.all(1) & ~inside)
    whole = np.flatnonzero(seen.all(1) & ~inside)
    places = np.column_stack([left, top])[whole] // SQUARE << CELL // 2  # a leaf for each
    bundles = Bundles.of(corners[whole].reshape(-1, 3), np.repeat(places, 16, axis=0))
    leaf, _ = reached(facets, bundles)
    near = np.append(whole[bundles.order[np.unique(leaf), 0] // 16], rim)
    return _pixels(left[near], top[near], width, height)


def _pixels(left, top, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns x and y of the squares' pixels that are the canvas's, not the picture's."""
    y, x = np.divmod(np.arange(SQUARE**2), SQUARE)
    x, y = (left[:, None] + x).ravel(), (top[:, None] + y).ravel()
    inside = (0 <= x) & (x < width) & (0 <= y) & (y < height)
    keep = ~inside & (x < 2 * width) & (y < 2 * height)
    return x[keep], y[keep]
