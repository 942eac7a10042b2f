"""What a detector takes for what, at the score that suits it best."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pycocotools import mask

from simgen.evaluate.detections import Detections
from simgen.evaluate.matching import Matching
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures

IOU = 0.5
BACKGROUND = "background"


@dataclass(frozen=True, eq=False)
class Pairs:
    """Which detection takes which box of one picture, whatever they are called.

    Attributes:
        box: (N,) index of the box that each detection takes; -1: none, -2: within a crowd.
        taken: (M,) index of the detection that takes each box, -1 where none does.
    """

    box: np.ndarray
    taken: np.ndarray


def best_score(matching: Matching) -> tuple[float, float]:
    """Returns the score from which on F1 of all boxes is highest, and that F1.

    F1 = 2 hits / (detections + boxes), hits being of the right class at IoU 0.5. Without a hit the
    score is infinite: nothing is worth showing.
    """
    hits = np.concatenate([np.zeros(0), *(each.scores for each in matching.categories)])
    alarms = np.concatenate([np.zeros(0), *(each.alarms for each in matching.categories)])
    if not len(hits):
        return float("inf"), 0.0
    scores = np.unique(hits)
    found = len(hits) - np.searchsorted(np.sort(hits), scores)
    false = len(alarms) - np.searchsorted(np.sort(alarms), scores)
    f1 = 2 * found / (found + false + matching.wanted.sum())
    best = len(f1) - 1 - int(np.argmax(f1[::-1]))  # the highest of equals
    return float(scores[best]), float(f1[best])


def overlap(picture: Picture, found: Detections) -> np.ndarray:
    """Returns (N, M) IoU; with a crowd, the share of the detection that lies in it."""
    if not len(found) or not len(picture.boxes):
        return np.zeros((len(found), len(picture.boxes)))
    crowd = [int(each) for each in picture.crowd]
    return np.asarray(mask.iou(found.boxes.astype(float), picture.boxes.astype(float), crowd))


def pairs(picture: Picture, found: Detections) -> Pairs:
    """Returns the pairs: surest detections first, each takes the free box that it overlaps most.

    A detection that takes none and lies in a crowd by half is not counted at all, as COCO has it.
    """
    overlaps = overlap(picture, found)
    box = np.full(len(found), -1)
    taken = np.full(len(picture.boxes), -1)
    for i in np.argsort(-found.scores, kind="stable"):
        free = np.where((taken < 0) & ~picture.crowd, overlaps[i], 0)
        if free.size and free.max() >= IOU:
            box[i] = free.argmax()
            taken[box[i]] = i
        elif (overlaps[i][picture.crowd] >= IOU).any():
            box[i] = -2
    return Pairs(box, taken)


def confusion(
    pictures: Pictures, detections: Sequence[Detections], score: float, f1: float
) -> dict[str, Any]:
    """Returns how often what is detected as what, for detections that score at least `score`.

    Returns:
        {iou, score (None: nothing is ever right), f1, chosen, labels: the categories and
        background, matrix: a row for each true label and a column for each detected one; the last
        row holds false alarms, the last column misses}.
    """
    size = len(pictures.categories)
    matrix = np.zeros((size + 1, size + 1), np.int64)
    for picture, found in zip(pictures.pictures, detections):
        _count(matrix, picture, surer(found, score))
    return {
        "iou": IOU,
        "score": score if np.isfinite(score) else None,
        "f1": f1,
        "chosen": "the score with the highest F1 on these same pictures",
        "labels": [*pictures.categories, BACKGROUND],
        "matrix": matrix.tolist(),
    }


def surer(found: Detections, score: float) -> Detections:
    """Returns the detections that score at least `score`."""
    kept = found.scores >= np.float32(score)
    return Detections(found.boxes[kept], found.scores[kept], found.labels[kept])


def _count(matrix: np.ndarray, picture: Picture, found: Detections) -> None:
    nothing = len(matrix) - 1
    made = pairs(picture, found)
    for label, box in zip(found.labels, made.box):
        if box > -2:
            matrix[picture.labels[box] if box >= 0 else nothing, label] += 1
    missed = (made.taken < 0) & ~picture.crowd
    np.add.at(matrix, (picture.labels[missed], nothing), 1)
