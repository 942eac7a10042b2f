"""CPU-seconds and bytes of each writer's files for frames of the warehouse, 640x480.

python benchmarks/annotation_cost.py [frames]

Writers that need a further view of the scene (the next instant, a second camera) are left out: most
of their cost is that view's picture.
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

from simgen.frame import Agreement, Frame
from simgen.proposal import propose
from simgen.recipe import Recipe
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast


def recipe() -> Recipe:
    """Returns the warehouse with every writer there is."""
    names = sorted(path.stem for path in (files("simgen.conf") / "writer").iterdir())
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=out", "seed=1", f"writer=[{','.join(names)}]"])
    return Recipe.from_config(OmegaConf.to_container(config, resolve=True))


def frame(made: Recipe, index: int) -> Frame:
    """Returns a frame with its truth, and noise in place of a picture."""
    spec = propose(lambda attempt: made.sample(index, attempt), made.accept, index)
    truth = raycast(spec)
    shape = (*truth.instance.shape, 3)
    image = np.random.default_rng(index).integers(0, 256, shape).astype(np.uint8)
    agreement = Agreement(1.0, 1.0, 1.0, 0.0, 0.0)
    return Frame(index, spec, truth, annotate(spec, truth), image, agreement, "none")


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
    table = Table("writer", "CPU-seconds", "kB")
    for name, writer in made.writers.items():
        if getattr(writer, "views", None):
            continue
        took = mean(seconds(lambda f=f, w=writer: w.files(f, made.categories)) for f in frames)
        sizes = [sum(map(len, writer.files(f, made.categories).values())) for f in frames]
        table.add_row(name, f"{took:.3f}", f"{mean(sizes) / 1000:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
