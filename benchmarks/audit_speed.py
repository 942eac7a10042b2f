"""CPU-seconds of an audit: 640x480 frames of the warehouse, with the files of the default writers.

python benchmarks/audit_speed.py [frames] [folder]

The frames are painted by their own truth (with noise, so that images are as large as photographs),
because an audit takes as long for them as for renders. A folder that holds a dataset is audited
instead. "fast" are the checks that build no meshes; "all" is every check.
"""

import sys
import tempfile
from pathlib import Path
from time import process_time

import numpy as np
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf
from rich.console import Console
from rich.table import Table

from simgen.audit.checks import catalogue
from simgen.audit.examine import examine
from simgen.audit.finding import Check
from simgen.audit.folder import Folder
from simgen.frame import Radiance
from simgen.generate import generate
from simgen.truth.raycast import raycast


class Painter:
    """A renderer that paints the truth, each body a grey of its own with some grain."""

    def render(self, spec) -> Radiance:
        truth = raycast(spec)
        rng = np.random.default_rng(len(spec.bodies))
        grey = (1 + truth.instance % 7) / 8 + rng.normal(0, 0.05, truth.instance.shape)
        rgb = np.repeat(grey[:, :, None], 3, axis=2).clip(0).astype(np.float32)
        return Radiance(rgb, truth.instance, truth.depth, "brush", {"render": 0.0})


def make(folder: Path, frames: int) -> None:
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", [f"out={folder}", f"frames={frames}", "workers=1"])
    plain = OmegaConf.to_container(config, resolve=True)
    generate(plain | {"renderer": {"_target_": "audit_speed.Painter"}})


def seconds(folder: Folder, checks: list[Check]) -> float:
    """Returns CPU-seconds a frame of looking at all frames, without what is told at the end."""
    tasks = list(folder.tasks())
    examine(folder.source, checks, tasks[0])  # imports, and caches that a long audit fills once
    start = process_time()
    for task in tasks:
        examine(folder.source, checks, task)
    return (process_time() - start) / len(tasks)


def main(frames: int = 20, given: str = "") -> None:
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(given or temporary) / ("" if given else "dataset")
        if not given:
            make(root, frames)
        folder = Folder.open(root)
        checks = [each for each in catalogue() if not each.whole]
        labels = np.mean([len(task.annotations) for task in folder.tasks()])
        table = Table("checks", "number", "CPU-seconds a frame", "frames/s on one core")
        for name, some in (("fast", [c for c in checks if not c.meshes]), ("all", checks)):
            each = seconds(folder, some)
            table.add_row(name, str(len(some)), f"{each:.4f}", f"{1 / each:.1f}")
        Console().print(f"{folder.frames} frames, {labels:.0f} objects each", table)


if __name__ == "__main__":
    main(*([int(sys.argv[1])] if len(sys.argv) > 1 else []), *sys.argv[2:])
