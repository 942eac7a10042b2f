"""What this machine offers and what a run takes of it."""

import ctypes
import os
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version

import simgen
from simgen import cgroup

# What decides pixels and labels, beside simgen itself.
_PACKAGES = ("bpy", "numpy", "opencv-python-headless", "OpenEXR", "pycocotools")


@cache
def versions() -> dict[str, str]:
    """Returns the versions of what makes a frame, by name; packages that are missing left out."""
    found = {"simgen": simgen.__version__, "python": python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def cores() -> int:
    """Returns how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        here = len(os.sched_getaffinity(0))
    else:
        here = os.cpu_count() or 1
    return max(1, int(min(here, cgroup.cpus())))


def has_nvidia() -> bool:
    """Returns whether the system shows a GPU of NVIDIA's."""
    return any(Path("/dev").glob("nvidia[0-9]*"))


@contextmanager
def as_if_cores(count: int) -> Iterator[None]:
    """Lets libraries that are loaded meanwhile believe that there are no more cores than `count`,
    where the system can pin a process; 0: all.

    Blender's TBB counts them once. A thread of it that a render has no use for is never put to
    sleep but asks for work all the time, and takes up to half of a core from the frames beside it.
    """
    pinned = count and hasattr(os, "sched_setaffinity")
    before = os.sched_getaffinity(0) if pinned else set()
    if pinned:
        os.sched_setaffinity(0, sorted(before)[:count])
    try:
        yield
    finally:
        if pinned:
            os.sched_setaffinity(0, before)


def free_memory_gb() -> float:
    """Returns the memory that can be taken without swapping; inf where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return float("inf")
    kib = {name: value.split()[0] for name, value in (line.split(":", 1) for line in lines)}
    free = int(kib["MemAvailable"]) / 2**20
    return min(free, cgroup.memory_left_gb())


def peak_memory_mb() -> float:
    """Returns the most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)


def memory_mb() -> float:
    """Returns the memory that this process holds now; the most so far where that is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return peak_memory_mb()
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)


def return_memory() -> None:
    """Gives memory that is free back to the system, where the C library can: glibc keeps what lies
    between pieces in use, more with each frame whose things are of other sizes.

    Takes 2 ms, and 10 to 40 more once what was given back is needed again.
    """
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)
