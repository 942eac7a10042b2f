"""Whether frames get slower, or their process larger, the more of them one worker has made.

python benchmarks/flatness.py [frames] [before] [override ...]

One worker makes tiny frames, 2,000 if not said otherwise, each of another scene. The slope of its
memory is Theil and Sen's over medians of ten frames, the first half left out: what is kept of the
last 512 shapes (meshes, rays' trees, hulls) is full only then. Its 95 % bounds are from a bootstrap
of stretches of neighbours. Then that worker and a younger one, which has made 500 frames, or
`before`, make the same 300 frames in turn, whoever begins changing, so that the machine's pace is
the same for both. They show ten scenes again and again, whose shapes both have kept. Growth is the
median of the ratios over the frames that lie between the workers, its bounds from a bootstrap of
the pairs; stages tell where it is. The exit code is 0 where the upper bounds keep the aims, 1 where
a lower one breaks them, 2 where more frames are needed to tell.
"""

import logging
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.progress import track
from rich.table import Table

from simgen.card import card_of
from simgen.dataset import Dataset
from simgen.exposure import make_frame
from simgen.farm.launcher import Failed, Job, Made
from simgen.farm.process import Process
from simgen.frame import Frame
from simgen.recipe import Recipe

TINY = (
    "scene=tabletop", "resolution=[64,48]", "quality=preview", "renderer.samples=1",
    "min_agreement=0.99",  # of few pixels many are edges
)  # fmt: skip
LEFT_OUT = 1 / 2  # share of the run, for memory
MEDIANS, STRETCH, RESAMPLES = 10, 5, 2000  # frames in a median, medians in a stretch
FAR, AGAIN = 1_000_000, 10  # the first frame that both make; the scenes that these frames show
PAIRS, WARM = 300, 20  # frames that both make in turn; that they make before
MOST_PERCENT, MOST_MB = 1.0, 5.0  # growth in 1,000 frames


class Worker:
    """A worker process as a run has them, which makes one frame after the other."""

    def __init__(self, folder: Path, overrides: list[str]):
        words = [*TINY, *overrides, f"out={folder}"]
        with initialize_config_module("simgen.conf", version_base="1.3"):
            config = OmegaConf.to_container(compose("config", words), resolve=True)
        card = card_of(config, Recipe.from_config(config))
        Dataset.open(folder, card, config)
        self._process = Process(Job(config, folder, card, Recipe.from_config, noted))

    def make(self, frame: int) -> dict[str, float]:
        """Returns seconds of the clock, of the processors and by stage, and the megabytes it holds
        then."""
        start = perf_counter()
        self._process.give(frame, suspect=False)
        while not isinstance(reply := self._process.pipe.recv(), Made | Failed):
            if not isinstance(reply, logging.LogRecord):
                self._process.hear(reply)
        self._process.hear(reply)
        if isinstance(reply, Failed):
            sys.exit(reply.message)
        return {**reply.seconds, "clock": perf_counter() - start, "memory_mb": reply.memory_mb}

    def end(self) -> None:
        self._process.end()


def noted(recipe: Recipe, index: int) -> Frame:
    """Makes the frame and notes the processors' seconds; runs in the worker."""
    start = process_time()
    frame = make_frame(recipe, index if index < FAR else FAR + index % AGAIN)
    seconds = {**frame.seconds, "cpu": process_time() - start}
    return replace(frame, index=index, seconds=seconds)


def in_turn(old: Worker, young: Worker) -> dict[str, np.ndarray]:
    """Returns (PAIRS,) of each kind of seconds: 100 times the logarithm of what the old one took
    over what the young one did."""
    pairs = []
    for number in track(range(WARM + PAIRS), "old and young in turn", transient=True):
        order = (old, young) if number % 2 else (young, old)
        took = {worker: worker.make(FAR + number) for worker in order}
        pairs.append((took[old], took[young]))
    pairs = pairs[WARM:]
    return {what: 100 * np.log([a[what] / b[what] for a, b in pairs]) for what in pairs[0][0]}


def paired(ratios: np.ndarray, frames: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """Returns the growth in 1,000 frames, and its 95 % bounds."""
    drawn = np.median(rng.choice(ratios, (RESAMPLES, len(ratios))), axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return tuple(1000 / frames * float(value) for value in (np.median(ratios), low, high))


def sloped(sizes: np.ndarray, rng: np.random.Generator) -> tuple[float, float, float]:
    """Returns the growth in 1,000 frames, and its 95 % bounds."""
    whole = sizes[len(sizes) % MEDIANS :].reshape(-1, MEDIANS)
    points = np.column_stack([MEDIANS * np.arange(len(whole)), np.median(whole, axis=1)])
    starts, count = np.arange(len(points) - STRETCH + 1), -(-len(points) // STRETCH)
    drawn = []
    for _ in range(RESAMPLES):
        chosen = rng.choice(starts, count)[:, None] + np.arange(STRETCH)
        drawn.append(slope(points[chosen.ravel()]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return slope(points), float(low), float(high)


def slope(points: np.ndarray) -> float:
    """Returns the median of the slopes between all pairs of points, for 1,000 frames."""
    first, second = np.array(list(combinations(range(len(points)), 2))).T
    run, rise = (points[second] - points[first]).T
    return 1000 * float(np.median(rise[run != 0] / run[run != 0]))


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    frames, before = (numbers + [2000, 500][len(numbers) :])[:2]
    if frames < before + 200:
        sys.exit(f"flatness: at least {before + 200} frames are needed, 200 more than before")
    overrides = [word for word in sys.argv[1:] if not word.isdigit()]
    with TemporaryDirectory(prefix="flatness-") as folder:
        old, young = (Worker(Path(folder, name), overrides) for name in ("old", "young"))
        made = [old.make(i) for i in track(range(frames), "frames", transient=True)]
        for i in track(range(before), "frames of the young one", transient=True):
            young.make(i)
        ratios = in_turn(old, young)
        old.end()
        young.end()
    tell(made, ratios, frames - before)


def tell(made: list[dict[str, float]], ratios: dict[str, np.ndarray], apart: int) -> None:
    """Prints the table and exits with its verdict."""
    rng = np.random.default_rng(0)
    sizes = np.array([one["memory_mb"] for one in made])
    aims = {"clock": ("seconds, %", MOST_PERCENT), "cpu": ("CPU-seconds, %", MOST_PERCENT)}
    table, codes = Table("", "in 1,000 frames", "95 % bounds", "aim", "verdict"), []

    def add(name: str, growth: float, low: float, high: float, most: float | None) -> None:
        cells = [name, f"{growth:+.2f}", f"{low:+.2f} to {high:+.2f}"]
        if most is not None:
            codes.append(1 if low > most else 2 if high > most else 0)
            cells += [f"at most {most:g}", ("kept", "broken", "too few frames")[codes[-1]]]
        table.add_row(*cells)

    for what, (name, most) in aims.items():
        add(name, *paired(ratios[what], apart, rng), most)
    add("memory, MB", *sloped(sizes[int(LEFT_OUT * len(sizes)) :], rng), MOST_MB)
    for what in sorted(ratios.keys() - aims.keys() - {"memory_mb", "frame"}):
        add(f"of it: {what}, %", *paired(ratios[what], apart, rng), None)
    spent = np.median([one["cpu"] for one in made])
    table.caption = f"{len(made)} frames, {spent:.2f} CPU-seconds each; {sizes[-1]:.0f} MB at last"
    Console().print(table)
    sys.exit(1 if 1 in codes else max(codes))


if __name__ == "__main__":
    main()
