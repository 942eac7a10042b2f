"""How sound the surface of an imported mesh is, and what of it can be put right."""

from dataclasses import dataclass

import numpy as np

from simgen.errors import SimgenError
from simgen.truth.solid import edges_match, volumes, welded

LEAST = 1e-14  # share of the longest side's square: a triangle with less area has none

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Form:
    """Counts of a mesh's triangles.

    Attributes:
        watertight: each edge has as many triangles on its one side as on its other.
        flipped: how many faced inwards and have been turned over.
        torn: edges whose two triangles are wound against each other.
        dropped: triangles without area, left out.
    """

    triangles: int
    watertight: bool
    flipped: int = 0
    torn: int = 0
    dropped: int = 0


def put_right(raw: Arrays) -> tuple[Arrays, Form]:
    """Returns the arrays of a mesh (see gather.py), vertices as float32, and what it is like.

    Raises:
        SimgenError: a vertex is not finite, or no triangle has an area.
    """
    vertices = raw["vertices"].astype(np.float32)
    kept = _with_area(vertices[raw["triangles"]].astype(float))
    mesh = {name: raw[name][kept] for name in raw if name != "vertices"}
    points, triangles = welded(vertices, mesh["triangles"])
    watertight = edges_match(points, triangles)
    volume, piece = volumes(points, triangles)
    inward = (volume < 0)[piece] & watertight
    for name in ("triangles", "uv", "color"):
        if name in mesh:
            mesh[name][inward] = mesh[name][inward][:, ::-1]
    torn = 0 if watertight else _torn(triangles, len(points))
    counts = (len(triangles.T), watertight, int(inward.sum()), torn, int((~kept).sum()))
    return {"vertices": vertices, **mesh}, Form(*counts)


def _with_area(corners: np.ndarray) -> np.ndarray:
    """Returns (T,) bool for (T, 3, 3) corners."""
    bad = ~np.isfinite(corners).all((1, 2))
    if bad.any():
        raise SimgenError(f"{bad.sum()} of its {len(bad)} triangles have nan or inf for a vertex")
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    longest = np.ptp(corners.reshape(-1, 3), axis=0).max(initial=0)
    kept = np.linalg.norm(across, axis=1) / 2 > LEAST * longest**2
    if not kept.any():
        raise SimgenError(f"it has no triangle with an area ({len(kept)} without)")
    return kept


def _torn(triangles: np.ndarray, points: int) -> int:
    """Returns how many edges two triangles share that run along it in one direction."""
    start, stop = triangles.ravel(), np.roll(triangles, -1, axis=0).ravel()
    edge = np.minimum(start, stop) * points + np.maximum(start, stop)
    _, index, count = np.unique(edge, return_inverse=True, return_counts=True)
    net = np.bincount(index, np.where(start < stop, 1, -1))
    return int(((count == 2) & (net != 0)).sum())
