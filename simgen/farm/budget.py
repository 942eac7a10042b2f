"""How many frames, of how many samples, fill a given time: the arithmetic.

A frame costs a fixed time (scene, labels, files) and a time for each sample. Some are made at once,
by workers that take a while to start:

    seconds = start + ceil(frames / at once) * (fixed + samples * each sample)

Where a worker renders the next frame while it puts one on the disk, that time counts only if it is
the longer one, and at the end, when there is no other frame.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil, inf
from typing import Any

from simgen.asked import whole
from simgen.errors import SimgenError

_DURATION = re.compile(r"(?:([0-9.]+)h)?(?:([0-9.]+)m)?(?:([0-9.]+)s)?")


def seconds_of(budget: Any) -> float:
    """Returns the seconds of 90s, 30m, 2h or 1h30m.

    Raises:
        SimgenError: it is none of these.
    """
    found = _DURATION.fullmatch(str(budget))
    try:
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
    except (AttributeError, ValueError):
        hours = minutes = seconds = 0.0
    total = 3600 * hours + 60 * minutes + seconds
    if not 0 < total < inf:
        raise SimgenError(f"budget={budget} must be a time such as 90s, 30m, 2h or 1h30m")
    return total


def told(seconds: float) -> str:
    """Returns a duration as people say it, rounded up: 45s, 12m, 1h05m."""
    if seconds < 100:
        return f"{ceil(seconds)}s"
    minutes = ceil(seconds / 60)
    return f"{minutes}m" if minutes < 60 else f"{minutes // 60}h{minutes % 60:02}m"


@dataclass(frozen=True)
class Costs:
    """What frames take, in seconds.

    Attributes:
        start_s: until the workers' first frames begin.
        fixed_s, sample_s: of a frame, and of each of its samples.
        at_once: how many frames are made at the same time.
        commit_s: to put a frame on the disk, while the next one is rendered; 0: that is in fixed_s.
    """

    start_s: float
    fixed_s: float
    sample_s: float
    at_once: int = 1
    commit_s: float = 0.0

    def __post_init__(self):
        least = min(self.start_s, self.fixed_s, self.sample_s, self.commit_s)
        if not (least >= 0 and self.frame_s(1) > 0 and self.at_once >= 1):
            raise ValueError("what frames take is above 0")

    def told(self) -> str:
        """Returns what a frame takes."""
        workers = f", {self.at_once} at a time" if self.at_once > 1 else ""
        files = f", {self.commit_s:.2f} s for its files meanwhile" if self.commit_s else ""
        each = f"{self.fixed_s:.2f} s and {self.sample_s:.3f} s a sample"
        return f"a frame takes {each}{files}{workers}"

    def frame_s(self, samples: int) -> float:
        """Returns what one frame among others takes."""
        return max(self._render_s(samples), self.commit_s)

    def seconds(self, frames: int, samples: int) -> float:
        """Returns what so many frames take."""
        rounds = ceil(frames / self.at_once)
        return self.start_s + rounds * self.frame_s(samples) + self._end_s(samples)

    def frames_within(self, seconds: float, samples: int) -> int:
        """Returns how many frames, all workers busy to the end, can be made."""
        rounds = (seconds - self.start_s - self._end_s(samples)) / self.frame_s(samples)
        return max(0, int(rounds + 1e-9)) * self.at_once

    def samples_within(self, seconds: float, frames: int) -> float:
        """Returns how many samples so many frames can have; below 0, and inf, too."""
        left_s, rounds = seconds - self.start_s, ceil(frames / self.at_once)
        render_s = (left_s - self.commit_s) / rounds
        if render_s < self.commit_s:
            render_s = left_s - rounds * self.commit_s
        return (render_s - self.fixed_s) / self.sample_s if self.sample_s > 0 else inf

    def _render_s(self, samples: int) -> float:
        return self.fixed_s + samples * self.sample_s

    def _end_s(self, samples: int) -> float:
        """Returns the seconds at the two ends in which a worker renders, or commits, alone."""
        return min(self._render_s(samples), self.commit_s)


@dataclass(frozen=True)
class Bounds:
    """Samples that may be chosen: from `least` to `most`; `good` where frames are chosen too."""

    least: int
    good: int
    most: int

    @classmethod
    def of(cls, quality: Mapping[str, Any]) -> "Bounds":
        """Returns those of a config's group; raises SimgenError where they cannot be."""
        for name in ("samples_min", "samples", "samples_max"):
            whole(quality, name, 1, where="quality.")
        least, good, most = (quality[n] for n in ("samples_min", "samples", "samples_max"))
        if not least <= good <= most:
            raise SimgenError(
                f"quality.samples={good} must lie between samples_min={least} and "
                f"samples_max={most}"
            )
        return cls(least, good, most)

    @property
    def only(self) -> int | None:
        """The one number that may be chosen; None where there are several."""
        return self.least if self.least == self.most else None


@dataclass(frozen=True)
class Choice:
    """What fills the budget."""

    samples: int
    frames: int


def choose(
    costs: Costs, spent_s: float, budget_s: float, bounds: Bounds, frames: int | None
) -> Choice:
    """Returns the Choice that fills what the trial has left of a budget.

    Of so many frames each has as many samples as fit. Where `frames` is None, each has
    `bounds.good` samples, and as many are made as fit.

    Raises:
        SimgenError: not even the least fits; says how much would do.
    """
    left_s = budget_s - spent_s
    samples = bounds.good if frames is None else bounds.least
    count = frames or costs.at_once
    least_s = spent_s + costs.seconds(count, samples)
    if least_s > budget_s:
        raise SimgenError(
            f"budget={told(budget_s)} is too small: the trial took {told(spent_s)}, and {count} "
            f"frame{'s' * (count > 1)} of {samples} samples {told(least_s - spent_s)}; give "
            f"budget={told(1.05 * least_s)}" + (", or fewer frames" if frames else "")
        )
    if frames is None:
        return Choice(samples, costs.frames_within(left_s, samples))
    fitting = min(bounds.most, costs.samples_within(left_s, frames) + 1e-9)
    return Choice(int(fitting), frames)
