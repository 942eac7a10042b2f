"""What merging costs: frames a second, proving, linking and folding apart; and memory.

python benchmarks/merge_speed.py [frames] [shards]

The frames are those of export_speed.py: 320x240, one frame under many numbers.
"""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from export_speed import made
from rich.console import Console
from rich.table import Table

from simgen.dataset import record_path
from simgen.fold import fold
from simgen.machine import memory_mb
from simgen.merge.merge import merge
from simgen.merge.source import Source
from simgen.merge.writers import writers_of


def shards_of(folder: Path, frames: int, count: int) -> list[Source]:
    """Returns a dataset as shards."""
    whole = made(folder / "whole", frames).folder
    parts = [folder / str(i) for i in range(count)]
    for i, part in enumerate(parts):
        shutil.copytree(whole, part, copy_function=os.link)
        for number in set(range(frames)) - set(range(i, frames, count)):
            (part / record_path(number)).unlink()
    return [Source.open(part) for part in parts]


def main() -> None:
    """Prints a table."""
    words = [int(word) for word in sys.argv[1:]]
    frames, count = (*words, *(2000, 10)[len(words) :])
    table = Table("what", "CPU-ms a frame", "frames a second")
    with TemporaryDirectory() as folder:
        sources = shards_of(Path(folder), frames, count)
        before, out = memory_mb(), Path(folder) / "out"
        for what in ("merged", "once more: proved and folded", "folded alone"):
            cpu, wall = process_time(), perf_counter()
            if what == "folded alone":
                fold(Source.open(out).dataset, writers_of(sources[0].config["writer"])[0])
            else:
                merge(sources, out)
            cpu, wall = process_time() - cpu, perf_counter() - wall
            table.add_row(what, f"{1000 * cpu / frames:.2f}", f"{frames / wall:.0f}")
    Console().print(table)
    Console().print(
        f"{frames} frames in {count} shards; memory grew by {memory_mb() - before:.0f} MB"
    )


if __name__ == "__main__":
    main()
