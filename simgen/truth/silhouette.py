"""Each body's silhouette as if it stood alone, inside the frame and beyond it."""

from collections.abc import Iterator

import numpy as np

from simgen.frame import AmodalMask
from simgen.spec import SceneSpec
from simgen.truth.scan import Facets, Spans, spans
from simgen.truth.view import View


def amodal_masks(
    spec: SceneSpec, view: View, instance: np.ndarray, facets: Facets, runs: Spans
) -> dict[int, AmodalMask]:
    """Returns the amodal mask of each body that has a category and a visible pixel, by its id.

    Args:
        facets, runs: of all bodies, over the frame.
    """
    area = np.bincount(instance.ravel(), minlength=len(spec.bodies) + 1)[1:]
    named = np.array([body.category != "" for body in spec.bodies], bool)
    bodies = np.flatnonzero(named & (area > 0))
    outside = _outside(view, bodies)
    return {
        i + 1: _cropped(x, y, mask, outside.get(i, 0))
        for i, x, y, mask in _painted(bodies, view.extent(view.frame), facets, runs)
    }


def _cropped(x: int, y: int, mask: np.ndarray, outside: int) -> AmodalMask:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    top, left = rows[0], columns[0]
    crop = mask[top : rows[-1] + 1, left : columns[-1] + 1].copy()
    height, width = crop.shape
    return AmodalMask((int(x + left), int(y + top), width, height), crop, outside)


def _outside(view: View, bodies: np.ndarray) -> dict[int, int]:
    """Returns how many pixels of each body lie outside the frame, for those that leave it."""
    _, _, width, height = view.frame
    canvas = (-width, -height, 2 * width, 2 * height)
    boxes = view.extent(canvas)
    leaves = (boxes[:, :2] < 0).any(1) | (boxes[:, 2:] > (width, height)).any(1)
    leaving = bodies[leaves[bodies]]
    facets = view.facets(leaving, canvas)
    counts = {}
    for i, x, y, mask in _painted(leaving, boxes, facets, spans(facets, canvas)):
        within = mask[max(0, -y) : max(0, height - y), max(0, -x) : max(0, width - x)]
        counts[i] = int(mask.sum()) - int(within.sum())
    return counts


def _painted(
    bodies: np.ndarray, boxes: np.ndarray, facets: Facets, runs: Spans
) -> Iterator[tuple[int, int, int, np.ndarray]]:
    """Yields for each body its index, its box's corner x, y and the (h, w) bool mask in its box.

    All boxes' rows lie in one long line. Each run adds one where it starts and takes it away where
    it stops: the running sum is above 0 on the pixels that a run covers.
    """
    x0, y0, x1, y1 = boxes[bodies].T
    shape = np.column_stack([y1 - y0, x1 - x0])
    ends = np.cumsum(shape.prod(1))
    slot = np.full(len(boxes), -1)
    slot[bodies] = np.arange(len(bodies))
    slot = slot[facets.owner[runs.facet]]
    mine, slot = slot >= 0, slot[slot >= 0]
    line = (ends - shape.prod(1))[slot] - x0[slot] + (runs.row[mine] - y0[slot]) * shape[slot, 1]
    size = int(ends[-1:].sum()) + 1
    change = np.bincount(line + runs.start[mine], minlength=size)
    change -= np.bincount(line + runs.stop[mine], minlength=size)
    covered = np.split(change.cumsum()[:-1] > 0, ends)
    for i, x, y, (h, w), flat in zip(bodies, x0, y0, shape, covered):
        yield int(i), int(x), int(y), flat.reshape(h, w)
