"""Where the files of a dataset are: in a folder, or under a prefix of an object store.

Whatever is put appears whole or not at all, and the last file of a frame after all others, so that
nothing that reads or continues a dataset has to know where it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Protocol

from simgen.audit.reading import Unreadable, locate, read
from simgen.errors import SimgenError
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

Place = Path | str  # a folder; a string is an URL
_PIECE = 1 << 20  # bytes


class Replaced(Unreadable):
    """A file that another run replaced while it was read: it may be read anew."""


class Store(Protocol):
    """Files by their path inside the dataset, such as images/000042.png.

    Every method raises SimgenError, one line, where the disk or the store refuses.
    """

    def path(self, relative: str) -> Path:
        """Returns where a file of a folder is; raises SimgenError if that is nowhere inside."""

    def begin(self) -> set[str]:
        """Makes it ready to be written to; returns the names of the files and folders there."""

    def names(self, folder: str) -> set[str]:
        """Returns the names in a folder; none where it does not exist."""

    def read(self, path: str) -> bytes:
        """Returns a file; raises Unreadable where it is missing."""

    def read_each(self, paths: Iterable[str]) -> Iterator[bytes]:
        """Yields files in this order, few of them in memory at once; raises as `read`."""

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yields a file of any size in pieces; raises as `read`, or Replaced."""

    def commit(self, files: Mapping[str, bytes], last: str, record: bytes) -> None:
        """Puts files, and when all are there for good, the one that says so."""

    def replace(self, path: str, chunks: Iterable[bytes]) -> None:
        """Puts one whole file, given in pieces; nothing is put if they end in an error."""

    def remove(self, path: str) -> None:
        """Removes a file, if it is there, and its folder, if that is then empty."""

    def clear(self) -> None:
        """Removes what dead processes left half-written."""


def place_of(text: str | Path) -> Place:
    """Returns where a setting or an argument says that a dataset is."""
    if not is_url(text):
        return Path(text).expanduser()
    scheme, _, rest = text.partition("://")
    return f"{scheme}://{rest.rstrip('/')}"


def folder_of(text: str | Path) -> Path:
    """Returns the folder that an argument names, for commands that read files of this machine.

    Raises:
        SimgenError: it is an URL; says how the dataset comes here.
    """
    if is_url(text):
        raise SimgenError(
            f"{text} is not on this machine: python -m simgen.merge {text} out=FOLDER brings it"
        )
    return Path(text).expanduser()


def is_url(place: object) -> bool:
    """Tells an URL from a folder."""
    return isinstance(place, str) and "://" in place


def store_at(place: Place) -> Store:
    """Returns the store at a folder or an URL; raises SimgenError where it can be none."""
    if not is_url(place):
        return Local(Path(place))
    from simgen.farm.remote import Remote  # most datasets are local

    return Remote(place)


def measured(store: Store, path: str) -> tuple[int, str]:
    """Returns a file's size in bytes and SHA-256; raises as `Store.read`."""
    size, digest = 0, sha256()
    try:
        for piece in store.pieces(path):
            size += len(piece)
            digest.update(piece)
    except Replaced:
        return measured(store, path)
    return size, digest.hexdigest()


def plain(relative: str) -> str:
    """Returns a path inside a dataset; it may come from a stranger's record.

    Raises:
        SimgenError: it would lead out.
    """
    parts = PurePosixPath(relative)
    same = relative == parts.as_posix() and not parts.is_absolute() and ".." not in parts.parts
    if not same or not relative.isprintable() or "\\" in relative or relative == ".":
        raise SimgenError(f"{relative!r} is not a path inside a dataset folder")
    return relative


@dataclass(frozen=True)
class Local:
    """A folder."""

    folder: Path

    def path(self, relative: str) -> Path:
        """Returns where a file is; raises SimgenError if that is outside the folder."""
        return inside(self.folder, self.folder / plain(relative))

    def begin(self) -> set[str]:
        with explained(self.folder, "the folder"):
            self.folder.mkdir(parents=True, exist_ok=True)
            return {entry.name for entry in self.folder.iterdir()} - {FOLDER}

    def names(self, folder: str) -> set[str]:
        with suppress(OSError):
            return {entry.name for entry in (self.folder / folder).iterdir()}
        return set()

    def read(self, path: str) -> bytes:
        return read(self.folder, path)

    def read_each(self, paths: Iterable[str]) -> Iterator[bytes]:
        return map(self.read, paths)

    def pieces(self, path: str) -> Iterator[bytes]:
        try:
            with open(locate(self.folder, path), "rb") as file:
                yield from iter(lambda: file.read(_PIECE), b"")
        except OSError as error:
            raise Unreadable(path, error.strerror or str(error)) from error

    def commit(self, files: Mapping[str, bytes], last: str, record: bytes) -> None:
        """Writes and syncs everything aside first, so that a full disk is found out early."""
        targets = {name: self.path(name) for name in [*files, last]}
        with explained(self.folder, last), scratch(self.folder) as aside:
            staged = {}
            for i, (name, data) in enumerate([*files.items(), (last, record)]):
                staged[name] = aside / str(i)
                with explained(self.folder, name):
                    write_synced(staged[name], [data])
            for name in files:
                with explained(self.folder, name):
                    move_into_place(staged[name], targets[name])
            for folder in {targets[name].parent for name in files}:
                sync_folder(folder)
            move_into_place(staged[last], targets[last])
            sync_folder(targets[last].parent)

    def replace(self, path: str, chunks: Iterable[bytes]) -> None:
        replace_file(self.folder, path, chunks)

    def remove(self, path: str) -> None:
        with explained(self.folder, path):
            self.path(path).unlink(missing_ok=True)
        with suppress(OSError):
            self.path(path).parent.rmdir()

    def clear(self) -> None:
        clear_stale(self.folder)
