"""What frames take here: some are made twice, with few and with more samples.

They are made as the run makes them, by as many workers at once, in a folder of out= that is thrown
away.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from heapq import nsmallest
from statistics import median
from time import perf_counter
from typing import Any

from simgen.card import card_of
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.farm.budget import Costs
from simgen.farm.launcher import Failed, Job, Launcher, Made, Unfinished
from simgen.farm.remote import aside
from simgen.farm.todo import Todo
from simgen.frame import Frame
from simgen.progress import track
from simgen.scratch import explained, scratch
from simgen.stop import Stop
from simgen.store import Place, is_url

_EACH = 3  # frames that a worker makes, at most
# Seconds of a trial frame: without its scene, its scene, what its process does once, all.
_FEW, _MORE, _SCENE, _ONCE, _ALL = "few samples", "more samples", "scene", "once", "trial"


@dataclass(frozen=True)
class Pilot:
    """A trial of a run.

    Attributes:
        build, make: as `simgen.generate.generate` takes them.
        recipe: as built of the config.
        frames: numbers of those that the run will make.
    """

    launcher: Launcher
    build: Callable[[Mapping[str, Any]], Any]
    make: Callable[[Any, int], Unfinished]
    recipe: Any
    out: Place
    frames: Collection[int]
    stop: Stop

    def costs(self, config: Mapping[str, Any], few: int, more: int, seconds: float) -> Costs:
        """Returns what frames take, by the median of those that were made.

        Args:
            few, more: samples.
            seconds: after which no further frame is begun.

        Raises:
            SimgenError: none could be made, or somebody wants the run to stop.
        """
        at_once = self.launcher.size(len(self.frames))
        start, first_s, outcomes = perf_counter(), 0.0, []
        for outcome, waiting in self._outcomes(config, few, more, _EACH * at_once):
            taken = perf_counter() - start
            first_s = first_s or taken
            outcomes.append(outcome)
            if taken > seconds:
                waiting.close()
        return _costs(outcomes, few, more, first_s, at_once, self.launcher.overlaps)

    def _outcomes(
        self, config: Mapping[str, Any], few: int, more: int, count: int
    ) -> Iterator[tuple[Made | Failed, Todo]]:
        with self._aside() as folder:
            card = Dataset.open(folder, card_of(config, self.recipe), config).card
            frames = nsmallest(count, self.frames)
            waiting = Todo(frames, self.recipe.together)
            build, make = _BuildTwice(self.build, few, more), _MakeTwice(self.make)
            job = Job(dict(config), folder, card, build, make)
            outcomes = self.launcher.run(job, waiting, self.stop)
            for outcome in track(outcomes, len(waiting), 0, "trial frames"):
                yield outcome, waiting

    @contextmanager
    def _aside(self) -> Iterator[Place]:
        """Yields where the run's own disk, or store, is, so that writing takes as long as there."""
        with ExitStack() as stack:
            if is_url(self.out):
                yield stack.enter_context(aside(self.out))
            else:
                with explained(self.out, "trial frames"):
                    folder = stack.enter_context(scratch(self.out))
                yield folder


def with_samples(config: Mapping[str, Any], samples: int) -> dict[str, Any]:
    """Returns the config with another number of samples."""
    chosen = {group: {**config[group], "samples": samples} for group in ("quality", "renderer")}
    return {**config, **chosen}


@dataclass(frozen=True)
class _BuildTwice:
    """Builds a recipe for each number of samples."""

    build: Callable[[Mapping[str, Any]], Any]
    few: int
    more: int

    def __call__(self, config: Mapping[str, Any]) -> "_Twice":
        return _Twice(*(self.build(with_samples(config, n)) for n in (self.few, self.more)))


class _Twice:
    """Two recipes that differ in their samples; whatever else is asked of it, the second tells.

    Attributes:
        first: the frame with which a process begins, made once more than the others: it takes what
            is only to be done once.
    """

    def __init__(self, few: Any, more: Any):
        self.few, self.more = few, more
        self.first: _Timed | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.more, name)


@dataclass(frozen=True)
class _Timed:
    """A frame and its seconds: to choose its scene, to hand it to the renderer, and all else.

    Neither of the first two takes long for a scene that was made just before. Finishing is among
    the last, although a worker renders the next frame meanwhile: with all cores busy that gains
    little.
    """

    frame: Frame
    sample_s: float
    build_s: float
    rest_s: float

    @classmethod
    def of(cls, make: Callable[[Any, int], Unfinished], recipe: Any, index: int) -> "_Timed":
        start = perf_counter()
        frame = make(recipe, index).finished()
        sample_s, build_s = (frame.seconds.get(stage, 0.0) for stage in ("sample", "build"))
        return cls(frame, sample_s, build_s, perf_counter() - start - sample_s - build_s)


@dataclass(frozen=True)
class _MakeTwice:
    """Makes a frame with few samples, then with more, which is committed."""

    make: Callable[[Any, int], Unfinished]

    def __call__(self, recipes: _Twice, index: int) -> Frame:
        start, is_first = perf_counter(), recipes.first is None
        if is_first:
            recipes.first = _Timed.of(self.make, recipes.few, index)
        first = recipes.first
        few, more = (_Timed.of(self.make, each, index) for each in (recipes.few, recipes.more))
        build_s = first.build_s if is_first else max(few.build_s, more.build_s)
        chosen_together = recipes.together > 1
        sample_s = first.sample_s / recipes.together if chosen_together else few.sample_s
        trial = {
            _FEW: few.rest_s,
            _MORE: more.rest_s,
            _SCENE: build_s + sample_s,
            _ONCE: max(0.0, first.rest_s - few.rest_s) if is_first else 0.0,
            _ALL: perf_counter() - start,
        }
        return replace(more.frame, seconds=more.frame.seconds | trial)


def _costs(
    outcomes: Collection[Made | Failed],
    few: int,
    more: int,
    first_s: float,
    at_once: int,
    overlaps: bool,
) -> Costs:
    made = [outcome.seconds for outcome in outcomes if isinstance(outcome, Made)]
    failed = next((outcome for outcome in outcomes if isinstance(outcome, Failed)), None)
    if not made and failed and failed.is_bug:
        raise RuntimeError(failed.message)
    if not made:
        raise SimgenError(failed.message if failed else "no frame was made in the trial")
    each = [max(0.0, (s[_MORE] - s[_FEW]) / (more - few)) for s in made]
    fixed = [s[_FEW] - few * e + s[_SCENE] for s, e in zip(made, each)]
    commits = [s["commit"] for s in made]
    commit_s = median(commits) if overlaps else 0.0
    if not overlaps:
        fixed = [one + commit for one, commit in zip(fixed, commits)]
    start_s = max(0.0, first_s - made[0][_ALL] - commits[0] + made[0][_ONCE])
    return Costs(start_s, max(0.0, median(fixed)), median(each), at_once, commit_s)
