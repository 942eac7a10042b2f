"""Cores and memory, with the limits of a container, and the workers that they allow."""

import os
import shutil
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path

from simgen.build import build
from simgen.doctor.exam import START_S, Exam
from simgen.doctor.finding import FAILED, OK, WARNING, Finding
from simgen.errors import SimgenError
from simgen.farm.sizes import threads_each
from simgen.machine import cores, free_memory_gb

SHARED = Path("/dev/shm")
_ENOUGH_GB = 1.0  # of shared memory
_TRIED = 1 << 20  # bytes


def workers(exam: Exam) -> Iterator[Finding]:
    """How many frames are made at a time, and whether memory is enough for them."""
    yield Finding("cores", OK, f"{cores()} of {os.cpu_count()} may be used")
    free = free_memory_gb()
    peak = exam.frame.value["peak_memory_mb"] / 1024 if exam.frame.value else 0.0
    if not str(exam.config["launcher"].get("_target_", "")).endswith(".Processes"):
        yield Finding("memory", OK, f"{free:.1f} GB free here; the workers may be elsewhere")
        return
    try:
        count = build(exam.config["launcher"], "launcher").size(max(1, len(exam.frames)))
    except SimgenError as error:
        yield Finding("workers", FAILED, str(error))
        return
    threads = threads_each(cores(), count)
    yield Finding("workers", OK, f"{count}, with {threads} of the cores each")
    found = f"{free:.1f} GB free" + (f", {peak:.1f} GB for the first frame" if peak else "")
    if count * peak <= free:
        yield Finding("memory", OK, found)
    else:
        fits = max(1, int(free / peak))
        remedy = f"workers={fits}" if fits < count else "free some memory, or take a larger machine"
        yield Finding("memory", WARNING, f"{found}, so {count} workers may want more", remedy)


def shared_memory(exam: Exam) -> Iterator[Finding]:
    """Shared memory and semaphores: torch's loaders, Ray and exports in parallel want them."""
    remedy = "in a container: --shm-size=2g"
    try:
        usage = shutil.disk_usage(SHARED)
    except OSError as error:
        yield Finding("shared memory", WARNING, f"no {SHARED}: {error.strerror}", remedy)
        return
    found = f"{SHARED}: {usage.free / 1e9:.1f} of {usage.total / 1e9:.1f} GB free"
    if usage.free < 2 * _TRIED:
        yield Finding("shared memory", WARNING, found, f"remove files in {SHARED}; {remedy}")
        return
    answer = exam.ask("simgen.doctor.memory.share", START_S)
    if answer.trouble:
        yield Finding("shared memory", WARNING, f"{found}, but {answer.trouble}", remedy)
    elif usage.free < _ENOUGH_GB * 1e9:
        why = f"{found}: little for torch's loaders and Ray; frames need none"
        yield Finding("shared memory", WARNING, why, remedy)
    else:
        yield Finding("shared memory", OK, found)


def share() -> bool:
    """Fills a piece of shared memory and takes a semaphore; run in a process of its own."""
    block = SharedMemory(create=True, size=_TRIED)
    try:
        block.buf[:] = bytes(_TRIED)
    finally:
        block.close()
        block.unlink()
    with get_context("spawn").Lock():
        return True
