"""What a detector says of pictures, in memory and as a file."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgen.audit.reading import Unreadable, read
from simgen.scratch import replace_file


@dataclass(frozen=True, eq=False)
class Detections:
    """What was found in one picture.

    Attributes:
        boxes: (N, 4) float32, x, y, width, height in pixels of the file.
        scores: (N,) float32, the surer the higher.
        labels: (N,) int64, indices of the pictures' categories.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray

    @classmethod
    def of(cls, boxes, scores, labels) -> "Detections":
        """Returns detections from anything that numpy takes.

        Raises:
            ValueError: the lengths differ, or a number is not finite.
        """
        boxes = np.asarray(boxes, np.float32).reshape(-1, 4)
        scores = np.asarray(scores, np.float32).reshape(-1)
        labels = np.asarray(labels, np.int64).reshape(-1)
        if not len(boxes) == len(scores) == len(labels):
            raise ValueError(f"{len(boxes)} boxes, {len(scores)} scores, {len(labels)} labels")
        if not np.isfinite(boxes).all() or not np.isfinite(scores).all():
            raise ValueError("a box or a score is not a finite number")
        return cls(boxes, scores, labels)

    def __len__(self) -> int:
        return len(self.boxes)


def save(root: Path, name: str, detections: Sequence[Detections]) -> None:
    """Puts the detections of a sequence of pictures into one file, `root / name` (npz)."""
    file = io.BytesIO()
    nothing = Detections.of([], [], [])
    np.savez_compressed(
        file,
        counts=np.array([len(d) for d in detections], np.int64),
        boxes=np.concatenate([nothing.boxes, *(d.boxes for d in detections)]),
        scores=np.concatenate([nothing.scores, *(d.scores for d in detections)]),
        labels=np.concatenate([nothing.labels, *(d.labels for d in detections)]),
    )
    replace_file(root, name, [file.getvalue()])


def load(root: Path, name: str) -> tuple[Detections, ...]:
    """Returns what `save` wrote.

    Raises:
        Unreadable: the file is missing or damaged.
    """
    data = io.BytesIO(read(root, name))
    try:
        with np.load(data, allow_pickle=False) as held:
            whole = Detections.of(held["boxes"], held["scores"], held["labels"])
            ends = np.cumsum(held["counts"])
    except Exception as error:  # zipfile, zlib and numpy have no class of errors in common
        raise Unreadable(name, f"it holds no detections: {error}") from error
    if len(whole) != (ends[-1] if len(ends) else 0):
        raise Unreadable(name, "its counts do not add up")
    parts = (np.split(part, ends[:-1]) for part in (whole.boxes, whole.scores, whole.labels))
    return tuple(Detections(*part) for part in zip(*parts)) if len(ends) else ()
