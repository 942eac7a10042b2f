"""Files that appear whole or not at all, whatever dies in between.

Everything is first written and synced in a folder of its own under `.scratch`, then moved into
place. The folder is locked while its process lives: whoever finds one unlocked may clear it. On
shared storage a lock may be seen on its own host alone, so folders of other hosts must be old too.
"""

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from platform import node
from uuid import uuid4

from simgen.errors import SimgenError

FOLDER = ".scratch"
_MOST_LOST = 100  # folders in a row; it is then no other process
_OLD_S = 24 * 3600.0  # of another host's folder: no frame takes that long to write
_REMEDY = {
    errno.ENOSPC: "free some space, then run the same command again: it continues",
    errno.EDQUOT: "free some of your quota, then run the same command again: it continues",
    errno.ENOENT: "the folder cannot be made, or is gone: choose another out=",
    errno.EACCES: "make the folder writable, or choose another out=",
    errno.EPERM: "make the folder writable, or choose another out=",
    errno.EROFS: "the disk is mounted read-only: choose another out=",
    errno.ENOTDIR: "a file stands where a folder is needed: move it away, or choose another out=",
    errno.EEXIST: "a file stands where a folder is needed: move it away, or choose another out=",
    errno.EISDIR: "a folder stands where a file is needed: move it away, or choose another out=",
}


def inside(root: Path, path: Path) -> Path:
    """Returns `path` if links lead it nowhere but into `root`: the folder may be a stranger's.

    Raises:
        SimgenError: it leads out.
    """
    if not path.resolve().is_relative_to(root.resolve()):
        raise SimgenError(f"{path} leads out of the dataset folder: remove that link")
    return path


@contextmanager
def scratch(root: Path) -> Iterator[Path]:
    """Yields an empty folder inside `root`, for this process alone, gone at the end."""
    folder, lock = _locked_folder(root)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
        _drop_if_empty(root / FOLDER)


def _locked_folder(root: Path) -> tuple[Path, int]:
    lost = 0
    while True:
        folder = inside(root, root / FOLDER) / f"{_name()}-{_host()}-{uuid4().hex}"
        try:
            folder.mkdir(parents=True)
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:  # cleared by another before it could be locked, if not always
            lost += 1
            if lost == _MOST_LOST:
                raise
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError:  # a file system without locks: nothing there is ever cleared
            return folder, handle
        if folder.exists():
            return folder, handle
        os.close(handle)


@cache
def _host() -> str:
    """Returns what hosts differ in whose locks do not reach each other, without a '-'.

    Of the running kernel, since containers of one host have names of their own, and hosts may have
    the same one (localhost); the host's name where the system does not tell.
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    except OSError:
        return _name()


def _name() -> str:
    return re.sub(r"[^\w.]", "_", node())


def clear_stale(root: Path) -> None:
    """Removes what dead processes left behind; folders of living ones stay."""
    for folder in inside(root, root / FOLDER).glob("*"):
        if not _may_be_cleared(root, folder):
            continue
        try:
            handle = os.open(folder, os.O_RDONLY)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            pass
        finally:
            os.close(handle)
    _drop_if_empty(root / FOLDER)


def _may_be_cleared(root: Path, folder: Path) -> bool:
    """Tells whether a folder is this host's, whose lock says all, or old by the disk's clock."""
    if folder.name.split("-")[1:2] == [_host()]:
        return True
    try:
        with scratch(root) as now:  # this host's clock may jump, and differ from the disk's
            return now.stat().st_mtime - folder.stat().st_mtime > _OLD_S
    except OSError:
        return False


def _drop_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def write_synced(path: Path, chunks: Iterable[bytes]) -> None:
    """Writes a new file and waits until it is on the disk."""
    with open(path, "xb") as file:
        file.writelines(chunks)
        file.flush()
        os.fsync(file.fileno())


def move_into_place(source: Path, target: Path) -> None:
    """Replaces `target` in one step."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(source, target)


def sync_folder(folder: Path) -> None:
    """Waits until the names in a folder are on the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(root: Path, relative: str, chunks: Iterable[bytes]) -> None:
    """Puts one whole file, given in pieces, at `root / relative`."""
    with explained(root, relative), scratch(root) as temporary:
        write_synced(temporary / "file", chunks)
        move_into_place(temporary / "file", inside(root, root / relative))
        sync_folder((root / relative).parent)


@contextmanager
def explained(root: Path, what: str) -> Iterator[None]:
    """Turns the system's refusal to write into one line that says what to do."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDY.get(error.errno, "check the disk, then run the same command again")
        reason = error.strerror or str(error)
        raise SimgenError(f"out={root}: cannot write {what}: {reason}; {remedy}") from error
