"""What any rays through one eye meet, in float64: a lens's, a second camera's, one to a point.

A ray passes inside a triangle that faces the eye if it is on the negative side of the three planes
through the eye and an edge: the rule of scan.py, with the same exactness, without a grid of pixels.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from simgen.truth.bundles import LEAF, Bundles, Pyramids
from simgen.truth.scan import Facets, crossed

Meetings = Iterable[tuple[np.ndarray, np.ndarray, np.ndarray]]

SAME_DEPTH = -1 << 24  # depths count as equal if they differ in a float's last 24 bits: 4e-9 of it
TRIED = 1 << 13  # pairs of bundle and facet, or
BATCH = 1 << 17  # of ray and facet, in memory at a time: as many as stay in a processor's cache


def cast(facets: Facets, rays: np.ndarray, uv: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns what each of N rays meets first.

    Args:
        facets: in the axes of the rays, the eye at the origin.
        rays: (N, 3) directions of any length; one that is not finite meets nothing.
        uv: (N, 2) pixels that the rays go through: rays whose pixels are close are cast together.

    Returns:
        (N,) int64 index of the facet, -1 where nothing is met, and (N,) float64 nearness: the ray
        ends there at direction / nearness; 0 where nothing is met. Of facets equally near, the
        first.
    """
    return nearest(meetings(facets, Bundles.of(rays, uv)), len(rays))


def nearest(meetings: Meetings, rays: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns what `cast` does from (ray, nearness, facet) arrays, facets in rising order."""
    met, nearness = np.full(rays, -1), np.zeros(rays)
    for ray, near, facet in meetings:
        near.view(np.int64)[:] &= SAME_DEPTH
        closer = near > nearness[ray]
        ray, near, facet = ray[closer], near[closer], facet[closer]
        np.maximum.at(nearness, ray, near)
        first = (near == nearness[ray])[::-1]  # of equals the one written last stays
        met[ray[::-1][first]] = facet[::-1][first]
    return met, nearness


def meetings(facets: Facets, bundles: Bundles) -> Iterator[tuple[np.ndarray, ...]]:
    """Yields, in batches, ray, nearness and facet wherever one of the rays meets one of the facets,
    facets in rising order."""
    leaf, facet = reached(facets, bundles)
    edges = _edges(facets)
    for start in range(0, len(leaf), BATCH // LEAF):
        part = slice(start, start + BATCH // LEAF)
        rays, tried = bundles.rays[:, leaf[part]], facet[part]
        inside = np.logical_and.reduce([_along(edge[:, tried], rays) < 0 for edge in edges])
        pair, place = np.nonzero(inside)
        ray = bundles.order[leaf[part][pair], place]
        near = (facets.plane[:, tried[pair]] * rays[:, pair, place]).sum(0)
        yield ray, near, tried[pair]


def meetings_of(
    facets: Facets, rays: np.ndarray, ray: np.ndarray, facet: np.ndarray
) -> Iterator[tuple[np.ndarray, ...]]:
    """Yields what `meetings` does of (N, 3) rays, from pairs of ray and facet that may meet."""
    edges = _edges(facets)
    for start in range(0, len(ray), BATCH):
        tried, goes = facet[start : start + BATCH], ray[start : start + BATCH]
        x, y, z = rays[goes].T
        sides = (np.take(edge, tried, axis=1) for edge in edges)
        inside = np.logical_and.reduce([a * x + b * y + c * z < 0 for a, b, c in sides])
        goes, tried = goes[inside], tried[inside]
        yield goes, (facets.plane[:, tried] * rays[goes].T).sum(0), tried


def _along(normals: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Returns (P, LEAF): the products of (3, P) normals with (3, P, LEAF) rays."""
    a, b, c = normals[:, :, None]
    return a * rays[0] + b * rays[1] + c * rays[2]


def _edges(facets: Facets) -> np.ndarray:
    """Returns (3, 3, T): for each edge of each facet the normal of its plane through the eye."""
    return np.stack([crossed(facets.corners[i - 2], facets.corners[i - 1]) for i in range(3)])


def reached(facets: Facets, bundles: Bundles) -> tuple[np.ndarray, np.ndarray]:
    """Returns leaf and facet of each pair in which a ray may meet the facet, by rising facet."""
    corners, edges = facets.corners, _edges(facets)
    facet = np.arange(corners.shape[2] if bundles.order.size else 0)
    bundle = np.zeros_like(facet)
    for larger, pyramids in zip((None, *bundles.levels), bundles.levels):
        if larger:
            counts = np.diff(larger.first)[bundle]
            before = np.cumsum(counts) - counts
            bundle = np.arange(counts.sum()) + np.repeat(larger.first[bundle] - before, counts)
            facet = np.repeat(facet, counts)
        found = [np.empty((2, 0), int)]
        for start in range(0, len(bundle), TRIED):
            part = slice(start, start + TRIED)
            found.append(_touching(pyramids, bundle[part], corners, edges, facet[part]))
        bundle, facet = np.concatenate(found, axis=1)
    return bundle, facet


def _touching(pyramids: Pyramids, bundle, corners, edges, facet) -> np.ndarray:
    """Returns the pairs, as (2, P), but those with all of the facet beyond one plane of the pyramid
    or all of the pyramid beyond one edge of the facet."""
    sides = _sides(np.take(pyramids.planes, bundle, axis=2), np.take(corners, facet, axis=2))
    near = np.flatnonzero((sides.max(1) >= 0).all(0))
    bundle, facet = bundle[near], facet[near]
    sides = _sides(np.take(edges, facet, axis=2), np.take(pyramids.edges, bundle, axis=2))
    near = np.flatnonzero(~(sides.min(1) > 0).any(0))  # nan of a wide pyramid: kept
    return np.stack([bundle[near], facet[near]])


def _sides(normals: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Returns (K, C, P): the products of (K, 3, P) normals with (C, 3, P) points."""
    sides = normals[:, None, 0] * points[None, :, 0]
    sides += normals[:, None, 1] * points[None, :, 1]
    sides += normals[:, None, 2] * points[None, :, 2]
    return sides
