"""The dataset folder: opened or continued, one atomic commit for each frame, read and verified.

A frame exists when its record does: everything else of it is on the disk before that.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from time import perf_counter
from typing import Any

from omegaconf import OmegaConf

from simgen.card import Card, decode_card, digest_of, encode_card, require_same
from simgen.errors import SimgenError
from simgen.frame import Frame
from simgen.machine import peak_memory_mb, versions
from simgen.record import Record, Run, decode_record, encode_record
from simgen.scratch import (
    FOLDER,
    clear_stale,
    explained,
    inside,
    move_into_place,
    replace_file,
    scratch,
    sync_folder,
    write_synced,
)
from simgen.writers import Writer

CARD, CROISSANT, README = "dataset.json", "croissant.json", "README.md"
CONFIG = "config/config.yaml"
_RECORD = re.compile(r"(\d{6,})\.json")


@dataclass(frozen=True)
class Parcel:
    """A frame, encoded: its files by path inside the folder, and its record."""

    files: dict[str, bytes]
    record: Record


@dataclass(frozen=True)
class Dataset:
    """A dataset folder; holds no frames itself, so it costs the same for eight as for a million."""

    folder: Path
    card: Card

    @classmethod
    def open(cls, folder: str | Path, card: Card, config: Mapping[str, Any]) -> "Dataset":
        """Returns the dataset in `folder`: a new one, or the one begun there with these settings.

        Raises:
            SimgenError: the folder holds other things, a dataset of other settings, or cannot
                be written to.
        """
        folder = Path(folder)
        with explained(folder, "the folder"):
            folder.mkdir(parents=True, exist_ok=True)
            strangers = {entry.name for entry in folder.iterdir()} - {FOLDER}
        if CARD in strangers:
            there = cls.load(folder).card
            if finished(folder):  # settings that made no frame yet may still be mended
                require_same(there, card, folder)
        elif strangers:
            raise SimgenError(
                f"out={folder} is not empty and holds no dataset ({min(strangers)!r} is there); "
                f"choose another out="
            )
        clear_stale(folder)
        if not finished(folder):
            replace_file(folder, CARD, [encode_card(card)])
        replace_file(folder, CONFIG, [OmegaConf.to_yaml(OmegaConf.create(dict(config))).encode()])
        return cls(folder, card)

    @classmethod
    def load(cls, folder: str | Path) -> "Dataset":
        """Returns a dataset to read from, or to add frames of the same run to.

        Raises:
            SimgenError: there is none.
        """
        folder = Path(folder)
        try:
            data = (folder / CARD).read_bytes()
        except OSError as error:
            raise SimgenError(f"{folder} holds no dataset: {CARD}: {error.strerror}") from error
        return cls(folder, decode_card(data, str(folder / CARD)))

    @property
    def categories(self) -> tuple[str, ...]:
        """Names in the order of their ids; the first has id 1."""
        return tuple(category.name for category in self.card.categories)

    def commit(self, frame: Frame, writers: Iterable[Writer]) -> Record:
        """Puts a frame on the disk, its record last, and returns the record.

        Raises:
            SimgenError: the disk refuses; nothing half-written stays.
        """
        parcel = self.encode(frame, writers)
        self.put(parcel)
        return parcel.record

    def encode(self, frame: Frame, writers: Iterable[Writer]) -> "Parcel":
        """Returns a frame as what is to be put on the disk, which is not touched."""
        start = perf_counter()
        files = self._encoded(frame, writers)
        seconds = {**frame.seconds, "encode": perf_counter() - start}
        record = Record(
            frame=frame.index,
            spec=frame.spec,
            labels=frame.instances,
            agreement=frame.agreement,
            files={path: sha256(data).hexdigest() for path, data in files.items()},
            run=Run(frame.device, seconds, peak_memory_mb(), versions()),
            views={name: view.agreement for name, view in frame.views.items() if view.agreement},
        )
        return Parcel(files, record)

    def put(self, parcel: "Parcel") -> None:
        """Puts an encoded frame on the disk, its record last.

        Raises:
            SimgenError: the disk refuses; nothing half-written stays.
        """
        record = parcel.record
        self._put(parcel.files, record_path(record.frame), encode_record(record))

    def done(self) -> set[int]:
        """Returns the numbers of the frames that exist."""
        return finished(self.folder)

    def records(self) -> Iterator[Record]:
        """Yields the record of each frame, in the order of their numbers, one at a time."""
        for index in sorted(self.done()):
            yield self.read(index)

    def read(self, index: int) -> Record:
        """Returns the record of a frame.

        Raises:
            SimgenError: there is none, or it is damaged.
        """
        path = self.path(record_path(index))
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SimgenError(f"{path}: no record of frame {index}: {error.strerror}") from error
        record = decode_record(data, str(path))
        if record.frame != index:
            raise SimgenError(f"{path} is the record of frame {record.frame}, not {index}")
        return record

    def path(self, relative: str) -> Path:
        """Returns where a file of a record is.

        Raises:
            SimgenError: it would be outside the folder.
        """
        parts = PurePosixPath(relative)
        plain = relative == parts.as_posix() and not parts.is_absolute() and ".." not in parts.parts
        path = self.folder / parts
        if not plain or not relative.isprintable() or "\\" in relative or relative == ".":
            raise SimgenError(f"{relative!r} is not a path inside a dataset folder")
        return inside(self.folder, path)

    def verify(self) -> Iterator[str]:
        """Yields a line for each record that cannot be read and each file that is not as it was."""
        for index in sorted(self.done()):
            try:
                files = self.read(index).files
                checks = [(self.path(name), name, digest) for name, digest in files.items()]
            except SimgenError as error:
                yield str(error)
                continue
            yield from filter(None, (_difference(*check) for check in checks))

    def _encoded(self, frame: Frame, writers: Iterable[Writer]) -> dict[str, bytes]:
        files: dict[str, bytes] = {}
        frame = replace(frame, dataset=digest_of(self.card))
        for writer in writers:
            for name, data in writer.files(frame, self.categories).items():
                if name in files:
                    raise SimgenError(f"two writers make {name}: leave one of them out of writer=")
                files[name] = data
        if not any(name.startswith("images/") for name in files):
            raise SimgenError("no writer makes the image: add images to writer=[...]")
        return files

    def _put(self, files: Mapping[str, bytes], record_name: str, record: bytes) -> None:
        """Writes and syncs everything aside first, so that a full disk is found out early."""
        targets = {name: self.path(name) for name in [*files, record_name]}
        with explained(self.folder, record_name), scratch(self.folder) as aside:
            staged = {}
            for i, (name, data) in enumerate([*files.items(), (record_name, record)]):
                staged[name] = aside / str(i)
                with explained(self.folder, name):
                    write_synced(staged[name], [data])
            for name in files:
                with explained(self.folder, name):
                    move_into_place(staged[name], targets[name])
            for folder in {targets[name].parent for name in files}:
                sync_folder(folder)
            move_into_place(staged[record_name], targets[record_name])
            sync_folder(targets[record_name].parent)


def finished(folder: Path) -> set[int]:
    """Returns the numbers of the frames in a folder, dataset or not yet."""
    with suppress(OSError):
        names = (_RECORD.fullmatch(path.name) for path in (folder / "records").iterdir())
        return {int(name[1]) for name in names if name}
    return set()


def record_path(index: int) -> str:
    """Returns where the record of a frame is, relative to the dataset's folder."""
    return f"records/{index:06d}.json"


def _difference(path: Path, name: str, digest: str) -> str | None:
    try:
        same = sha256(path.read_bytes()).hexdigest() == digest
    except OSError as error:
        return f"{name}: {error.strerror}"
    return None if same else f"{name}: not the bytes that were written"
