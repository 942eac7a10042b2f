"""The folder that frames go into: can it be written, how fast, how much fits, do locks hold?"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from uuid import uuid4

from simgen.dataset import CARD, finished
from simgen.doctor.exam import Exam
from simgen.doctor.finding import FAILED, OK, WARNING, Finding
from simgen.errors import SimgenError
from simgen.scratch import FOLDER, explained, scratch, write_synced
from simgen.store import is_url, store_at

_MEGABYTES = 32
_REACH_S = 120
_SLOW = 5.0  # MB/s; a frame of 640x480 is some 2 MB


def storage(exam: Exam) -> Iterator[Finding]:
    """Writes a file where the frames would go, synced as they are, and tries locks and links."""
    if is_url(url := exam.config["out"]):
        answer = exam.ask("simgen.doctor.storage.reach", _REACH_S, url=url)
        refused = Finding("output", FAILED, answer.trouble)
        yield refused if answer.trouble else _graded(url, answer.value)
        return
    try:
        with explained(exam.out, "a test file"):
            _require_ours(exam.out)
            parent = _existing(exam.out)
            with scratch(parent) as folder:
                rate = _rate(folder / "file")
                links, locks = _links(folder / "file"), _locks(folder / "file")
    except SimgenError as error:
        yield Finding("output", FAILED, str(error))
        return
    yield _graded(str(exam.out), rate)
    yield _space(exam, parent)
    yield from _lacking(links, locks)


def reach(url: str) -> float:
    """Puts an object into a store and removes it; returns MB/s. Run in a process of its own.

    Raises:
        SimgenError: the store refuses.
    """
    store, name = store_at(url), f"{FOLDER}/{uuid4().hex}"  # no stranger, should it stay
    pieces = _pieces()
    start = perf_counter()
    store.replace(name, pieces)
    rate = _MEGABYTES / (perf_counter() - start)
    store.remove(name)
    return rate


def _existing(path: Path) -> Path:
    """Returns the nearest folder above a path, itself included, that is there."""
    path = path.absolute()
    return next(each for each in (path, *path.parents) if each.exists())


def _require_ours(folder: Path) -> None:
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if CARD not in names and names - {FOLDER}:
        there = min(names - {FOLDER})
        raise SimgenError(
            f"out={folder} is not empty and holds no dataset ({there!r} is there); choose another"
        )


def _graded(out: str, rate: float) -> Finding:
    state, remedy = (OK, "") if rate >= _SLOW else (WARNING, "a faster disk, or network, for out=")
    return Finding("output", state, f"{out}: written at {rate:.0f} MB/s", remedy)


def _pieces() -> list[bytes]:
    """Returns what no disk can make smaller."""
    return [os.urandom(1_000_000) for _ in range(_MEGABYTES)]


def _rate(path: Path) -> float:
    """Returns MB/s of a file that is on the disk at the end."""
    pieces = _pieces()
    start = perf_counter()
    write_synced(path, pieces)
    return _MEGABYTES / (perf_counter() - start)


def _space(exam: Exam, folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    found = f"{free / 1e9:.1f} GB free"
    each = exam.frame.value["bytes"] if exam.frame.value else 0
    if not each:
        return Finding("disk space", OK, found)
    todo = len(set(exam.frames) - finished(exam.out))
    found += f", room for {free // each:,} frames of {each / 1e6:.1f} MB"
    if todo * each <= free:
        return Finding("disk space", OK, found)
    missing = f"{(todo * each - free) / 1e9:.1f} GB"
    remedy = f"{todo:,} frames are to be made: free {missing}, or choose another out="
    return Finding("disk space", FAILED, found, remedy)


def _lacking(links: bool, locks: bool) -> Iterator[Finding]:
    if not locks:
        remedy = "after a kill -9, remove .scratch in the folder by hand"
        yield Finding("file locks", WARNING, "do not hold there: nothing is ever cleared", remedy)
    if not links:
        yield Finding("hard links", WARNING, "cannot be made there: exports copy pictures instead")
    if links and locks:
        yield Finding("file locks", OK, "hold, and hard links can be made")


def _links(path: Path) -> bool:
    try:
        os.link(path, path.with_name("link"))
    except OSError:
        return False
    return True


def _locks(path: Path) -> bool:
    """Returns whether a second handle is kept from a lock that the first has."""
    with open(path, "rb") as first, open(path, "rb") as second:
        try:
            fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        return False
