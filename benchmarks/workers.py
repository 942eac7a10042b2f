"""One process with a thread for each core, against as many processes with one thread each.

Both make the same frames in turn; what a process costs to start is left out, by the difference of a
long and a short run.

    python benchmarks/workers.py [rounds] [frames] [key=value ...]
"""

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from simgen.machine import cores

SMALL = ("scene=tabletop", "scene.count=40", "resolution=[320,240]", "quality.samples=8")


def run(workers: int, frames: int, overrides: list[str]) -> tuple[float, float]:
    """Returns seconds of the wall clock and of the processors for a whole run."""
    with tempfile.TemporaryDirectory() as folder:
        settings = [f"workers={workers}", f"frames={frames}", f"out={Path(folder) / 'data'}"]
        before, start = os.times(), perf_counter()
        command = [sys.executable, "-m", "simgen", *(overrides or SMALL), *settings]
        subprocess.run(command, check=True, capture_output=True)
        wall, after = perf_counter() - start, os.times()
    used = after.children_user + after.children_system
    return wall, used - before.children_user - before.children_system


def main(rounds: int, frames: int, overrides: list[str]) -> None:
    """Prints a line for each round, then medians."""
    count = cores()
    taken: dict[int, list[tuple[float, float]]] = {1: [], count: []}
    for _ in range(rounds):
        for workers, rows in taken.items():
            short, long = (run(workers, n, overrides) for n in (count, count + frames))
            wall, used = ((b - a) / frames for a, b in zip(short, long))
            rows.append((wall, used))
            print(f"workers={workers}: {wall:.2f} s a frame, {used:.2f} CPU-seconds", flush=True)
    for workers, rows in taken.items():
        wall, used = (statistics.median(column) for column in zip(*rows))
        print(f"median, workers={workers}: {wall:.2f} s a frame, {used:.2f} CPU-seconds")


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[1:] if "=" not in argument]
    main(*(numbers + [3, 24][len(numbers) :]), [a for a in sys.argv[1:] if "=" in a])
