"""CPU-seconds of a frame where each scene is shown once, and where it is shown several times.

python benchmarks/views.py [frames [views]] [override ...]

Both are made in turn, one scene's frames at a time, in one process that is warm. 'scene' is what
leads to an accepted proposal, physics and cameras; 'render' is Blender's scene and Cycles; pictures
are neither developed nor written.
"""

import sys
from collections import Counter
from time import process_time

from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from simgen.recipe import Recipe
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast

SCENES = ("warehouse", "bin", "conveyor")
STAGES = ("scene", "labels", "render")


def recipe(*overrides: str) -> Recipe:
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=out", "quality=preview", *overrides])
    return Recipe.from_config(OmegaConf.to_container(config, resolve=True))


def stages(made: Recipe, index: int) -> Counter:
    """Returns the CPU-seconds of one frame, by stage."""
    ends = [process_time()]
    spec = made.proposal(index)
    ends.append(process_time())
    annotate(spec, raycast(spec))
    ends.append(process_time())
    made.renderer.render(spec)
    ends.append(process_time())
    return Counter({name: b - a for name, a, b in zip(STAGES, ends, ends[1:])})


def compared(scene: str, frames: int, views: int, overrides: list[str]) -> dict[int, Counter]:
    """Returns the CPU-seconds of all frames by stage, by the number of views."""
    made = {n: recipe(f"scene={scene}", f"views={n}", *overrides) for n in (1, views)}
    spent = {n: Counter() for n in made}
    stages(made[1], 10**6)
    for start in range(0, frames, views):
        for n, each in made.items():
            for index in range(start, start + views):
                spent[n] += stages(each, index)
    return spent


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    overrides = [word for word in sys.argv[1:] if not word.isdigit()]
    frames, views = (*numbers, *(16, 4)[len(numbers) :])
    frames -= frames % views
    table = Table("scene=", "views=", *STAGES, "CPU-seconds a frame", "of one view")
    for scene in SCENES:
        spent = compared(scene, frames, views, overrides)
        for count, each in spent.items():
            cells = [each[stage] / frames for stage in STAGES] + [each.total() / frames]
            share = each.total() / spent[1].total()
            table.add_row(scene, str(count), *(f"{cell:.2f}" for cell in cells), f"{share:.0%}")
    Console().print(table)


if __name__ == "__main__":
    main()
