"""Exact labels: what the ray through each pixel centre meets, and each body's whole silhouette.

Rays are cast in float64, triangle by triangle (see scan.py): a label does not hang on the rounding
of a ray tracer. Meshes are closed (see mesh.py), so that triangles facing away need no ray.
"""

from collections.abc import Iterator

import numpy as np

from simgen.frame import Truth
from simgen.spec import SceneSpec
from simgen.truth.cast import nearest
from simgen.truth.inside import camera_inside
from simgen.truth.scan import CENTRE_U, CENTRE_V, Facets, Spans, spans
from simgen.truth.silhouette import amodal_masks
from simgen.truth.view import View

__all__ = ["camera_inside", "raycast"]

BATCH = 1 << 19  # meetings of rays and triangles held in memory at a time


def raycast(spec: SceneSpec, width: int | None = None, height: int | None = None) -> Truth:
    """Returns what each pixel centre sees; of bodies equally deep, the first.

    Args:
        width, height: cast fewer (or more) rays over the same view than the camera has pixels.
    """
    width, height = width or spec.camera.width, height or spec.camera.height
    view = View.of(spec, width, height)
    facets = view.facets(view.within(view.frame), view.frame)
    runs = spans(facets, view.frame)
    met, nearness = nearest(_meetings(facets, runs, width), width * height)
    instance = np.append(facets.owner + 1, 0).astype(np.uint16)[met].reshape(height, width)
    triangle = np.append(facets.triangle, -1).astype(np.int32)[met].reshape(height, width)
    with np.errstate(divide="ignore"):
        depth = (1 / nearness).astype(np.float32).reshape(height, width)
    return Truth(instance, depth, triangle, amodal_masks(spec, view, instance, facets, runs))


def _meetings(facets: Facets, runs: Spans, width: int) -> Iterator[tuple[np.ndarray, ...]]:
    """Yields, in batches, pixel, inverse depth and facet wherever a ray meets a facet."""
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
