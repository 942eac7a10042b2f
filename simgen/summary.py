"""What a run did, for the screen."""

from collections import Counter
from dataclasses import dataclass, field

from simgen.credits import flags_told
from simgen.dataset import Dataset
from simgen.farm.failures import FOLDER
from simgen.farm.launcher import Failed, Made
from simgen.store import Place
from simgen.targets.reached import Reached
from simgen.targets.shown import Shown
from simgen.terminal import as_rows

_MOST_SHOWN = 10  # frames that failed


@dataclass(frozen=True)
class Summary:
    """Figures of one run.

    Attributes:
        frames_reused: of those asked for, the ones that were there already.
        frames_there: in the folder now, asked for or not; `instances` counts all of them.
        targets: by key, what the frames in the folder show of what was asked for.
        seconds: mean over the frames made, by stage; 'frame' is all of one.
        peak_memory_mb: of the process that took most.
        failed: numbers of the frames that could not be made and were skipped.
        flags: assets whose licence is non-commercial or unknown.
        shard: which of the run's frames were this command's; empty: all.
        folded: whether the annotations are of all frames that are there; else other runs, which
            were adding frames, do that.
    """

    folder: Place
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
    failed: tuple[int, ...] = ()
    flags: str = ""
    shard: str = ""
    folded: bool = True

    @property
    def exit_code(self) -> int:
        """What a shell is told: 0, or 3 where frames were skipped."""
        return 3 if self.failed else 0

    def text(self) -> str:
        """Returns it as a table."""
        return as_rows(self._rows())

    def _rows(self):
        yield "dataset", str(self.folder)
        if self.shard:
            yield "shard", self.shard
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
        if self.failed:
            yield "failed", _numbers(self.failed, f"{self.folder}/{FOLDER}")
        if not self.folded:
            yield "annotations", "left to the other runs that are adding frames to the folder"
        if self.flags:
            yield "licences", self.flags


@dataclass
class Tally:
    """Adds up what is reported of each frame; its size does not grow with them.

    Attributes:
        reused: frames that were there already.
        workers: how many make frames at the same time.
        wall_s: seconds that making the frames took.
    """

    reused: int
    workers: int
    wall_s: float = 0.0
    frames: int = 0
    seconds: Counter[str] = field(default_factory=Counter)
    devices: set[str] = field(default_factory=set)
    peak_memory_mb: float = 0.0

    def add(self, outcome: Made | Failed) -> None:
        """Counts one more frame, if it was made."""
        if isinstance(outcome, Failed):
            return
        self.frames += 1
        self.seconds.update(outcome.seconds)
        self.devices.add(outcome.device)
        self.peak_memory_mb = max(self.peak_memory_mb, outcome.peak_memory_mb)

    def summary(self, dataset: Dataset, reached: Reached, failed: tuple[int, ...]) -> Summary:
        """Returns the figures; `reached` adds up what the frames show."""
        return Summary(
            folder=dataset.folder,
            frames_made=self.frames,
            frames_reused=self.reused,
            frames_there=len(dataset.done()),
            instances=_instances(dataset, reached),
            targets=reached.lines(),
            seconds={name: total / self.frames for name, total in self.seconds.items()},
            frames_per_minute=60 * self.frames / self.wall_s if self.wall_s else 0.0,
            devices=tuple(sorted(self.devices)),
            workers=self.workers,
            peak_memory_mb=self.peak_memory_mb,
            failed=failed,
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


def _numbers(frames: tuple[int, ...], folder: str) -> str:
    shown = ", ".join(map(str, sorted(frames)[:_MOST_SHOWN]))
    more = f" and {len(frames) - _MOST_SHOWN} more" if len(frames) > _MOST_SHOWN else ""
    return f"{len(frames)}, skipped: {shown}{more}; why is in {folder}, the same command retries"


def _listed(values: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
