"""Labelled pictures without files, and what perfect or known detectors say of them."""

from pathlib import Path

import numpy as np

from simgen.evaluate.detections import Detections
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures


def picture(boxes, labels, crowd=None, name="a.png", **more) -> Picture:
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    crowd = np.zeros(len(boxes), bool) if crowd is None else np.array(crowd, bool)
    labels = np.array(labels, np.int64).reshape(-1)
    return Picture(Path("nowhere"), name, boxes, labels, crowd, **more)


def pictures(*each: Picture, categories=("queen", "king")) -> Pictures:
    return Pictures(Path("nowhere"), "made", each, tuple(categories), labelled=True)


def perfect(of: Pictures) -> list[Detections]:
    return [Detections.of(p.boxes, np.ones(len(p.boxes)), p.labels) for p in of.pictures]


def guesses(rng: np.random.Generator, count: int) -> tuple[Pictures, list[Detections]]:
    """Returns pictures with boxes of two classes, and a detector that shifts, invents, confuses."""
    each = [_boxes(rng, rng.integers(1, 5)) for _ in range(count)]
    made = pictures(*(picture(b, rng.integers(0, 2, len(b))) for b in each))
    found = []
    for one in made.pictures:
        shifted = one.boxes + rng.normal(0, 4, one.boxes.shape) * [1, 1, 0, 0]
        boxes = np.concatenate([shifted, _boxes(rng, rng.integers(0, 3))])
        confused = rng.random(len(shifted)) < 0.2
        labels = np.append(one.labels ^ confused, rng.integers(0, 2, len(boxes) - len(shifted)))
        found.append(Detections.of(boxes, rng.random(len(boxes)), labels))
    return made, found


def _boxes(rng: np.random.Generator, count: int) -> np.ndarray:
    return np.concatenate([rng.uniform(0, 300, (count, 2)), rng.uniform(15, 60, (count, 2))], 1)
