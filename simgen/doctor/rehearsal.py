"""What a run will do, done for one frame in a folder that is thrown away."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from simgen.card import card_of, require_same
from simgen.dataset import Dataset, finished
from simgen.farm.pilot import with_samples
from simgen.farm.spend import check, is_budget
from simgen.generate import Run, generate
from simgen.recipe import Recipe
from simgen.store import is_url

HERE = {"_target_": "simgen.farm.processes.Processes", "workers": 0}


def frame(config: dict[str, Any], index: int) -> dict[str, Any]:
    """Makes one frame of a run with one sample, and returns what it took.

    Returns:
        device; seconds; bytes on the disk; peak_memory_mb of the process.

    Raises:
        SimgenError: the run would end with the same.
    """
    _require_possible(config)
    start = perf_counter()
    with TemporaryDirectory(prefix="simgen-") as folder:
        summary = generate(_alone(config, index, folder))
        return {
            "device": ", ".join(summary.devices),
            "seconds": perf_counter() - start,
            "bytes": sum(path.stat().st_size for path in Path(folder).rglob("*")),
            "peak_memory_mb": summary.peak_memory_mb,
        }


def _require_possible(config: dict[str, Any]) -> None:
    """Goes as far as the run would go before its first frame, and changes nothing."""
    check(config)
    run = Run.of(config | ({"frames": config["frames"] or 1} if is_budget(config) else {}))
    if not is_url(run.out) and finished(run.out):
        there = Dataset.load(run.out).card
        if is_budget(config):
            config = with_samples(config, there.settings.get("renderer.samples"))
        require_same(there, card_of(config, Recipe.from_config(config)), run.out)


def _alone(config: dict[str, Any], index: int, folder: str) -> dict[str, Any]:
    renderer = config["renderer"]
    once = {"samples": 1} if "samples" in renderer else {}
    elsewhere = {"out": folder, "frames": [index], "launcher": HERE, "shard": None}
    plain = {"quality": {}, "budget": None, "renderer": {**renderer, **once}}
    return {**config, **elsewhere, **plain}
