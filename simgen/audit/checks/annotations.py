"""Annotations of any COCO file, by themselves: boxes, areas and outlines as people draw them.

A dataset of simgen's is held to its records to the last bit (see coco.py and masks.py). Elsewhere
small differences are common and harmless; those are warnings.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from simgen.audit.finding import ERROR, WARNING, Case, check, fine, wrong
from simgen.audit.frame import Frame
from simgen.audit.label import Label, Numbers

LOOSE_PX = 1.5  # a box may be this far from its outline unremarked: tools round, and count from 1
SAME_BOX = 0.7  # overlap over union below which a box and its outline are not of one thing
SAME_AREA = 1.5  # factor between areas above which they are not of one thing
REPEATED = 0.95  # overlap over union of two boxes of one category that are one object
_TOGETHER = 256  # boxes held against all others at once: an image may have very many


@check("annotations", file="annotations")
def annotation(frame: Frame) -> Iterator[Case]:
    """Each annotation has an id, a known category, and fields of the types that COCO says."""
    if frame.record:
        return
    for label in frame.labels:
        flaws = list(label.flaws)
        if label.category is None and not flaws:
            flaws.append("its category is not in the file")
        if label.box is None and label.mask is None and label.polygons is None:
            flaws.append("it has neither box nor segmentation")
        yield from (wrong(flaw, instance=label.id) for flaw in flaws)
        yield fine(not flaws)


@check("annotations", file="annotations", unit="px")
def box_in_image(frame: Frame) -> Iterator[Case]:
    """Each box has an extent and lies inside its image."""
    height, width = frame.size
    for label in _foreign(frame):
        if label.box is None:
            continue
        x, y, w, h = label.box
        beyond = max(-x, -y, x + w - width, y + h - height, 0.0)
        if w <= 0 or h <= 0:
            yield wrong("a box without extent", instance=label.id, found=label.box)
        elif beyond <= 1e-3:
            yield fine(1, beyond)
        else:
            text = f"the box reaches {beyond:.4g} px out of the image"
            severity = WARNING if beyond <= LOOSE_PX else ERROR
            yield wrong(text, instance=label.id, expected=[0, 0, width, height],
                        found=label.box, off=beyond, severity=severity)  # fmt: skip


@check("annotations", file="annotations", unit="px")
def box_fits(frame: Frame) -> Iterator[Case]:
    """Each box is the extent of its mask or outlines."""
    for i, label in enumerate(_foreign(frame)):
        extent = _extent(frame, i, label)
        if label.box is None or extent is None or label.crowd:
            continue
        off = max(abs(a - b) for a, b in zip(_corners(label.box), _corners(extent)))
        if off <= LOOSE_PX:
            yield fine(1, off)
            continue
        severity = WARNING if overlap([label.box], [extent])[0, 0] >= SAME_BOX else ERROR
        text = f"the box is {off:.4g} px from the extent of its segmentation"
        yield wrong(text, instance=label.id, expected=extent, found=label.box, off=off,
                    severity=severity)  # fmt: skip


@check("annotations", file="annotations")
def area_fits(frame: Frame) -> Iterator[Case]:
    """Each area is that of its mask or outlines, and never more than its box's."""
    for i, label in enumerate(_foreign(frame)):
        if label.area is None:
            continue
        least, most = _areas(frame, i, label)
        if least <= label.area <= most:
            yield fine(1)
            continue
        near = least / SAME_AREA <= label.area <= most * SAME_AREA
        text = f"area {label.area:g}, its shape has {least:.7g} to {most:.7g} pixels"
        yield wrong(text, instance=label.id, expected=[least, most], found=label.area,
                    severity=WARNING if near else ERROR)  # fmt: skip


@check("annotations", file="annotations")
def repeated(frame: Frame) -> Iterator[Case]:
    """No two annotations of an image are of one object: same category, same box."""
    boxed = [label for label in _foreign(frame) if label.box is not None and not label.crowd]
    boxes, categories = [label.box for label in boxed], [label.category for label in boxed]
    names = {name: i for i, name in enumerate(dict.fromkeys(categories))}
    kinds = np.array([names[name] for name in categories], int)
    for start in range(0, len(boxed), _TOGETHER):
        mine = slice(start, start + _TOGETHER)
        shared = np.where(kinds[mine, None] == kinds, overlap(boxes[mine], boxes), 0.0)
        shared = np.tril(shared, start - 1)  # with those before
        for j, (i, share) in enumerate(zip(shared.argmax(1), shared.max(1)), start):
            if share <= REPEATED:
                yield fine(1)
                continue
            severity = ERROR if boxes[i] == boxes[j] else WARNING
            text = f"the same object as annotation {boxed[i].id!r}: their boxes share {share:.0%}"
            yield wrong(text, instance=boxed[j].id, found=boxes[j], severity=severity)


def overlap(some: Sequence[Numbers], others: Sequence[Numbers]) -> np.ndarray:
    """Returns (N, M): overlap over union of boxes (x, y, w, h)."""
    a, b = (np.array(boxes, float).reshape(-1, 4) for boxes in (some, others))
    lower = np.maximum(a[:, None, :2], b[:, :2])
    upper = np.minimum((a[:, :2] + a[:, 2:])[:, None], b[:, :2] + b[:, 2:])
    shared = np.clip(upper - lower, 0, None).prod(2)
    union = a[:, 2:].prod(1)[:, None] + b[:, 2:].prod(1) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def _foreign(frame: Frame) -> Sequence[Label]:
    return () if frame.record else frame.labels


def _corners(box: Numbers) -> Numbers:
    return (box[0], box[1], box[0] + box[2], box[1] + box[3])


def _extent(frame: Frame, i: int, label: Label) -> Numbers | None:
    if label.polygons:
        points = np.concatenate([np.reshape(outline, (-1, 2)) for outline in label.polygons])
        lower, upper = points.min(0), points.max(0)
        return (*lower.tolist(), *(upper - lower).tolist())
    if label.mask is None or i in frame.masks[1] or not frame.masks[0].areas[i]:
        return None
    return tuple(frame.masks[0].boxes[i].tolist())


def _areas(frame: Frame, i: int, label: Label) -> tuple[float, float]:
    """Returns the least and most that an area may be said to be."""
    if label.polygons:
        rings = [np.reshape(outline, (-1, 2)) for outline in label.polygons]
        areas = [abs(_twice(ring)) / 2 for ring in rings]
        around = sum(np.linalg.norm(ring - np.roll(ring, 1, 0), axis=1).sum() for ring in rings)
        loose = around / 2 + 1  # counted in pixels, an outline's own may be in or out
        return max(areas) - loose, sum(areas) + loose
    if label.mask is not None and i not in frame.masks[1]:
        pixels = float(frame.masks[0].areas[i])
        return pixels - 0.5, pixels + 0.5
    box = label.box
    return (0.0, (box[2] + 1) * (box[3] + 1)) if box else (0.0, float(np.prod(frame.size)))


def _twice(ring: np.ndarray) -> float:
    """Returns twice the signed area inside an outline."""
    x, y = (ring - ring[0]).T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1))
