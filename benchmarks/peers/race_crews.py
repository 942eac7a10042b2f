"""Frames a minute with all cores at work: by one process with a thread for each core, and by a crew
of processes with one core each."""

import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from in_turn import Racer

Command = Callable[[Path], tuple[Any, ...]]


class Crew:
    """Racers alike, which share the frames evenly.

    Args:
        command: what starts one that has a folder with the scene to itself.
        scene: the folder that is copied for each.
        split: one for each core, pinned to it; else one for all cores.
    """

    def __init__(self, command: Command, scene: Path, home: Path, split: bool):
        shutil.rmtree(home, ignore_errors=True)  # what is there already might be faster to make
        cores = sorted(os.sched_getaffinity(0)) if split else [None]
        own = [_copied(scene, home / str(core)) for core in cores]
        self._racers = [Racer(command(f), f / "racer.log", core) for f, core in zip(own, cores)]
        self._all(lambda racer: racer.ask(frames=[0], samples=1))  # warm up

    def seconds(self, frames: Iterable[int], samples: int) -> float:
        """Returns the wall clock's seconds from the first frame's start to the last one's end."""
        start, frames, crew = perf_counter(), list(frames), len(self._racers)
        shares = {racer: frames[place::crew] for place, racer in enumerate(self._racers)}
        self._all(lambda racer: racer.ask(frames=shares[racer], samples=samples))
        return perf_counter() - start

    def end(self) -> None:
        for racer in self._racers:
            racer.end()

    def _all(self, work: Callable[[Racer], Any]) -> None:
        with ThreadPoolExecutor(len(self._racers)) as pool:
            list(pool.map(work, self._racers))


def _copied(folder: Path, to: Path) -> Path:
    """Returns a folder with the scene, since a racer writes beside it."""
    to.mkdir(parents=True)
    shutil.copy(folder / "frames.json", to)
    shutil.copytree(folder / "meshes", to / "meshes")
    return to


def rounds(crews: dict[str, Crew], log: Path, count: int, frames: int, samples: int) -> None:
    """Has each crew in turn make the same frames, who begins changing from round to round."""
    done = {(line["samples"], line["round"]) for line in _lines(log)}
    for number in range(count):
        if (samples, number) in done:
            continue
        names = list(crews)
        order = names[number % len(names) :] + names[: number % len(names)]
        batch = range(number * frames, (number + 1) * frames)
        taken = {name: crews[name].seconds(batch, samples) / frames for name in order}
        with log.open("a") as lines:
            print(json.dumps({"samples": samples, "round": number, "taken": taken}), file=lines)
        print(f"{samples} samples, crews, round {number}: " + _told(taken), flush=True)


def tables(log: Path, bare: str) -> Iterator[str]:
    """Yields a table for each number of samples; ratios are of sums over the same frames."""
    for samples in sorted({line["samples"] for line in _lines(log)}):
        took = [line["taken"] for line in _lines(log) if line["samples"] == samples]
        yield "\n".join(_table(samples, took, bare))


def _table(samples: int, took: list[dict[str, float]], bare: str) -> Iterator[str]:
    yield f"| {samples} samples, all cores at work | frames a minute | s a frame over: {bare} |"
    yield "|---" * 3 + "|"
    loop = sum(taken[bare] for taken in took)
    for name in sorted(took[0]):
        own = [taken[name] for taken in took]
        yield f"| {name} | {60 / median(own):.1f} | {sum(own) / loop:.2f} |"


def _lines(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []


def _told(taken: dict[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.2f}" for name, seconds in taken.items())
