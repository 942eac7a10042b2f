"""What of an export is on the disk already, in `.export/` inside it.

Frames are exported in blocks. A block's paths are noted before its files are written, and its
frames' notes after them: whatever dies in between, every file is known, and a block with notes is
whole. When all is done the notes go and the list of files stays, so that an export of the grown
dataset can remove what has no place in it any more.
"""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from simgen.audit.reading import locate
from simgen.errors import SimgenError
from simgen.scratch import explained

STATE = ".export"


class Entry(msgspec.Struct):
    """A frame that has been exported.

    Attributes:
        stamp: size and time of change of its record: one that was made anew is exported anew.
        files: sizes by path.
        copied: how many of the dataset's files could not be linked.
    """

    frame: int
    split: str
    stamp: tuple[int, int]
    labels: int
    files: dict[str, int]
    copied: int
    lost: dict[str, int]
    note: msgspec.Raw


class Completed(msgspec.Struct):
    """A complete export.

    Attributes:
        frames: digest of its frames.
        told: JSON of what was told of it.
    """

    frames: str
    told: msgspec.Raw


_decoder = msgspec.json.Decoder(Entry)
_completed = msgspec.json.Decoder(Completed)


@dataclass(frozen=True)
class Journal:
    """The state of the export into the folder `out`."""

    out: Path

    @property
    def state(self) -> Path:
        return self.out / STATE

    @property
    def aside(self) -> Path:
        """Where files lie that are not yet whole."""
        return self.state / "aside"

    def clear(self, blocks: Collection[int]) -> None:
        """Removes what a dead process left half-written, and the notes of other blocks."""
        shutil.rmtree(self.aside, ignore_errors=True)
        self.aside.mkdir(parents=True)
        there = {int(path.stem) for path in self.state.glob("blocks/*") if path.stem.isdecimal()}
        for block in there - set(blocks):
            self._forget(block)

    def begin(self, block: int, paths: Iterable[str]) -> None:
        """Notes the files that a block is about to write."""
        self._forget(block)
        self._put(f"blocks/{block}.begun", _lines(paths))

    def end(self, block: int, entries: Iterable[Entry]) -> None:
        """Notes that a block's files are there."""
        self._put(f"blocks/{block}.done", (msgspec.json.encode(e) + b"\n" for e in entries))
        (self.state / f"blocks/{block}.begun").unlink()

    def entries(self, block: int) -> list[Entry]:
        """Returns the frames of a block; none where it is not done."""
        try:
            lines = (self.state / f"blocks/{block}.done").read_bytes().splitlines()
            return [_decoder.decode(line) for line in lines]
        except (OSError, ValueError):
            return []

    def common(self, frames: str) -> dict[str, int]:
        """Returns sizes by path of the files that are about all frames, as far as they are there.

        Args:
            frames: digest of those frames: files about others do not count.
        """
        with suppress(OSError, ValueError):
            lines = (self.state / "common").read_bytes().splitlines()
            about, *files = [msgspec.json.decode(line) for line in lines]
            if about == frames:
                return dict(files)
        return {}

    def add_common(self, frames: str, files: Mapping[str, int]) -> None:
        """Notes all files about these frames that are there."""
        self._put("common", (msgspec.json.encode(e) + b"\n" for e in (frames, *files.items())))

    def completed(self) -> Completed | None:
        """Returns what a complete export is; None where it is not complete."""
        try:
            return _completed.decode((self.state / "complete.json").read_bytes())
        except (OSError, ValueError):
            return None

    def files(self) -> Iterator[tuple[str, int]]:
        """Yields path and size of each file of a complete export."""
        with suppress(OSError, ValueError), open(self.state / "files") as lines:
            for line in lines:
                size, _, path = line.rstrip("\n").partition(" ")
                yield path, int(size)

    def complete(self, about: Completed, files: Iterable[tuple[str, int]]) -> None:
        """Notes that all is there, once it is on the disk, and drops the notes of the blocks."""
        self._put("files", (f"{size} {path}\n".encode() for path, size in files))
        os.sync()
        self._put("complete.json", [msgspec.json.encode(about)])
        for name in ("earlier", "common"):
            (self.state / name).unlink(missing_ok=True)
        for name in ("blocks", "aside"):
            shutil.rmtree(self.state / name, ignore_errors=True)

    def reopen(self) -> None:
        """Takes the files of a complete export for those of an earlier one."""
        if self.completed():
            self._remember(path for path, _ in self.files())
            (self.state / "complete.json").unlink()

    def leftovers(self, files: Iterable[tuple[str, int]]) -> set[str]:
        """Returns the paths that were written at some time and are not of `files`."""
        with suppress(OSError):
            earlier = set((self.state / "earlier").read_text().splitlines())
            for path, _ in files:
                earlier.discard(path)
            return earlier
        return set()

    def intact(self, files: Iterable[tuple[str, int]]) -> bool:
        """Tells whether files, with these sizes, are in the export."""
        try:
            return all(locate(self.out, path).stat().st_size == size for path, size in files)
        except (OSError, SimgenError):
            return False

    def _forget(self, block: int) -> None:
        """Moves what a block wrote to the earlier files."""
        begun = self.state / f"blocks/{block}.begun"
        paths = [path for entry in self.entries(block) for path in entry.files]
        with suppress(OSError):
            paths += begun.read_text().splitlines()
        if paths:
            self._remember(paths)
        (self.state / f"blocks/{block}.done").unlink(missing_ok=True)
        begun.unlink(missing_ok=True)

    def _remember(self, paths: Iterable[str]) -> None:
        with open(self.state / "earlier", "ab") as file:
            file.writelines(_lines(paths))

    def _put(self, name: str, chunks: Iterable[bytes]) -> None:
        with explained(self.out, f"{STATE}/{name}"):
            (self.state / name).parent.mkdir(parents=True, exist_ok=True)
            part = self.aside / name.replace("/", "-")
            with open(part, "wb") as file:
                file.writelines(chunks)
            os.replace(part, self.state / name)


def _lines(paths: Iterable[str]) -> Iterator[bytes]:
    return (f"{path}\n".encode() for path in paths)
