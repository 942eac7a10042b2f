"""What a run did, for the screen."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from simgen.credits import flags_told
from simgen.dataset import Dataset
from simgen.targets.reached import Reached
from simgen.targets.shown import Shown
from simgen.terminal import as_rows
from simgen.worker import Made


@dataclass(frozen=True)
class Summary:
    """Figures of one run.

    Attributes:
        frames_reused: of those asked for, the ones that were there already.
        frames_there: in the folder now, asked for or not; `instances` counts all of them.
        targets: by key, what the frames in the folder show of what was asked for.
        seconds: mean over the frames made, by stage; 'frame' is all of one.
        peak_memory_mb: of the process that took most.
        flags: assets whose licence is non-commercial or unknown.
    """

    folder: Path
    frames_made: int
    frames_reused: int
    frames_there: int
    instances: dict[str, int]
    targets: dict[str, str]
    seconds: dict[str, float]
    frames_per_minute: float
    devices: tuple[str, ...]
    workers: int
    peak_memory_mb: float
    flags: str = ""

    def text(self) -> str:
        """Returns it as a table."""
        return as_rows(self._rows())

    def _rows(self):
        yield "dataset", str(self.folder)
        frames = f"{self.frames_made} made, {self.frames_reused} there already"
        yield "frames", f"{frames}, {self.frames_there} in the folder"
        yield "instances", _listed({name: str(n) for name, n in self.instances.items()})
        yield from self.targets.items()
        if self.frames_made:
            stages = {name: f"{s:.2f}" for name, s in self.seconds.items() if name != "frame"}
            yield "seconds", f"{self.seconds['frame']:.2f} a frame: {_listed(stages)}"
            workers = f"{self.workers} worker{'s' * (self.workers > 1)}"
            yield "speed", f"{self.frames_per_minute:.1f} frames/min with {workers}"
            yield "rendered on", ", ".join(self.devices)
            yield "peak memory", f"{self.peak_memory_mb:.0f} MB a process"
        if self.flags:
            yield "licences", self.flags


@dataclass
class Tally:
    """Adds up what is reported of each frame; its size does not grow with them."""

    frames: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    devices: set[str] = field(default_factory=set)
    peak_memory_mb: float = 0.0

    def add(self, made: Made) -> None:
        """Counts one more frame."""
        self.frames += 1
        self.seconds.update(made.seconds)
        self.devices.add(made.device)
        self.peak_memory_mb = max(self.peak_memory_mb, made.peak_memory_mb)

    def summary(
        self, dataset: Dataset, reused: int, workers: int, seconds: float, reached: Reached
    ) -> Summary:
        """Returns the figures of a run that took `seconds`; `reached` adds up what frames show."""
        return Summary(
            folder=dataset.folder,
            frames_made=self.frames,
            frames_reused=reused,
            frames_there=len(dataset.done()),
            instances=_instances(dataset, reached),
            targets=reached.lines(),
            seconds={name: total / self.frames for name, total in self.seconds.items()},
            frames_per_minute=60 * self.frames / seconds,
            devices=tuple(sorted(self.devices)),
            workers=workers,
            peak_memory_mb=self.peak_memory_mb,
            flags=flags_told(dataset.card.assets),
        )


def _instances(dataset: Dataset, reached: Reached) -> dict[str, int]:
    counts = dict.fromkeys(dataset.categories, 0)
    for record in dataset.records():
        camera = record.spec.camera
        reached.add(Shown.labels((camera.width, camera.height), record.labels))
        for label in record.labels:
            counts[label.category] += 1
    return counts


def _listed(values: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
