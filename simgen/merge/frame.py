"""One frame of a merge: proved, and made ready to be put in place."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from simgen.audit.reading import Unreadable, locate, read
from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError
from simgen.merge.source import Source, root_of
from simgen.record import Record, Run, decode_record
from simgen.scratch import write_synced
from simgen.store import is_url

_COMMON = ("annotations", "config", "failed", "records")  # folders that hold no frame's files


class Unsound(SimgenError):
    """A frame that is damaged, or not the same in two folders; the message says where."""


@dataclass(frozen=True)
class Proved:
    """A frame whose every file is as its record says.

    Attributes:
        there: whether it was in place already.
        staged: what is to be put in place, by path inside the dataset folder.
        copied: how many of its files are no links.
        claims: how many other folders than the one it goes into have it.
    """

    frame: int
    run: Run
    there: bool
    staged: dict[str, Path]
    copied: int
    claims: int


def prove(frame: int, owners: Sequence[Source], out: Dataset, aside: Path | None) -> Proved:
    """Returns a frame that is in these folders.

    Args:
        aside: for other names of its files, in `out`; None if that is an object store, which gets
            the frame at once.

    Raises:
        Unsound: it is damaged, or not the same in all of them.
        SimgenError: a store refuses.
        OSError: `aside` cannot be written to.
    """
    owner, *others = owners
    data = _read(owner, record_path(frame))
    record = _record(owner, frame, data)
    for other in others:
        _require_same(frame, data, record, owner, other)
    here, staged, copied = root_of(out.folder), {}, 0
    if owner.root == here:
        for path, digest in record.files.items():
            _sound(owner, path, digest)
    elif aside is None:
        files = {path: _sound(owner, path, digest) for path, digest in record.files.items()}
        out.store.commit(files, record_path(frame), data)
        copied = len(files) + 1
    else:
        digests = record.files | {record_path(frame): sha256(data).hexdigest()}
        staged = {path: aside / f"{frame}-{i}" for i, path in enumerate(digests)}
        copied = sum(not _stage(owner, p, digests[p], target) for p, target in staged.items())
    claims = sum(each.root != here for each in owners)
    return Proved(frame, record.run, owner.root == here, staged, copied, claims)


def _record(source: Source, frame: int, data: bytes) -> Record:
    path = record_path(frame)
    try:
        record = decode_record(data, path)
        if record.frame != frame:
            raise SimgenError(f"{path} is the record of frame {record.frame}")
        for name in record.files:
            _require_own(name, frame)
    except SimgenError as error:
        raise Unsound(f"{source.folder}: {error}") from error
    return record


def _require_own(name: str, frame: int) -> None:
    """Raises SimgenError unless a path is one that no other frame has, nor the dataset."""
    folder, *_ = parts = PurePosixPath(name).parts or ("",)
    plain = PurePosixPath(name).as_posix() == name and ".." not in parts and len(parts) > 1
    numbered = re.search(rf"(?<!\d){frame:06d}(?!\d)", name)
    if not plain or not numbered or folder in _COMMON or folder.startswith((".", "/")):
        raise SimgenError(
            f"{record_path(frame)} names {ascii(name)[:100]}, which cannot be a file of frame "
            f"{frame}: its path must have {frame:06d} in it"
        )


def _require_same(frame: int, data: bytes, record: Record, owner: Source, source: Source) -> None:
    """Raises Unsound unless another folder has the same frame, however long it took there."""
    theirs = _read(source, record_path(frame))
    if theirs == data:
        return
    other = _record(source, frame, theirs)
    if replace(other, run=record.run) == record:
        return
    paths = {**record.files, **other.files}
    path = next((p for p in paths if record.files.get(p) != other.files.get(p)), "its scene")
    devices = {record.run.device, other.run.device}
    how = f" (rendered on {' and '.join(sorted(devices))})" if len(devices) > 1 else ""
    raise Unsound(
        f"{path} is not the same in {owner.folder} and {source.folder}{how}: remove the frame's "
        f"record from one of them"
    )


def _stage(source: Source, path: str, digest: str, target: Path) -> bool:
    """Gives a file a new name, or copies it; returns whether it is a new name."""
    if not _linked(source, path, target):
        write_synced(target, [_sound(source, path, digest)])
        return False
    try:
        _require(read(target.parent, target.name), source, path, digest)
    except Unreadable as error:
        raise Unsound(f"{source.folder}: {path}: {error.reason}") from error
    return True


def _linked(source: Source, path: str, target: Path) -> bool:
    """Gives a file a new name, if it can be; what is wrong with it, reading it tells."""
    if is_url(source.folder):
        return False
    try:
        os.link(locate(source.folder, path).resolve(), target)
        return True
    except (OSError, Unreadable):
        return False


def _sound(source: Source, path: str, digest: str) -> bytes:
    """Returns a file, if it is as it was written."""
    data = _read(source, path)
    _require(data, source, path, digest)
    return data


def _require(data: bytes, source: Source, path: str, digest: str) -> None:
    if sha256(data).hexdigest() != digest:
        raise Unsound(f"{source.folder}: {path}: not the bytes that were written")


def _read(source: Source, path: str) -> bytes:
    try:
        return source.dataset.store.read(path)
    except Unreadable as error:
        raise Unsound(f"{source.folder}: {error}") from error
