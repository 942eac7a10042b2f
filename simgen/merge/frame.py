"""One frame of a merge: proved, and made ready to be put in place."""

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from simgen.audit.reading import Unreadable, locate, read
from simgen.dataset import record_path
from simgen.errors import SimgenError
from simgen.merge.source import Source
from simgen.record import Record, Run, decode_record
from simgen.scratch import write_synced

_COMMON = ("annotations", "config", "failed", "records")  # folders that hold no frame's files


@dataclass(frozen=True)
class Proved:
    """A frame whose every file is as its record says.

    Attributes:
        staged: where its files lie, by path inside the dataset folder, the record last; none where
            it is in place already.
        copied: how many of them are no links.
        claims: how many other folders than the one it goes into have it.
    """

    frame: int
    run: Run
    staged: dict[str, Path]
    copied: int
    claims: int


def prove(frame: int, owners: Sequence[Source], out: Path, aside: Path) -> Proved:
    """Returns a frame that is in these folders; new names of its files go into `aside`.

    Raises:
        SimgenError: it is damaged, or not the same in all of them.
        OSError: `aside` cannot be written to.
    """
    owner = owners[0]
    record = _record(owner, frame)
    for other in owners[1:]:
        _require_same(record, _record(other, frame), owner, other)
    claims = sum(not each.folder.samefile(out) for each in owners)
    if owner.folder.samefile(out):
        for path, digest in record.files.items():
            _require(_read(owner.folder, path, owner, path), path, digest, owner)
        return Proved(frame, record.run, {}, 0, claims)
    staged, copied = {}, 0
    for i, (path, digest) in enumerate([*record.files.items(), (record_path(frame), None)]):
        staged[path] = aside / f"{frame}-{i}"
        copied += not _stage(owner, path, digest, staged[path])
    return Proved(frame, record.run, staged, copied, claims)


def _record(source: Source, frame: int) -> Record:
    path = record_path(frame)
    try:
        record = decode_record(read(source.folder, path), path)
        if record.frame != frame:
            raise SimgenError(f"{path} is the record of frame {record.frame}")
        for name in record.files:
            _require_own(name, frame)
    except SimgenError as error:
        raise SimgenError(f"{source.folder}: {error}") from error
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


def _require_same(record: Record, other: Record, owner: Source, source: Source) -> None:
    if replace(other, run=record.run) == record:
        return
    paths = {**record.files, **other.files}
    path = next((p for p in paths if record.files.get(p) != other.files.get(p)), "its labels")
    devices = {record.run.device, other.run.device}
    how = f" (rendered on {' and '.join(sorted(devices))})" if len(devices) > 1 else ""
    raise SimgenError(
        f"{path} is not the same in {owner.folder} and {source.folder}{how}: remove the frame's "
        f"record from one of them"
    )


def _stage(source: Source, path: str, digest: str | None, target: Path) -> bool:
    """Gives a file a new name, or copies it; returns whether it is a new name."""
    try:
        os.link(locate(source.folder, path).resolve(), target)
    except OSError:  # another disk, or one without links; what else is wrong, reading tells
        data = _read(source.folder, path, source, path)
        _require(data, path, digest, source)
        write_synced(target, [data])
        return False
    _require(_read(target.parent, target.name, source, path), path, digest, source)
    return True


def _read(root: Path, name: str, source: Source, path: str) -> bytes:
    """Returns the bytes of a file of the source's, whatever it is called where it is read."""
    try:
        return read(root, name)
    except Unreadable as error:
        raise SimgenError(f"{source.folder}: {path}: {error.reason}") from error


def _require(data: bytes, path: str, digest: str | None, source: Source) -> None:
    if digest is not None and sha256(data).hexdigest() != digest:
        raise SimgenError(f"{source.folder}: {path}: not the bytes that were written")
