"""A sheet of what a detector gets most wrong: the worst misses and the worst false alarms."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simgen.evaluate.confusion import IOU, overlap, pairs, surer
from simgen.evaluate.detections import Detections
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.tiles import DETECTED, TRUE, Drawn, sheet, tile

COLUMNS, ROWS = 5, 2  # of each kind
_NEAR = 0.1  # IoU from which on a false alarm has to do with a box


@dataclass(frozen=True, eq=False)
class Wrong:
    """One mistake.

    Attributes:
        badness: what it is ordered by, the worst highest.
        picture: its index.
        box: (4,) x, y, width, height of the box or the detection, pixels.
        said: what happened, in a few words.
    """

    badness: tuple[float, ...]
    picture: int
    box: np.ndarray
    said: str


def misses(pictures: Pictures, detections: Sequence[Detections], score: float) -> list[Wrong]:
    """Returns the boxes that no detection from `score` on takes, the worst first.

    The worst is where the surest detection of any class scores lowest; of equals, the larger box.
    """
    found = (
        _missed(i, picture, each, score, pictures.categories)
        for i, (picture, each) in enumerate(zip(pictures.pictures, detections))
    )
    return _worst(found)


def false_alarms(pictures: Pictures, detections: Sequence[Detections], score: float) -> list[Wrong]:
    """Returns the detections from `score` on that take no box, or one of another class, the surest
    first."""
    found = (
        _invented(i, picture, surer(each, score), pictures.categories)
        for i, (picture, each) in enumerate(zip(pictures.pictures, detections))
    )
    return _worst(found)


def contact_sheet(pictures: Pictures, detections: Sequence[Detections], score: float) -> np.ndarray:
    """Returns the worst of both kinds as one picture, (H, W, 3) uint8 RGB.

    Raises:
        Unreadable: a picture is missing or damaged.
    """
    sections = {
        "Missed": misses(pictures, detections, score),
        "False alarms": false_alarms(pictures, detections, score),
    }
    shown = [
        (
            _heading(kind, len(wrongs)),
            [_tile(pictures, detections, score, wrong) for wrong in wrongs[: COLUMNS * ROWS]],
        )
        for kind, wrongs in sections.items()
    ]
    said = f"detected, score >= {score:.2f}" if np.isfinite(score) else "detected: nothing right"
    return sheet(shown, COLUMNS, ((TRUE, "labelled"), (DETECTED, said)))


def _missed(
    index: int, picture: Picture, found: Detections, score: float, names: Sequence[str]
) -> Iterator[Wrong]:
    taken = pairs(picture, surer(found, score)).taken
    doubts = pairs(picture, found).taken
    for k in np.flatnonzero((taken < 0) & ~picture.crowd):
        doubt = doubts[k]
        best = float(found.scores[doubt]) if doubt >= 0 else 0.0
        label = names[picture.labels[k]]
        seen = f"{names[found.labels[doubt]]} at {best:.2f}" if doubt >= 0 else "nothing seen"
        area = float(picture.boxes[k, 2] * picture.boxes[k, 3])
        yield Wrong((-best, area), index, picture.boxes[k], f"{label}: {seen}")


def _invented(
    index: int, picture: Picture, found: Detections, names: Sequence[str]
) -> Iterator[Wrong]:
    made, overlaps = pairs(picture, found), overlap(picture, found)
    for k, box in enumerate(made.box):
        if box == -2 or (box >= 0 and picture.labels[box] == found.labels[k]):
            continue
        said = f"{names[found.labels[k]]} at {found.scores[k]:.2f}"
        truth = _truth(picture, box, overlaps[k], names)
        yield Wrong((float(found.scores[k]),), index, found.boxes[k], f"{said}: {truth}")


def _truth(picture: Picture, box: int, overlaps: np.ndarray, names: Sequence[str]) -> str:
    """Returns what is where a detection took `box`, or none (-1)."""
    if box >= 0:
        return f"is {names[picture.labels[box]]}"
    if not overlaps.size or overlaps.max() < _NEAR:
        return "nothing there"
    near = names[picture.labels[overlaps.argmax()]]
    return f"{near}, twice" if overlaps.max() >= IOU else f"{near} at IoU {overlaps.max():.2f}"


def _worst(found: Iterator[Iterator[Wrong]]) -> list[Wrong]:
    return sorted((w for each in found for w in each), key=lambda w: w.badness, reverse=True)


def _heading(kind: str, count: int) -> str:
    return f"{kind}: {count}" if count <= COLUMNS * ROWS else f"{kind}: the worst of {count}"


def _tile(
    pictures: Pictures, detections: Sequence[Detections], score: float, wrong: Wrong
) -> np.ndarray:
    picture = pictures.pictures[wrong.picture]
    found = surer(detections[wrong.picture], score)
    drawn = [Drawn(box, TRUE, bool((box == wrong.box).all())) for box in picture.boxes]
    drawn += [Drawn(box, DETECTED, bool((box == wrong.box).all())) for box in found.boxes]
    return tile(picture.read(), wrong.box, drawn, (wrong.said, picture.name.rpartition("/")[2]))
