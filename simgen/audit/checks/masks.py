"""Visible masks, boxes and areas against each other and the instance map."""

from collections import Counter
from collections.abc import Iterator

import numpy as np

from simgen.audit.finding import Case, check, compare, fine, wrong
from simgen.audit.frame import Frame


@check("masks")
def mask(frame: Frame) -> Iterator[Case]:
    """Each mask is a run-length code of the image's size."""
    yield from _well_formed(frame, frame.masks[1], frame.whole)


def _well_formed(frame: Frame, flaws: dict[int, str], whole: np.ndarray) -> Iterator[Case]:
    yield fine(len(whole))
    for i, flaw in flaws.items():
        yield wrong(f"the mask is malformed: {flaw}", instance=frame.ids[i])


@check("record", "masks", unit="px")
def box(frame: Frame) -> Iterator[Case]:
    """Each box is its mask's exact extent."""
    which = frame.whole
    boxes = [frame.labels[i].box for i in which]
    extents, ids = frame.masks[0].boxes[which], [frame.ids[i] for i in which]
    yield from compare(ids, extents, boxes, "box {found}, the mask's extent is {expected}")


@check("record", "masks", unit="px")
def area(frame: Frame) -> Iterator[Case]:
    """Each area is its mask's number of pixels."""
    which = frame.whole
    areas, ids = [frame.labels[i].area for i in which], [frame.ids[i] for i in which]
    pixels = frame.masks[0].areas[which]
    yield from compare(ids, pixels, areas, "area {found}, the mask has {expected} pixels")


@check("record", "masks", "instance", file="instance")
def map_masks(frame: Frame) -> Iterator[Case]:
    """Each mask is exactly its id's pixels in the instance map."""
    which, (runs, values) = frame.whole, frame.map_masks
    ids = np.array([frame.ids[i] for i in which], int)
    mine, its = frame.masks[0].pick(which), runs.pick(_places(values, ids))
    same = mine.same(its)
    yield fine(int(same.sum()))
    for i in np.flatnonzero(~same):
        differ = int((mine.mask(i) != its.mask(i)).sum())
        yield wrong(
            f"mask and instance map differ in {differ} pixels",
            instance=int(ids[i]), expected=int(its.areas[i]), found=int(mine.areas[i]), off=differ,
        )  # fmt: skip


@check("record")
def label_ids(frame: Frame) -> Iterator[Case]:
    """No two labels of a frame are of one object."""
    counts = Counter(frame.ids)
    for number, count in counts.items():
        if count == 1:
            yield fine(1)
        else:
            yield wrong(f"{count} labels of one object", instance=number, expected=1, found=count)


@check("record", "instance", file="instance")
def map_ids(frame: Frame) -> Iterator[Case]:
    """Each id in the instance map is a body, which has a label if it has a category."""
    bodies, labelled = frame.record.spec.bodies, set(frame.ids)
    for value in frame.map_masks[1].tolist():
        if value > len(bodies):
            yield wrong("no such body in the scene", instance=value, expected=f"<= {len(bodies)}")
        elif bodies[value - 1].category and value not in labelled:
            text = f"{bodies[value - 1].category} is to be seen and has no label"
            yield wrong(text, instance=value, file=frame.file("record"))
        else:
            yield fine(1)


def _places(values: np.ndarray, ids: np.ndarray) -> np.ndarray:
    """Returns where each id is in rising values, -1 for those that are not."""
    if not len(values):
        return np.full(len(ids), -1)
    at = np.minimum(np.searchsorted(values, ids), len(values) - 1)
    return np.where(values[at] == ids, at, -1)
