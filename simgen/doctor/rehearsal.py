"""What a run will do, done for one frame in a folder that is thrown away."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from simgen.card import require_same
from simgen.dataset import Dataset, finished
from simgen.generate import card_of, generate
from simgen.recipe import Recipe

HERE = {"_target_": "simgen.farm.processes.Processes", "workers": 0}


def frame(config: dict[str, Any], index: int) -> dict[str, Any]:
    """Makes one frame of a run with one sample, and returns what it took.

    Returns:
        device; seconds; bytes on the disk; peak_memory_mb of the process.

    Raises:
        SimgenError: the run would end with the same.
    """
    _require_continuable(config)
    start = perf_counter()
    with TemporaryDirectory(prefix="simgen-") as folder:
        summary = generate(_alone(config, index, folder))
        return {
            "device": ", ".join(summary.devices),
            "seconds": perf_counter() - start,
            "bytes": sum(path.stat().st_size for path in Path(folder).rglob("*")),
            "peak_memory_mb": summary.peak_memory_mb,
        }


def _require_continuable(config: dict[str, Any]) -> None:
    out = Path(config["out"]).expanduser()
    if finished(out):
        card = card_of(config, Recipe.from_config(config))
        require_same(Dataset.load(out).card, card, out)


def _alone(config: dict[str, Any], index: int, folder: str) -> dict[str, Any]:
    renderer = config["renderer"]
    once = {"samples": 1} if "samples" in renderer else {}
    elsewhere = {"out": folder, "frames": [index], "launcher": HERE, "shard": None}
    return {**config, **elsewhere, "renderer": {**renderer, **once}}
