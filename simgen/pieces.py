"""Convex pieces of hollow things, which a prop may name itself instead of having them searched.

Each is (N, 3) points whose hull is meant; together they hold the whole of the mesh.
"""

from collections.abc import Sequence

import numpy as np

Pieces = tuple[np.ndarray, ...]


def around(outline: Sequence[Sequence[float]], count: int, segments: int) -> Pieces:
    """Returns `count` pieces of what a convex outline of (radius, z) points sweeps about z.

    Args:
        segments: of the mesh, a multiple of `count`: the pieces have its corners.
    """
    angle = 2 * np.pi * np.arange(segments + 1) / segments
    each = segments // count
    r, z = np.asarray(outline, float).T
    sweep = np.stack(np.broadcast_arrays(
        r * np.cos(angle)[:, None], r * np.sin(angle)[:, None], z
    ), axis=-1)  # fmt: skip
    return tuple(sweep[k * each : (k + 1) * each + 1].reshape(-1, 3) for k in range(count))


def between(outer: np.ndarray, inner: np.ndarray, thickness: float, count: int, whole=True):
    """Returns `count` pieces of a plate (see flat.plate) between two outlines of N points."""
    index = np.linspace(0, len(outer) - (0 if whole else 1), count + 1).round().astype(int)
    rings = [np.concatenate([flat, flat[:1]]) if whole else flat for flat in (outer, inner)]
    return tuple(
        upright(np.concatenate([ring[a : b + 1] for ring in rings]), 0.0, thickness)
        for a, b in zip(index, index[1:])
    )


def upright(flat: np.ndarray, low: float, high: float) -> np.ndarray:
    """Returns (2 N, 3): (N, 2) points at two heights."""
    return np.concatenate([np.insert(flat, 2, z, axis=1) for z in (low, high)])
