"""Waiting for what other processes do."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def wait_for(condition: Callable[[], object], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def records(out: Path) -> int:
    return len(list((out / "records").glob("*.json"))) if out.exists() else 0


def reached(out: Path, goal: int) -> bool:
    return records(out) >= goal


def is_alive(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
