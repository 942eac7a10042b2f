"""The loop: which frames are missing, who makes them, and what to tell afterwards."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from signal import Signals
from time import perf_counter
from typing import Any

from simgen.asked import frames_of, out_of, whole
from simgen.build import build as built
from simgen.card import card_of
from simgen.dataset import Dataset
from simgen.errors import Interrupted
from simgen.exposure import expose
from simgen.farm.claim import Claim
from simgen.farm.failures import Failures
from simgen.farm.launcher import Failed, Job, Launcher, Unfinished
from simgen.farm.shard import Shard
from simgen.farm.spend import spent
from simgen.farm.todo import Todo
from simgen.fold import fold
from simgen.progress import track
from simgen.recipe import Recipe
from simgen.stop import Stop
from simgen.store import Place, store_at
from simgen.summary import Summary, Tally
from simgen.targets.reached import Reached


def generate(
    config: Mapping[str, Any],
    build: Callable[[Mapping[str, Any]], Any] = Recipe.from_config,
    make: Callable[[Any, int], Unfinished] = expose,
) -> Summary:
    """Makes the frames of a run that are not there yet, and returns what was done.

    Args:
        config: as composed and resolved, in plain containers.
        build: makes the recipe, in each process anew; must be importable from there.
        make: makes one frame, as far as that takes the renderer.

    Raises:
        SimgenError: something the user can mend; frames that were finished stay.
        Interrupted: by SIGINT or SIGTERM; the same call continues.
    """
    with Stop() as stop:
        config = spent(config, build, make, stop)
        run = Run.of(config)
        recipe = build(config)
        dataset = Dataset.open(run.out, card_of(config, recipe), config)
        run = replace(run, wanted=run.shard.frames(run.wanted, recipe.together))
        todo = Todo(sorted(set(run.wanted) - dataset.done()), recipe.together)
        missing = len(todo)
        tally = Tally(len(run.wanted) - missing, run.launcher.size(missing))
        job = Job(dict(config), run.out, dataset.card, build, make)
        _make(run, Claim(dataset), job, todo, tally, stop)
        run.failures.require_hope()
        _require_all(stop, run, missing - tally.frames - len(run.failures.frames))
        folded = fold(dataset, recipe.writers.values())
    run.failures.forget(dataset.done())
    reached = Reached(recipe.targets, recipe.categories)
    return replace(
        tally.summary(dataset, reached, tuple(run.failures.frames)),
        shard=run.shard.told(len(run.wanted), recipe.together),
        folded=folded,
    )


@dataclass(frozen=True)
class Run:
    """How a run is carried out, which changes no frame."""

    out: Place
    wanted: Collection[int]
    shard: Shard
    launcher: Launcher
    failures: Failures

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "Run":
        whole(config, "seed", 0)
        shard = Shard.of(config["shard"])
        launcher = built(config["launcher"], "launcher")
        out = out_of(config)
        store_at(out)  # says whether it can be none
        return cls(out, frames_of(config), shard, launcher, Failures(out, config["on_error"]))


def _make(run: Run, claim: Claim, job: Job, todo: Todo, tally: Tally, stop: Stop) -> None:
    """Has the frames made that wait, until one fails that ends the run."""
    start = perf_counter()
    try:
        for outcome in track(run.launcher.run(job, todo, stop), len(run.wanted), tally.reused):
            if isinstance(outcome, Failed):
                claim.require_ours()  # before it is noted in a folder that is not
            tally.add(outcome)
            run.failures.note(outcome)
            if run.failures.is_fatal:
                todo.close()
    finally:
        tally.wall_s = perf_counter() - start
        store_at(run.out).clear()


def _require_all(stop: Stop, run: Run, missing: int) -> None:
    if stop.number and missing:
        whole, of = len(run.wanted), f" of shard {run.shard}" if run.shard.count > 1 else ""
        raise Interrupted(
            f"stopped by {Signals(stop.number).name} with {whole - missing} of {whole} "
            f"frames{of} in {run.out}; run the same command again to continue",
            stop.number,
        )
