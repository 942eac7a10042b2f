"""What all frames of a dataset show, added up one frame at a time."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from simgen.report.combinations import Together
from simgen.report.relations import Correlations
from simgen.report.seen import Objects, Plain, Seen
from simgen.report.spread import Spread

MEASURES = ("objects", "box size", "visible", "cut off", "brightness", "contrast")
GRID = (18, 24)  # rows and columns of the map of positions
_TOLD = 5  # problems that are kept to be shown
_NAMES = 200  # values of a text, and classes with a row of their own, that are told apart
_PARAMETERS = 500


@dataclass
class Kind:
    """The objects of one class: how many, in how many pictures, how large and how visible."""

    objects: int = 0
    pictures: int = 0
    side: Spread = field(default_factory=Spread)
    visible: Spread = field(default_factory=Spread)


@dataclass
class Parameter:
    """Values that one parameter took: numbers and truth values as numbers, texts by name."""

    numbers: Spread = field(default_factory=Spread)
    texts: Counter[str] = field(default_factory=Counter)
    flags: bool = True

    def add(self, value: Plain) -> None:
        self.flags = self.flags and isinstance(value, bool)
        if not isinstance(value, str):
            self.numbers.add([value])
        elif value in self.texts or len(self.texts) < _NAMES:
            self.texts[value] += 1

    @property
    def constant(self) -> bool:
        return self.numbers.low >= self.numbers.high if self.numbers.count else len(self.texts) < 2


class Statistics:
    """Sums, counts and spreads; none grows with the frames, only with the classes and parameters.

    Attributes:
        spreads: by what they are of: 'objects' and 'classes' in a picture, 'brightness' and
            'contrast' of it, 0 to 1; of each object log10 of 'side' (square root of the box's
            area, pixels) and of 'aspect' (width over height), 'share' (log10 of the box's part of
            the picture), 'visible' and 'truncation', 0 to 1.
        positions: (18, 24) how many boxes have their centre there.
        stands: path and SHA-256 by frame, for the audit's digest: the one thing that grows.
    """

    def __init__(self):
        self.frames = self.objects = self.unreadable = self.changed = self.empty = 0
        self.problems: list[str] = []
        self.kinds: dict[str, Kind] = {}
        self.spreads: dict[str, Spread] = {}
        self.positions = np.zeros(GRID, int)
        self.parameters: dict[str, Parameter] = {}
        self.correlations = Correlations(len(MEASURES))
        self.together = Together()
        self.sizes: Counter[tuple[int, int]] = Counter()
        self.stages: dict[str, Spread] = {}
        self.seconds, self.memory_mb = 0.0, float("nan")
        self.devices: Counter[str] = Counter()
        self.bytes: Counter[str] = Counter()
        self.stands: list[tuple[str, str]] = []

    def add(self, seen: Seen) -> None:
        """Adds one frame."""
        self.frames += 1
        self.stands.append(seen.stands)
        self.changed += seen.changed
        if seen.problem:
            self.unreadable += 1
            if len(self.problems) < _TOLD:
                self.problems.append(seen.problem)
        if seen.objects is None:
            return
        self.sizes[seen.size] += 1
        self._add_objects(seen.objects, seen.size)
        self._add_picture(seen)
        self._add_cost(seen)

    def spread(self, name: str) -> Spread:
        return self.spreads.setdefault(name, Spread())

    def _add_objects(self, objects: Objects, size: tuple[int, int]) -> None:
        self.objects += len(objects.category)
        self.empty += not objects.category
        width, height = objects.box[:, 2], objects.box[:, 3]
        self.spread("side").add(np.log10(objects.side))
        self.spread("aspect").add(np.log10(width / height))
        self.spread("share").add(np.log10(width * height / (size[0] * size[1])))
        self.spread("visible").add(objects.visible)
        self.spread("truncation").add(objects.truncation)
        self._add_kinds(objects)
        at = (objects.box[:, :2] + objects.box[:, 2:] / 2) / size[::-1] * GRID[::-1]
        column, row = np.clip(at, 0, np.subtract(GRID[::-1], 1)).astype(int).T
        np.add.at(self.positions, (row, column), 1)

    def _add_kinds(self, objects: Objects) -> None:
        names = np.array(objects.category, object)
        for name in set(objects.category):
            kind = self.kinds.setdefault(name, Kind())
            mine = names == name
            kind.objects += int(mine.sum())
            kind.pictures += 1
            if len(self.kinds) <= _NAMES:
                kind.side.add(objects.side[mine])
                kind.visible.add(objects.visible[mine])

    def _add_picture(self, seen: Seen) -> None:
        objects = seen.objects
        self.spread("objects").add([len(objects.category)])
        self.spread("classes").add([len(set(objects.category))])
        self.spread("brightness").add([seen.brightness])
        self.spread("contrast").add([seen.contrast])
        for name, value in seen.parameters.items():
            if name in self.parameters or len(self.parameters) < _PARAMETERS:
                self.parameters.setdefault(name, Parameter()).add(value)
        known = {n: v for n, v in seen.parameters.items() if n in self.parameters}
        self.correlations.add(known, _measures(seen))
        self.together.add(objects, known)

    def _add_cost(self, seen: Seen) -> None:
        for stage, seconds in seen.seconds.items():
            if stage in self.stages or len(self.stages) < _NAMES:
                self.stages.setdefault(stage, Spread()).add([seconds])
        self.seconds += sum(seen.seconds.values())
        self.memory_mb = np.fmax(self.memory_mb, seen.memory_mb)
        if seen.device:
            self.devices[seen.device] += 1
        self.bytes.update(seen.bytes)


def _measures(seen: Seen) -> np.ndarray:
    """Returns (6,) of one frame, as MEASURES; the box size is the mean of its logarithm."""
    objects = seen.objects
    side = np.log10(objects.side).mean() if len(objects.side) else np.nan
    return np.array([
        len(objects.category), side, _mean(objects.visible), _mean(objects.truncation),
        seen.brightness, seen.contrast,
    ])  # fmt: skip


def _mean(values: np.ndarray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
