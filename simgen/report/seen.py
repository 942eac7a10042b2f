"""What one frame adds to the statistics: numbers, and names as they are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.audit.frame import Frame
from simgen.audit.label import Label
from simgen.audit.reading import Unreadable, locate
from simgen.audit.source import Source, Task
from simgen.errors import SimgenError
from simgen.spec import Value

Plain = bool | int | float | str
NAMELESS = "(no category)"
_LONGEST, _LARGEST, _PARAMETERS = 120, 1e150, 500  # letters, a number, names


@dataclass(frozen=True, eq=False)
class Objects:
    """The labelled objects of one frame, a row each.

    Attributes:
        category: (N,) names.
        box: (N, 4) float64 x, y, w, h in pixels.
        area: (N,) pixels of the mask, or of the box where there is none.
        visible, truncation: (N,) 0 to 1; nan where nothing is said.
        places: (N,) of each in the frame's labels.
    """

    category: tuple[str, ...]
    box: np.ndarray
    area: np.ndarray
    visible: np.ndarray
    truncation: np.ndarray
    places: tuple[int, ...]

    @classmethod
    def of(cls, frame: Frame) -> "Objects":
        """Returns the objects that have a box; crowds are no objects."""
        cut = _truncations(frame)
        found = [(i, label, _box(label)) for i, label in enumerate(frame.labels)]
        rows = [(i, label, box) for i, label, box in found if box and not label.crowd]
        area = [label.area or box[2] * box[3] for _, label, box in rows]
        visible = [_number(label.visible_fraction) for _, label, _ in rows]
        return cls(
            category=tuple(label.category or NAMELESS for _, label, _ in rows),
            box=np.array([box for _, _, box in rows], float).reshape(-1, 4),
            area=np.array(area, float),
            visible=np.array(visible, float),
            truncation=np.array([cut[i] for i, _, _ in rows], float),
            places=tuple(i for i, _, _ in rows),
        )

    @property
    def side(self) -> np.ndarray:
        """(N,) the square root of the box's area, pixels."""
        return np.sqrt(self.box[:, 2] * self.box[:, 3])


@dataclass(frozen=True, eq=False)
class Seen:
    """One frame, as far as the statistics go.

    Attributes:
        size: (height, width).
        brightness, contrast: mean and standard deviation of the picture's grey, 0 to 1.
        parameters: what was drawn to make it, a number, truth value or text each.
        seconds: by stage; `memory_mb`: peak of the process that made it.
        bytes: on the disk, by layer.
        stands: path and SHA-256 of the file that an audit's digest counts.
        problem: why something of it cannot be read, '' if all can.
        changed: whether the picture's bytes are not those that its record names.
    """

    number: Any
    size: tuple[int, int] = (1, 1)
    objects: Objects | None = None
    brightness: float = float("nan")
    contrast: float = float("nan")
    parameters: Mapping[str, Plain] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)
    memory_mb: float = float("nan")
    device: str = ""
    bytes: Mapping[str, int] = field(default_factory=dict)
    stands: tuple[str, str] = ("", "")
    problem: str = ""
    changed: bool = False


def look(source: Source, task: Task) -> Seen:
    """Returns what a frame adds; never raises for what its files hold."""
    try:
        return _seen(*source.frame(task))
    except SimgenError as error:
        return Seen(task.number, problem=str(error))
    except Exception as error:  # odd values of a stranger's
        return Seen(task.number, problem=f"frame {task.number}: {type(error).__name__}: {error}")


def _seen(frame: Frame, stands: tuple[str, str]) -> Seen:
    record = frame.record
    brightness, contrast, problem = _light(frame)
    return Seen(
        number=frame.number,
        size=frame.size,
        objects=Objects.of(frame),
        brightness=brightness,
        contrast=contrast,
        parameters=_flat(record.spec.parameters) if record else {},
        seconds=record.run.seconds if record else {},
        memory_mb=record.run.peak_memory_mb if record else float("nan"),
        device=record.run.device if record else "",
        bytes=_sizes(frame),
        stands=stands,
        problem=problem,
        changed=not problem and _changed(frame),
    )


def _flat(parameters: Mapping[str, Value]) -> dict[str, Plain]:
    """Returns the parameters with lists taken apart and long texts cut off."""
    flat: dict[str, Plain] = {}
    for name, value in parameters.items():
        if isinstance(value, tuple):
            flat.update(_flat({f"{name}[{i}]": item for i, item in enumerate(value)}))
        elif isinstance(value, str):
            flat[name[:_LONGEST]] = value[:_LONGEST]
        elif abs(value) < _LARGEST:
            flat[name[:_LONGEST]] = value
    return dict(list(flat.items())[:_PARAMETERS])


def _light(frame: Frame) -> tuple[float, float, str]:
    try:
        if frame.layers.image is None:
            raise Unreadable(f"frame {frame.number}", "no picture is named")
        mean, deviation = cv2.meanStdDev(frame.layers.grey)
    except Unreadable as error:
        return float("nan"), float("nan"), str(error)
    return float(mean[0, 0]) / 255, float(deviation[0, 0]) / 255, ""


def _changed(frame: Frame) -> bool:
    named = frame.record.files.get(frame.layers.image) if frame.record else None
    return named is not None and frame.layers.digest(frame.layers.image) != named


def _sizes(frame: Frame) -> dict[str, int]:
    paths = {"images": frame.layers.image} if frame.layers.image else {}
    sizes = {}
    for layer, path in {**paths, **frame.layers.paths}.items():
        size = _size(frame.layers.root, path)
        if size is not None:
            sizes[layer] = size
    return sizes


def _size(root: Path, path: str) -> int | None:
    try:
        return locate(root, path).stat().st_size
    except (OSError, Unreadable):
        return None


def _box(label: Label) -> tuple[float, ...] | None:
    """Returns a label's box, or else its outlines' extent; None if it has no extent."""
    box = label.box
    if box is None and label.polygons:
        points = np.concatenate([np.reshape(each, (-1, 2)) for each in label.polygons])
        box = (*points.min(0), *np.ptp(points, axis=0))
    return tuple(box) if box is not None and box[2] > 0 and box[3] > 0 else None


def _truncations(frame: Frame) -> list[float]:
    if frame.record:
        return [label.truncation for label in frame.record.labels]
    said = (a.get("truncation") if isinstance(a, dict) else None for a in frame.annotations or ())
    return [_number(value) for value in said]


def _number(value: Any) -> float:
    """Returns a share; nan for what is none."""
    sound = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1
    return float(value) if sound else float("nan")
