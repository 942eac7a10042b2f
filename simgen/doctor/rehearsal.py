"""What a run will do, done for one frame in a folder that is thrown away."""

from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from simgen.generate import generate

HERE = {"_target_": "simgen.farm.processes.Processes", "workers": 0}


def frame(config: dict[str, Any], index: int) -> dict[str, Any]:
    """Makes one frame of a run, and returns what it took.

    Returns:
        device; seconds; bytes on the disk; peak_memory_mb of the process.
    """
    start = perf_counter()
    with TemporaryDirectory(prefix="simgen-") as folder:
        alone = {"out": folder, "frames": [index], "launcher": HERE, "shard": None}
        summary = generate({**config, **alone})
        return {
            "device": ", ".join(summary.devices),
            "seconds": perf_counter() - start,
            "bytes": sum(path.stat().st_size for path in Path(folder).rglob("*")),
            "peak_memory_mb": summary.peak_memory_mb,
        }
