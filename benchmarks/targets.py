"""How close frames come to their targets, and what choosing them costs; nothing is rendered.

python benchmarks/targets.py 300 'targets.balance={pallet:1,stillage:1,forklift:1}'
python benchmarks/targets.py 200 scene=tabletop targets.match=instances.json

CPU-seconds of choosing a frame are those of all its proposals and its part of the pilot, less
those of one plain proposal, which every frame needs.
"""

import logging
import sys
from collections import Counter
from dataclasses import replace
from time import process_time

from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from simgen.recipe import Recipe
from simgen.targets.reached import Reached
from simgen.targets.shown import Shown
from simgen.targets.targets import Targets
from simgen.truth.raycast import raycast

STANDARD_S = 18  # of a frame of the warehouse, see README


class Dark:
    """Stands where a renderer does, and is never asked."""


def main(frames: int, *overrides: str) -> None:
    """Prints what the frames show and the CPU-seconds that it took to choose them."""
    recipe, counts = _recipe(*overrides), Counter()
    reached = Reached(recipe.targets, recipe.categories)
    seconds = 0.0
    for index in range(frames):
        start = process_time()
        spec = recipe.proposal(index)
        seconds += process_time() - start
        shown = Shown.of(spec, raycast(spec, amodal=recipe.targets.silhouettes))
        reached.add(shown)
        counts.update(shown.category)
    plain = _plain_seconds(recipe, min(frames, 30))
    table = Table("what", "figure")
    each = seconds / frames
    table.add_row("CPU-seconds to choose a frame", f"{each:.2f}, {plain:.2f} without targets")
    table.add_row(f"more, of {STANDARD_S} s", f"{(each - plain) / STANDARD_S:.1%}")
    for name in recipe.categories:
        table.add_row(name, str(counts[name]))
    for key, line in reached.lines().items():
        table.add_row(key, line)
    Console().print(table)


def _recipe(*overrides: str) -> Recipe:
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = OmegaConf.to_container(compose("config", ["out=out", *overrides]), resolve=True)
    return Recipe.from_config(config | {"renderer": {"_target_": f"{__name__}.Dark"}})


def _plain_seconds(recipe: Recipe, frames: int) -> float:
    """Returns what a frame's first accepted proposal costs without targets."""
    recipe = replace(recipe, targets=Targets())
    start = process_time()
    for index in range(frames):
        recipe.proposal(index)
    return (process_time() - start) / frames


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    main(int(sys.argv[1]), *sys.argv[2:])
