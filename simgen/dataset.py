"""The dataset: opened or continued, one atomic commit for each frame, read and verified.

A frame exists when its record does: everything else of it is on the disk before that.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

from simgen.audit.reading import Unreadable
from simgen.card import Card, decode_card, differences, digest_of, encode_card, require_same
from simgen.errors import SimgenError
from simgen.frame import Frame
from simgen.kept import keep
from simgen.machine import peak_memory_mb, versions
from simgen.record import Record, Run, decode_record, encode_record
from simgen.store import Local, Place, Store, place_of, plain, store_at
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
    """A dataset; holds no frames itself, so it costs the same for eight as for a million.

    Attributes:
        folder: where it is; an URL, if that is an object store.
    """

    folder: Place
    card: Card

    @classmethod
    def open(cls, folder: Place, card: Card, config: Mapping[str, Any]) -> "Dataset":
        """Returns the dataset in `folder`: a new one, or the one begun there with these settings.

        Raises:
            SimgenError: the folder holds other things, a dataset of other settings, or cannot
                be written to.
        """
        dataset, goes_on = cls(place_of(folder), card), False
        strangers = dataset.store.begin()
        if CARD in strangers:
            there = cls.load(folder).card
            goes_on = not differences(there, card)
            if dataset.done():  # settings that made no frame yet may still be mended
                require_same(there, card, folder)
        elif strangers:
            raise SimgenError(
                f"out={folder} is not empty and holds no dataset ({min(strangers)!r} is there); "
                f"choose another out="
            )
        dataset.store.clear()
        if not dataset.done():
            dataset.store.replace(CARD, [encode_card(card)])
        keep(config, dataset.store, CONFIG, goes_on)
        return dataset

    @classmethod
    def load(cls, folder: Place) -> "Dataset":
        """Returns a dataset to read from, or to add frames of the same run to.

        Raises:
            SimgenError: there is none.
        """
        folder = place_of(folder)
        try:
            data = store_at(folder).read(CARD)
        except Unreadable as error:
            raise SimgenError(f"{folder} holds no dataset: {error}") from error
        return cls(folder, decode_card(data, f"{folder}/{CARD}"))

    @cached_property
    def store(self) -> Store:
        """Where its files are."""
        return store_at(self.folder)

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
        self.store.commit(parcel.files, record_path(record.frame), encode_record(record))

    def done(self) -> set[int]:
        """Returns the numbers of the frames that exist."""
        return _frames(self.store.names("records"))

    def records(self) -> Iterator[Record]:
        """Yields the record of each frame, in the order of their numbers, one at a time."""
        numbers = sorted(self.done())
        found = self.store.read_each(map(record_path, numbers))
        for number, data in zip(numbers, found):
            yield self._record(number, data)

    def read(self, index: int) -> Record:
        """Returns the record of a frame.

        Raises:
            SimgenError: there is none, or it is damaged.
        """
        return self._record(index, self.store.read(record_path(index)))

    def path(self, relative: str) -> Path:
        """Returns where a file of a record is; raises SimgenError if it is not in the folder."""
        return self.store.path(relative)

    def verify(self) -> Iterator[str]:
        """Yields a line for each record that cannot be read and each file that is not as it was."""
        for index in sorted(self.done()):
            try:
                files = self.read(index).files
                names = [plain(name) for name in files]
            except SimgenError as error:
                yield str(error)
                continue
            yield from filter(None, (self._difference(name, files[name]) for name in names))

    def _record(self, index: int, data: bytes) -> Record:
        where = f"{self.folder}/{record_path(index)}"
        record = decode_record(data, where)
        if record.frame != index:
            raise SimgenError(f"{where} is the record of frame {record.frame}, not {index}")
        return record

    def _difference(self, name: str, digest: str) -> str | None:
        try:
            same = sha256(self.store.read(name)).hexdigest() == digest
        except Unreadable as error:
            return str(error)
        return None if same else f"{name}: not the bytes that were written"

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


def finished(folder: Path) -> set[int]:
    """Returns the numbers of the frames in a folder, dataset or not yet."""
    return _frames(Local(folder).names("records"))


def record_path(index: int) -> str:
    """Returns where the record of a frame is, relative to the dataset's folder."""
    return f"records/{index:06d}.json"


def _frames(names: Iterable[str]) -> set[int]:
    found = (_RECORD.fullmatch(name) for name in names)
    return {int(match[1]) for match in found if match}
