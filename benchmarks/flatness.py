"""Whether frames get slower, or their processes larger, the more of them one worker has made.

python benchmarks/flatness.py [frames] [override ...]

One worker makes 3,000 tiny frames. Every other one shows one of ten scenes again, so that its
seconds can be held against its own before; the rest are ever new ones, so that what is kept of each
shows in the memory. Seconds are over those of a fixed piece of work before each frame, which tell
how fast the machine is just then. The slopes are Theil and Sen's over medians of ten frames, the
first third of the run left out: what is kept of the last 512 shapes (meshes, rays' trees, normals)
is full only then. Their 95 % bounds are from a bootstrap of stretches of neighbours. The exit code
is 0 where the upper bounds keep the aims, 1 where a lower one breaks them, 2 where more frames are
needed to tell.
"""

import os
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
from rich.table import Table

from simgen.frame import Frame
from simgen.generate import generate
from simgen.recipe import Recipe, make_frame

TINY = ("scene=tabletop", "resolution=[64,48]", "quality=preview", "renderer.samples=1")
LOG = "FLATNESS_LOG"  # in the environment: where the worker notes what it sees
AGAIN, FAR = 10, 1_000_000  # scenes that come again and again, and the first one's number
WARM = 1 / 3  # share of the run that is left out
MEDIANS, STRETCH, RESAMPLES = 10, 5, 2000  # frames in a median, medians in a stretch
MOST_PERCENT, MOST_MB = 1.0, 5.0  # growth in 1,000 frames
SORTED = np.random.default_rng(0).random(150_000)  # 10 ms, and no memory that is not there
SORTING = SORTED.copy()
PACE = 10  # frames to each side whose pieces of fixed work tell the machine's pace
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


def noted(recipe: Recipe, index: int) -> Frame:
    """Notes clocks and memory, then makes the frame; runs in the worker."""
    sizes = (resident_mb(os.getpid()), resident_mb(os.getppid()))
    clocks = perf_counter(), process_time()
    SORTING[:] = SORTED
    SORTING.sort()
    fixed = perf_counter() - clocks[0], process_time() - clocks[1]
    with open(os.environ[LOG], "a") as log:
        print(index, *clocks, *sizes, *fixed, file=log)
    return replace(make_frame(recipe, shown(index)), index=index)


def shown(index: int) -> int:
    """Returns the number of the scene that a frame shows."""
    return index if index % 2 else FAR + index // 2 % AGAIN


def resident_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB


def run(frames: int, overrides: list[str]) -> np.ndarray:
    """Returns (frames, 7): number, wall clock, CPU clock, MB of the worker, of the parent, wall and
    CPU seconds of the fixed work."""
    with TemporaryDirectory(prefix="flatness-") as folder:
        os.environ[LOG] = f"{folder}/log"
        words = [*TINY, *overrides, f"out={folder}/out", f"frames={frames}", "workers=1"]
        with initialize_config_module("simgen.conf", version_base="1.3"):
            config = OmegaConf.to_container(compose("config", words), resolve=True)
        generate(config, make=noted)
        return np.loadtxt(os.environ[LOG])


def percent(rows: np.ndarray, clock: int) -> np.ndarray:
    """Returns (n, 2): number, and how much longer than its scene's median a frame took (100 times
    the logarithm) at the machine's pace, of the frames that come again."""
    fixed = rows[:, clock + 4]
    own = np.log(np.diff(rows[:, clock]) - fixed[:-1]) - np.log(_smooth(fixed)[:-1])
    spent = np.column_stack([rows[:-1, 0], 100 * own])
    spent = spent[spent[:, 0] % 2 == 0]
    scene = spent[:, 0] // 2 % AGAIN
    for one in range(AGAIN):
        spent[scene == one, 1] -= np.median(spent[scene == one, 1])
    return spent


def _smooth(values: np.ndarray) -> np.ndarray:
    """Returns the median of each one's neighbourhood."""
    around = np.pad(values, PACE, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(around, 2 * PACE + 1), axis=1)


def medians(points: np.ndarray) -> np.ndarray:
    """Returns (m, 2): the points in runs of MEDIANS, each run's median."""
    whole = len(points) - len(points) % MEDIANS
    return np.median(points[len(points) - whole :].reshape(-1, MEDIANS, 2), axis=1)


def slope(points: np.ndarray) -> float:
    """Returns the median of the slopes between all pairs of points, for 1,000 frames."""
    first, second = np.array(list(combinations(range(len(points)), 2))).T
    run, rise = (points[second] - points[first]).T
    return 1000 * float(np.median(rise[run != 0] / run[run != 0]))


def bounds(points: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Returns the 95 % bounds of the slope."""
    starts = np.arange(len(points) - STRETCH + 1)
    count = -(-len(points) // STRETCH)
    slopes = []
    for _ in range(RESAMPLES):
        chosen = rng.choice(starts, count)[:, None] + np.arange(STRETCH)
        slopes.append(slope(points[chosen.ravel()]))
    low, high = np.quantile(slopes, (0.025, 0.975))
    return float(low), float(high)


def main() -> None:
    frames = next((int(word) for word in sys.argv[1:] if word.isdigit()), 3000)
    if frames < 200:
        sys.exit("flatness: at least 200 frames are needed")
    rows = run(frames, [word for word in sys.argv[1:] if not word.isdigit()])
    kept = rows[int(WARM * len(rows)) :]
    series = (
        ("seconds, %", percent(kept, 1), MOST_PERCENT),
        ("CPU-seconds, %", percent(kept, 2), MOST_PERCENT),
        ("worker, MB", kept[:, [0, 3]], MOST_MB),
        ("parent, MB", kept[:, [0, 4]], MOST_MB),
    )
    table = Table("", "in 1,000 frames", "95 % bounds", "aim", "verdict")
    codes, rng = [], np.random.default_rng(0)
    for name, points, most in series:
        points = medians(points)
        low, high = bounds(points, rng)
        codes.append(1 if low > most else 2 if high > most else 0)
        said = ("kept", "broken", "too few frames")[codes[-1]]
        cells = (f"{slope(points):+.2f}", f"{low:+.2f} to {high:+.2f}", f"at most {most:g}")
        table.add_row(name, *cells, said)
    spent = np.median(np.diff(rows[:, 2]))
    table.caption = f"{frames} frames, {spent:.2f} CPU-seconds each; {rows[-1, 3]:.0f} MB at last"
    Console().print(table)
    sys.exit(1 if 1 in codes else max(codes))


if __name__ == "__main__":
    main()
