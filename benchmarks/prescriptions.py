"""Whether prescriptions narrow the gap: two datasets of one scene are rendered with settings that
differ, one of them stands for the real photos; what is prescribed is applied, and rendered again.

python benchmarks/prescriptions.py 12 scene=single scene.prop=forklift
python benchmarks/prescriptions.py --real photos 12 scene=tabletop objects=cards

Needs no torch. With --real a folder of photos, labelled or not, takes the place of the first.
"""

import sys
import tempfile
from pathlib import Path

from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from simgen.evaluate.gap import measure
from simgen.evaluate.pictures import Pictures
from simgen.generate import generate

SMALL = ("quality=preview", "resolution=[160,120]", "writer=[images,coco]")
ELSEWHERE = (  # what is to be found out
    "seed=1001",
    "sensor.exposure_ev=[normal,-1.2,0.5,-2.2,-0.2]",
    "sensor.white_balance=0.3",
    "sensor.contrast=[uniform,1.3,1.5]",
    "sensor.saturation=[uniform,1.2,1.4]",
    "sensor.full_well_e=[loguniform,500,2000]",
    "sensor.sharpening=1",
    "writer.images.quality=[integer,60,80]",
)


def main(frames: int, real: str, *overrides: str) -> None:
    """Prints each statistic's distance before and after, and the overrides between them."""
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        photos = Path(real) if real else _made(out / "real", frames, *overrides, *ELSEWHERE)
        theirs = Pictures.open(photos)
        before = measure(Pictures.open(_made(out / "before", frames, *overrides)), theirs)
        found = [each["override"] for item in before for each in item["prescriptions"]]
        after = measure(Pictures.open(_made(out / "after", frames, *overrides, *found)), theirs)
    console.print(_table(before, after))
    console.print(*found, sep="\n", markup=False)


def _made(out: Path, frames: int, *overrides: str) -> Path:
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", [*SMALL, *overrides, f"frames={frames}", f"out={out}"])
    generate(OmegaConf.to_container(config, resolve=True))
    return out


def _table(before: list[dict], after: list[dict]) -> Table:
    then = {item["statistic"]: item for item in after}
    table = Table("statistic", "distance before", "after", "mean before", "after", "real")
    for item in before:
        if item["distance"] is not None:
            sides = item, then[item["statistic"]]
            means = (*(side["synthetic"]["mean"] for side in sides), item["real"]["mean"])
            figures = (*(side["distance"] for side in sides), *means)
            table.add_row(item["statistic"], *(f"{figure:.2f}" for figure in figures))
    return table


if __name__ == "__main__":
    arguments = sys.argv[1:]
    folder = arguments[1] if arguments[:1] == ["--real"] else ""
    count, *rest = arguments[2:] if folder else arguments
    main(int(count), folder, *rest)
