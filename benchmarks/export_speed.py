"""Pictures a second of one core that each export makes, with hard links, 320x240.

python benchmarks/export_speed.py [frames] [format=... ...]

The dataset is one frame of the warehouse under many numbers: records, pictures and maps of the size
that they have, read from the disk each time.
"""

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.export.command import Command
from simgen.frame import Agreement, Frame
from simgen.proposal import propose
from simgen.recipe import Recipe
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast

EXPORTS = (
    ("format=yolo",),
    ("format=yolo", "format.task=segment"),
    ("format=yolo", "format.task=obb"),
    ("format=coco",),
    ("format=voc",),
)


def made(folder: Path, frames: int) -> Dataset:
    """Returns a dataset of one frame under many numbers."""
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=out", "seed=1", "resolution=[320,240]"])
    config = OmegaConf.to_container(config, resolve=True)
    recipe = Recipe.from_config(config)
    spec = propose(lambda attempt: recipe.sample(0, attempt), recipe.accept, 0)
    truth = raycast(spec)
    image = np.random.default_rng(0).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    labels, agreement = annotate(spec, truth), Agreement(1.0, 1.0, 1.0, 0.0, 0.0)
    dataset = Dataset.open(folder, make_card(config, recipe.categories, {}), config)
    frame = Frame(0, spec, truth, labels, image, agreement, "none")
    first = dataset.commit(frame, recipe.writers.values())
    record = (folder / "records/000000.json").read_bytes()
    for number in range(1, frames):
        for name in first.files:
            shutil.copyfile(folder / name, folder / name.replace("000000", f"{number:06d}"))
        own = record.replace(b'"frame":0,', b'"frame":%d,' % number, 1)
        own = own.replace(b"/000000.", b"/%06d." % number)
        (folder / f"records/{number:06d}.json").write_bytes(own)
    return dataset


def main() -> None:
    """Prints a table."""
    frames = next((int(word) for word in sys.argv[1:] if word.isdigit()), 2000)
    asked = tuple(word for word in sys.argv[1:] if not word.isdigit())
    table = Table("export", "CPU-seconds", "pictures a second")
    with TemporaryDirectory() as folder:
        dataset = made(Path(folder) / "made", frames)
        labels = len(dataset.read(0).labels)
        size = os.path.getsize(dataset.folder / "records/000000.json") >> 10
        for overrides in (asked,) if asked else EXPORTS:
            out = Path(folder) / "out"
            command = Command.of([str(dataset.folder), *overrides, f"out={out}", "jobs=1"])
            start = process_time()
            command.run()
            taken = process_time() - start
            shutil.rmtree(out)
            table.add_row(" ".join(overrides), f"{taken:.2f}", f"{frames / taken:.0f}")
    Console().print(table)
    Console().print(f"{frames} frames, {labels} labels and a record of {size} KiB each")


if __name__ == "__main__":
    main()
