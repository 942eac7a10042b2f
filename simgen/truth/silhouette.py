"""Each body's silhouette as if it stood alone, inside the frame and beyond it."""

from collections.abc import Iterator

import numpy as np

from simgen.frame import AmodalMask
from simgen.spec import SceneSpec
from simgen.truth.look import Cover, Eye


def amodal_masks(
    spec: SceneSpec, eye: Eye, cover: Cover, instance: np.ndarray
) -> dict[int, AmodalMask]:
    """Returns the amodal mask of each body that has a category and a visible pixel, by its id.

    Args:
        cover: of all bodies in the frame.
    """
    area = np.bincount(instance.ravel(), minlength=len(spec.bodies) + 1)[1:]
    named = np.array([body.category != "" for body in spec.bodies], bool)
    bodies = np.flatnonzero(named & (area > 0))
    outside = _outside(bodies, eye, *instance.shape)
    return {
        i + 1: AmodalMask((x, y, mask.shape[1], mask.shape[0]), mask.copy(), outside.get(i, 0))
        for i, x, y, mask in _painted(bodies, cover)
    }


def _outside(bodies: np.ndarray, eye: Eye, height: int, width: int) -> dict[int, int]:
    """Returns how many pixels of each body lie outside the frame, for those that leave it."""
    counts = {}
    for i, x, y, mask in _painted(bodies, eye.around(bodies)):
        within = mask[max(0, -y) : max(0, height - y), max(0, -x) : max(0, width - x)]
        counts[i] = int(mask.sum()) - int(within.sum())
    return counts


def _painted(bodies: np.ndarray, cover: Cover) -> Iterator[tuple[int, int, int, np.ndarray]]:
    """Yields for each of these bodies that covers anything its index and its (h, w) bool mask, as
    large as it is, with the column x and the row y of the mask's corner.

    All masks' rows lie in one long line. Each run adds one where it starts and takes it away where
    it stops: the running sum is above 0 on the pixels that a run covers.
    """
    owner = cover.facets.owner[cover.runs.facet]
    mine = np.isin(owner, bodies)
    owner, row, start, stop = (
        each[mine] for each in (owner, cover.runs.row, cover.runs.start, cover.runs.stop)
    )
    if not len(owner):
        return
    first = np.flatnonzero(np.append(True, owner[1:] != owner[:-1]))
    x, y = (np.minimum.reduceat(each, first) for each in (start, row))
    w = np.maximum.reduceat(stop, first) - x
    h = np.maximum.reduceat(row, first) + 1 - y
    ends = np.cumsum(w * h)
    slot = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(owner))))
    line = (ends - w * h - x)[slot] + (row - y[slot]) * w[slot]
    change = np.bincount(line + start, minlength=ends[-1] + 1)
    change -= np.bincount(line + stop, minlength=ends[-1] + 1)
    covered = np.split(change.cumsum()[:-1] > 0, ends)
    for k, flat in zip(range(len(first)), covered):
        yield int(owner[first[k]]), int(x[k]), int(y[k]), flat.reshape(h[k], w[k])
