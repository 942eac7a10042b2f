"""What of a dataset folder must always be the same."""

import json
from pathlib import Path


def contents(folder: Path) -> dict[str, bytes]:
    """Returns every file that must not depend on how the dataset was made."""
    files = {str(p.relative_to(folder)): p for p in folder.rglob("*") if p.is_file()}
    assert not any(name.startswith(".") for name in files)
    return {
        name: _without_run(path.read_bytes()) if name.startswith("records/") else path.read_bytes()
        for name, path in files.items()
        if name != "config/config.yaml"
    }


def _without_run(record: bytes) -> bytes:
    kept, found, run = record.rpartition(b',"run":')
    assert found and set(json.loads(run[:-1])) == {
        "device",
        "seconds",
        "peak_memory_mb",
        "versions",
    }
    return kept
