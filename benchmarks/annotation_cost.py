"""CPU-seconds and bytes of each writer's files for frames of the warehouse, 640x480.

python benchmarks/annotation_cost.py [frames]

The last line sums up those that are not written by default. Flow and disparity are without the
further pictures that they may ask for, each of which costs a render.
"""

import sys
from collections.abc import Callable
from importlib.resources import files
from statistics import mean
from time import process_time

import numpy as np
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from simgen.frame import Agreement, Frame, View
from simgen.proposal import propose
from simgen.recipe import Recipe
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.views import view_of

DEFAULT = ("images", "depth", "instance", "semantic", "coco")


def recipe() -> Recipe:
    """Returns the warehouse with every writer there is."""
    names = sorted(path.stem for path in (files("simgen.conf") / "writer").iterdir())
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=out", "seed=1", f"writer=[{','.join(names)}]"])
    return Recipe.from_config(OmegaConf.to_container(config, resolve=True))


def frame(made: Recipe, index: int) -> Frame:
    """Returns a frame with its truth, and noise in place of pictures."""
    spec = propose(lambda attempt: made.sample(index, attempt), made.accept, index)
    truth = raycast(spec)
    shape = (*truth.instance.shape, 3)
    image = np.random.default_rng(index).integers(0, 256, shape).astype(np.uint8)
    agreement = Agreement(1.0, 1.0, 1.0, 0.0, 0.0)
    views = {name: View(view_of(spec, name)) for name in made.views}
    labels = annotate(spec, truth)
    return Frame(index, spec, truth, labels, image, agreement, "none", views=views)


def seconds(action: Callable[[], object]) -> float:
    """Returns the least of three: what other work on the machine adds is left out."""
    times = []
    for _ in range(3):
        start = process_time()
        action()
        times.append(process_time() - start)
    return min(times)


def main() -> None:
    made = recipe()
    frames = [frame(made, index) for index in range(int(sys.argv[1]) if len(sys.argv) > 1 else 5)]
    table, extra = Table("writer", "CPU-seconds", "kB"), 0.0
    for name, writer in made.writers.items():
        took = mean(seconds(lambda f=f, w=writer: w.files(f, made.categories)) for f in frames)
        sizes = [sum(map(len, writer.files(f, made.categories).values())) for f in frames]
        table.add_row(name, f"{took:.3f}", f"{mean(sizes) / 1000:,.0f}")
        extra += took * (name not in DEFAULT)
    table.add_row("not by default", f"{extra:.3f}", "")
    Console().print(table)


if __name__ == "__main__":
    main()
