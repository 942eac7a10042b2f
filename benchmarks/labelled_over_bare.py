"""What labels cost: a whole labelled frame against a bare Cycles render of the same scene.

Both are made in turn, in one process: A is proposal, truth, render with id and depth passes, cross-
check, sensor, files on the disk; B builds the same scene in Blender and renders it with the same
settings, no extra pass, nothing read back or written.

    python benchmarks/labelled_over_bare.py [frames] [key=value ...]
"""

import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import bpy
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from simgen.blender import chatter
from simgen.blender.build import build
from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.exposure import make_frame
from simgen.recipe import Recipe


def bare_seconds(recipe: Recipe, spec) -> float:
    """Returns the wall time of building and rendering a spec, labels left out."""
    start = perf_counter()
    with chatter.silenced():
        recipe.renderer.configure(build(spec))
        bpy.ops.render.render()
    return perf_counter() - start


def labelled_seconds(recipe: Recipe, dataset: Dataset, index: int):
    """Returns the wall time of a frame from nothing to its record on the disk, and the frame."""
    start = perf_counter()
    frame = make_frame(recipe, index)
    dataset.commit(frame, recipe.writers.values())
    return perf_counter() - start, frame


def main(frames: int, overrides: list[str]) -> None:
    """Prints one line for each frame, then the medians and the ratio of the sums."""
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=unused", "seed=7", *overrides])
    config = OmegaConf.to_container(config, resolve=True)
    recipe = Recipe.from_config(config)
    make_frame(recipe, 10**6)  # warm up: imports, kernels, caches
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        card = make_card(config, recipe.categories, {})
        dataset = Dataset.open(Path(folder) / "data", card, config)
        for index in range(frames):
            labelled, frame = labelled_seconds(recipe, dataset, index)
            bare = bare_seconds(recipe, frame.spec)
            rows.append((labelled, bare))
            print(f"frame {index}: labelled {labelled:.2f} s, bare {bare:.2f} s", flush=True)
    labelled, bare = zip(*rows)
    print(
        f"median s: labelled {statistics.median(labelled):.2f}, bare {statistics.median(bare):.2f};"
        f" ratio of sums {sum(labelled) / sum(bare):.3f}"
    )


if __name__ == "__main__":
    numbers = [argument for argument in sys.argv[1:] if "=" not in argument]
    main(int(numbers[0]) if numbers else 8, [a for a in sys.argv[1:] if "=" in a])
