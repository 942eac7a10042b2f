"""The loop: which frames are missing, who makes them, and what to tell afterwards."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from signal import Signals
from time import perf_counter
from typing import Any

from simgen.card import Card, make_card
from simgen.datacard.write import write_data_card
from simgen.dataset import Dataset, finished
from simgen.errors import Interrupted, SimgenError
from simgen.frame import Frame
from simgen.machine import cores, free_memory_gb, versions
from simgen.progress import track
from simgen.recipe import Recipe, make_frame
from simgen.scratch import clear_stale
from simgen.stop import Stop
from simgen.summary import Summary, Tally
from simgen.targets.reached import Reached
from simgen.todo import Todo
from simgen.worker import Job
from simgen.workers import make_beside, make_here

_GB_PER_WORKER = 3.0  # Blender, a large scene and its textures
_CORES_PER_WORKER = 4  # Cycles uses this many about as well as as many processes would


def generate(
    config: Mapping[str, Any],
    build: Callable[[Mapping[str, Any]], Any] = Recipe.from_config,
    make: Callable[[Any, int], Frame] = make_frame,
) -> Summary:
    """Makes the frames of a run that are not there yet, and returns what was done.

    Args:
        config: as composed and resolved, in plain containers.
        build: makes the recipe, in each process anew; must be importable from there.
        make: makes one frame.

    Raises:
        SimgenError: something the user can mend; frames that were finished stay.
        Interrupted: by SIGINT or SIGTERM; the same call continues.
    """
    run = _Run.of(config)
    todo = sorted(set(run.wanted) - finished(run.out))
    reused = len(run.wanted) - len(todo)
    workers = min(run.workers, max(1, len(todo)))
    job = Job(_with_threads(config, max(1, cores() // workers)), run.out, build, make)
    tally, start = Tally(), perf_counter()
    with Stop() as stop:
        recipe = build(job.config)
        dataset = Dataset.open(run.out, _card(config, recipe), config)
        if workers == 1:
            made = make_here(job, recipe, iter(todo), stop)
        else:
            made = make_beside(job, Todo(todo, recipe.together), workers, stop)
        try:
            for frame in track(made, len(run.wanted), reused):
                tally.add(frame)
        finally:
            clear_stale(run.out)
        _require_all(stop, run, len(todo) - tally.frames)
        seconds = perf_counter() - start
        for writer in recipe.writers.values():
            writer.finish(dataset)
        write_data_card(dataset)
    reached = Reached(recipe.targets, recipe.categories)
    return tally.summary(dataset, reused, workers, seconds, reached)


@dataclass(frozen=True)
class _Run:
    """How a run is carried out, which changes no frame."""

    out: Path
    wanted: Collection[int]
    workers: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> "_Run":
        _whole(config, "seed", 0)
        workers = config["workers"]
        workers = _fitting() if workers == "auto" else _whole(config, "workers", 1, "auto or ")
        if not isinstance(config["out"], str) or not config["out"]:
            raise SimgenError(f"out={config['out']!r} must be the path of a folder")
        return cls(Path(config["out"]).expanduser(), _wanted(config), workers)


def _wanted(config: Mapping[str, Any]) -> Collection[int]:
    """Returns the numbers of the frames: the first so many, or those of a list."""
    frames = config["frames"]
    if not isinstance(frames, list):
        return range(_whole(config, "frames", 1, "[number, ...] or "))
    if not frames or not all(type(number) is int and number >= 0 for number in frames):
        raise SimgenError(f"frames={frames} must hold at least one number, none below 0")
    return set(frames)


def _whole(config: Mapping[str, Any], key: str, least: int, others: str = "") -> int:
    value = config[key]
    if type(value) is not int or value < least:
        raise SimgenError(f"{key}={value!r} must be {others}a whole number of at least {least}")
    return value


def _fitting() -> int:
    """Returns how many workers the cores and the memory left have room for."""
    return max(1, int(min(cores() / _CORES_PER_WORKER, free_memory_gb() / _GB_PER_WORKER)))


def _with_threads(config: Mapping[str, Any], threads: int) -> dict[str, Any]:
    """Returns the config with the renderer's threads set, where they were left to us (0)."""
    renderer = config["renderer"]
    if renderer.get("threads") == 0:
        renderer = {**renderer, "threads": threads}
    return {**config, "renderer": renderer}


def _card(config: Mapping[str, Any], recipe: Any) -> Card:
    made_with = {name: versions()[name] for name in ("simgen", "bpy") if name in versions()}
    if recipe.targets.reference:  # another file at the same path makes other frames
        digest = {"match_sha256": recipe.targets.reference.digest}
        config = {**config, "targets": {**config["targets"], **digest}}
    return make_card(config, recipe.categories, made_with, recipe.assets)


def _require_all(stop: Stop, run: _Run, missing: int) -> None:
    if stop.number and missing:
        whole = len(run.wanted)
        raise Interrupted(
            f"stopped by {Signals(stop.number).name} with {whole - missing} of {whole} "
            f"frames in {run.out}; run the same command again to continue",
            stop.number,
        )
