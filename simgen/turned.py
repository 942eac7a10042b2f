"""Parts made on a lathe: solids of revolution about z."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.mesh import Mesh, fraction, make_part, require_positive, union


def lathe(profile: Sequence[Sequence[float]], slot: str, segments: int = 32) -> Mesh:
    """Returns a solid of revolution about z from (radius, z) points listed bottom to top.

    The ends close with flat discs where their radius is not 0. Shaded smooth around the axis and
    flat along it: an edge of the profile stays an edge.
    """
    rings = np.asarray(profile, float)
    if rings[0, 0] > 0:
        rings = np.vstack([[0, rings[0, 1]], rings])
    if rings[-1, 0] > 0:
        rings = np.vstack([rings, [0, rings[-1, 1]]])
    bands = [_band(a, b, slot, segments) for a, b in zip(rings, rings[1:])]
    whole = union(*bands)
    return replace(whole, part=np.full_like(whole.part, fraction(whole.vertices)))


def ring(outline: Sequence[Sequence[float]], slot: str, segments: int = 32) -> Mesh:
    """Returns what a closed outline of (radius, z) points sweeps about z: hoops, rims, sleeves.

    The outline is listed counter-clockwise with the radius to the right and stays off the axis.
    """
    points = np.asarray(outline, float)
    require_positive(ring_radius=points[:, 0].min())
    bands = [_band(a, b, slot, segments) for a, b in zip(points, np.roll(points, -1, axis=0))]
    whole = union(*bands)
    return replace(whole, part=np.full_like(whole.part, fraction(whole.vertices)))


def _band(low: np.ndarray, high: np.ndarray, slot: str, segments: int) -> Mesh:
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])[:-1]
    vertices = np.concatenate(
        [np.column_stack([circle * r, np.full(segments, z)]) for r, z in (low, high)]
    )
    i = np.arange(segments)
    j = (i + 1) % segments
    below = np.column_stack([i, j, j + segments])
    above = np.column_stack([i, j + segments, i + segments])
    around = angle * max(low[0], high[0])
    along = np.array([0.0, np.hypot(*(high - low))]) + low[1]
    lo, hi = (np.column_stack([around, np.full(segments + 1, v)]) for v in along)
    uv_below = np.stack([lo[:-1], lo[1:], hi[1:]], axis=1)
    uv_above = np.stack([lo[:-1], hi[1:], hi[:-1]], axis=1)
    triangles = np.concatenate([below] * bool(low[0] > 0) + [above] * bool(high[0] > 0))
    uv = np.concatenate([uv_below] * bool(low[0] > 0) + [uv_above] * bool(high[0] > 0))
    flat = low[1] == high[1]
    return make_part(vertices, triangles, uv, slot, smooth=not flat)


def cylinder(radius: float, height: float, slot: str, segments: int = 24) -> Mesh:
    """Returns a cylinder about z, standing on z = 0."""
    require_positive(radius=radius, height=height)
    return lathe([(radius, 0.0), (radius, height)], slot, segments)


def sphere(radius: float, slot: str, segments: int = 64) -> Mesh:
    """Returns a sphere about the origin, its vertices on the true surface."""
    require_positive(radius=radius)
    latitude = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    profile = np.column_stack([np.cos(latitude), np.sin(latitude)]) * radius
    profile[[0, -1], 0] = 0.0
    return lathe(profile, slot, segments)
