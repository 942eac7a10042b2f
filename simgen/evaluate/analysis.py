"""One detector's mistakes: what it takes for what, where it is weak, and pictures of the worst."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from simgen.dataset import Dataset
from simgen.evaluate.appearance import appearance
from simgen.evaluate.confusion import best_score, confusion
from simgen.evaluate.detections import Detections
from simgen.evaluate.matching import Matching
from simgen.evaluate.misses import contact_sheet
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.slices import Slice, slices
from simgen.rng import stream
from simgen.scratch import replace_file
from simgen.spec import Value
from simgen.writers.png import encode_rgb_png

SHEET = "misses.png"
_LOOKS = "brightness", "sharpness", "edges"
Sampled = Mapping[int, Mapping[str, Value]]


def analyse(
    pictures: Pictures,
    detections: Sequence[Detections],
    out: Path,
    frame_records: Sampled | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Returns what a detector gets wrong on labelled pictures, and writes `out / misses.png`.

    Args:
        detections: of each picture, in their order.
        frame_records: what was sampled for each frame (see `sampled`), for pictures that were
            rendered; None for real ones.

    Returns:
        confusion: see `confusion`. misses: the sheet's name. slices: see `slices`, by brightness,
        sharpness, edges, boxes (how many a picture has), box_size (px, square root of the area),
        and by what the annotations and frames tell.

    Raises:
        ValueError: as `precision`.
        Unreadable: a picture is missing or damaged.
        SimgenError: the sheet cannot be written.
    """
    matching = Matching.of(pictures, detections)
    score, f1 = best_score(matching)
    page = contact_sheet(pictures, detections, score)
    replace_file(out, SHEET, [encode_rgb_png(page, 6)])
    cuts = [*_looks(pictures), *_boxes(pictures), *_parameters(pictures, frame_records or {})]
    of = "real" if frame_records is None else "synthetic"
    return {
        "confusion": confusion(pictures, detections, score, f1),
        "misses": SHEET,
        "slices": slices(matching, cuts, of, stream(seed, 0, "slices")),
    }


def sampled(pictures: Pictures) -> Sampled:
    """Returns what was sampled for each frame of a dataset of simgen's, by the frame's number.

    Raises:
        SimgenError: the folder holds no such dataset, or a record is damaged.
    """
    dataset = Dataset.load(pictures.root)
    frames = [picture.frame for picture in pictures.pictures if picture.frame is not None]
    return {frame: dataset.read(frame).spec.parameters for frame in frames}


def _looks(pictures: Pictures) -> list[Slice]:
    looks = [appearance(picture.read()) for picture in pictures.pictures]
    return [Slice(name, [look[name] for look in looks]) for name in _LOOKS]


def _boxes(pictures: Pictures) -> Iterator[Slice]:
    """Yields slices by what the labels tell."""
    every = pictures.pictures
    yield Slice("boxes", [int((~picture.crowd).sum()) for picture in every])
    sides = [np.sqrt(picture.boxes[:, 2] * picture.boxes[:, 3]).tolist() for picture in every]
    yield Slice("box_size", [side for each in sides for side in each], of_boxes=True)
    for name in ("visible_fraction", "truncation"):
        known = [_number(entry.get(name)) for p in every for entry in p.annotations]
        if len(known) == sum(len(picture.boxes) for picture in every):
            yield Slice(name, known, of_boxes=True)


def _parameters(pictures: Pictures, records: Sampled) -> Iterator[Slice]:
    """Yields slices by all that was sampled; of tuples, by each component."""
    each = [dict(_flat(records.get(picture.frame, {}))) for picture in pictures.pictures]
    for name in sorted({name for found in each for name in found}):
        yield Slice(name, [found.get(name) for found in each])


def _flat(parameters: Mapping[str, Value]) -> Iterator[tuple[str, Value]]:
    for name, value in parameters.items():
        if isinstance(value, tuple):
            yield from _flat({f"{name}[{i}]": part for i, part in enumerate(value)})
        else:
            yield name, value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
