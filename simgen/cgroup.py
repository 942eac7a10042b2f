"""What a container, a batch system or systemd lets this process take: control groups, v1 and v2."""

from collections.abc import Iterator
from math import inf
from pathlib import Path

ROOT, OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_NO_LIMIT = 1 << 60  # bytes; v1 writes the largest whole number of pages


def cpus(root: Path = ROOT, own: Path = OWN) -> float:
    """Returns the share of processors, 1.5 for one and a half; inf without a limit."""
    return min((_cpus(folder) for folder in _folders("cpu", root, own)), default=inf)


def memory_left_gb(root: Path = ROOT, own: Path = OWN) -> float:
    """Returns the memory that may still be taken; inf without a limit.

    Of what is in use, files that were read once are not counted: they make room.
    """
    return min((_left(folder) for folder in _folders("memory", root, own)), default=inf) / 2**30


def _folders(controller: str, root: Path, own: Path) -> Iterator[Path]:
    """Yields the group that this process is in and all above it: each may have a limit.

    In a container the path that the kernel tells may be the host's; `root` is then the group.
    """
    for line in _text(own).splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        base = root / controller if controllers else root
        group = base / path.lstrip("/")
        yield from (folder for folder in (group, *group.parents) if folder.is_relative_to(base))


def _cpus(folder: Path) -> float:
    quota, period = (*_text(folder / "cpu.max").split(), "", "")[:2]
    if not quota:
        quota = _text(folder / "cpu.cfs_quota_us").strip()  # -1: none
        period = _text(folder / "cpu.cfs_period_us").strip()
    return int(quota) / int(period) if quota.isdigit() and period.isdigit() else inf


def _left(folder: Path) -> float:
    names = ("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")
    for limit, used in ([_text(folder / name).strip() for name in pair] for pair in names):
        if limit.isdigit() and used.isdigit() and int(limit) < _NO_LIMIT:
            return int(limit) - int(used) + _droppable(folder)
    return inf


def _droppable(folder: Path) -> int:
    lines = (line.split() for line in _text(folder / "memory.stat").splitlines())
    told = {line[0]: int(line[1]) for line in lines if len(line) == 2 and line[1].isdigit()}
    return told.get("total_inactive_file", told.get("inactive_file", 0))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
