"""Whole silhouettes: against the visible masks, the figures drawn from them, and who hides what."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from simgen.audit.finding import Case, check, compare, fine, wrong
from simgen.audit.frame import Frame


@check("amodal")
def amodal_mask(frame: Frame) -> Iterator[Case]:
    """Each amodal mask is a run-length code of the image's size."""
    yield fine(len(frame.whole_amodal))
    for i, flaw in frame.amodals[1].items():
        yield wrong(f"the amodal mask is malformed: {flaw}", instance=frame.ids[i])


@check("amodal", unit="px")
def amodal_box(frame: Frame) -> Iterator[Case]:
    """Each amodal box is its amodal mask's exact extent."""
    which = _stated(frame, "amodal_box")
    boxes, ids = [frame.labels[i].amodal_box for i in which], [frame.ids[i] for i in which]
    extents = frame.amodals[0].boxes[which]
    text = "amodal box {found}, the amodal mask's extent is {expected}"
    yield from compare(ids, extents, boxes, text)


@check("amodal", unit="px")
def amodal_area(frame: Frame) -> Iterator[Case]:
    """Each amodal area is its amodal mask's number of pixels."""
    which = _stated(frame, "amodal_area")
    areas, ids = [frame.labels[i].amodal_area for i in which], [frame.ids[i] for i in which]
    text = "amodal area {found}, the amodal mask has {expected} pixels"
    yield from compare(ids, frame.amodals[0].areas[which], areas, text)


@check("amodal", "masks")
def modal_in_amodal(frame: Frame) -> Iterator[Case]:
    """Each visible mask lies inside its amodal mask."""
    which = np.intersect1d(frame.whole, frame.whole_amodal)
    modal, amodal = frame.masks[0].pick(which), frame.amodals[0].pick(which)
    inside = modal.inside(amodal)
    yield fine(int(inside.sum()))
    for i in np.flatnonzero(~inside):
        outside = int((modal.mask(i) & ~amodal.mask(i)).sum())
        text = f"{outside} visible pixels are outside the amodal mask"
        yield wrong(text, instance=frame.ids[which[i]], expected=0, found=outside)


@check("amodal", "masks")
def visible_fraction(frame: Frame) -> Iterator[Case]:
    """Each visible fraction is the visible mask's area over the amodal mask's."""
    which = np.intersect1d(frame.whole, _stated(frame, "visible_fraction"))
    which = which[frame.amodals[0].areas[which] > 0]
    shares = frame.masks[0].areas[which] / frame.amodals[0].areas[which]
    found, ids = [frame.labels[i].visible_fraction for i in which], [frame.ids[i] for i in which]
    text = "visible fraction {found}, the masks say {expected}"
    yield from compare(ids, shares, found, text, tolerance=1e-9)


@check("record", "amodal", "instance")
def occluders(frame: Frame) -> Iterator[Case]:
    """Each object's occluders are who the instance map shows inside its amodal mask."""
    which = frame.whole_amodal
    seen = _shown_inside(frame, which)
    for place, i in enumerate(which.tolist()):
        label = frame.record.labels[i]
        expected = {k: n for k, n in seen[place].items() if k != label.id}
        if dict(label.occluders) == expected and len(label.occluders) == len(expected):
            yield fine(1)
        else:
            yield wrong(
                "occluders are not who the instance map shows in its place", instance=label.id,
                expected=_sorted(expected), found=_sorted(dict(label.occluders)),
            )  # fmt: skip


@check("record", "amodal")
def truncation(frame: Frame) -> Iterator[Case]:
    """Truncation is a share of 1, and 0 for an object whose cuboid is all inside the picture."""
    height, width = frame.size
    for label in frame.record.labels:
        within = _within(label.cuboid_px, width, height) and frame.straight
        if not 0 <= label.truncation < 1 or (within and label.truncation):
            text = f"truncation {label.truncation:g}" + (", but nothing of it is outside" * within)
            yield wrong(text, instance=label.id, expected=0 if within else "0 to 1",
                        found=label.truncation)  # fmt: skip
        else:
            yield fine(1)


def _within(corners: tuple[Any, ...], width: int, height: int) -> bool:
    return bool(corners) and all(
        corner and 0 < corner[0] < width and 0 < corner[1] < height for corner in corners
    )


def _stated(frame: Frame, name: str) -> np.ndarray:
    """Returns the places of labels with a sound amodal mask that state this figure."""
    whole = frame.whole_amodal
    return np.array([i for i in whole if getattr(frame.labels[i], name) is not None], int)


def _shown_inside(frame: Frame, which: np.ndarray) -> list[dict[int, int]]:
    """Returns, for each amodal mask, how many pixels of it show which id."""
    amodal, (shown, ids) = frame.amodals[0].pick(which), frame.map_masks
    order = np.argsort(shown.start)
    start, stop, owner = shown.start[order], shown.stop[order], shown.owner[order]
    first = np.searchsorted(stop, amodal.start, "right")
    met = np.maximum(np.searchsorted(start, amodal.stop) - first, 0)
    mine = np.repeat(np.arange(len(met)), met)
    its = np.arange(len(mine)) + np.repeat(first - np.cumsum(met) + met, met)
    pixels = np.minimum(amodal.stop[mine], stop[its]) - np.maximum(amodal.start[mine], start[its])
    pair = amodal.owner[mine] * len(ids) + owner[its]
    count = np.bincount(pair, pixels, len(which) * len(ids)).astype(int).reshape(len(which), -1)
    found: list[dict[int, int]] = [{} for _ in which]
    for place, k in np.argwhere(count).tolist():
        found[place][int(ids[k])] = int(count[place, k])
    return found


def _sorted(pixels: dict[int, int]) -> list[tuple[int, int]]:
    return sorted(pixels.items(), key=lambda item: (-item[1], item[0]))
