"""Where a folder's frames are, and how one of them is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import msgspec

from simgen.audit.bounds import flaw
from simgen.audit.formats import MAX_PIXELS, header_size
from simgen.audit.frame import Frame
from simgen.audit.layers import Layers
from simgen.audit.reading import Unreadable, read
from simgen.card import Card
from simgen.errors import SimgenError
from simgen.record import decode_record


class Task(NamedTuple):
    """One frame to be looked at, small enough to be sent to another process."""

    number: Any
    entry: Mapping[str, Any] | None
    annotations: tuple[bytes, ...]
    segments: bytes = b""


@dataclass(frozen=True)
class Source:
    """Where frames are and how they are read; the same for all of them.

    Attributes:
        card: of simgen's dataset; None for any other folder.
        annotations: the COCO file inside the folder; '' if there is none.
        images: the folder, inside, that file_name is relative to.
    """

    root: Path
    card: Card | None
    annotations: str
    images: str
    categories: Mapping[Any, str]
    settings: Mapping[str, Any]

    def frame(self, task: Task) -> tuple[Frame, tuple[str, str]]:
        """Returns a frame, and the path and SHA-256 of the file that stands for it.

        Raises:
            SimgenError: its record cannot be read.
        """
        return self._recorded(task) if self.card else self._described(task)

    def _recorded(self, task: Task) -> tuple[Frame, tuple[str, str]]:
        path = f"records/{task.number:06d}.json"
        data = read(self.root, path)
        try:
            record = decode_record(data, path)
        except SimgenError as error:
            raise Unreadable(path, str(error).removeprefix(f"{path}: ")) from error
        if record.frame != task.number:
            raise Unreadable(path, f"it is the record of frame {record.frame}")
        camera = record.spec.camera
        if not 0 < camera.width * camera.height <= MAX_PIXELS:
            raise Unreadable(path, f"no picture is {camera.width}x{camera.height}")
        large = next(filter(None, map(flaw, {body.shape: 0 for body in record.spec.bodies})), "")
        if large:
            raise Unreadable(path, large)
        image = next((name for name in record.files if name.startswith("images/")), None)
        return (
            self._made(task, image, (camera.height, camera.width), record),
            (path, sha256(data).hexdigest()),
        )

    def _described(self, task: Task) -> tuple[Frame, tuple[str, str]]:
        name = task.entry.get("file_name")
        image = str(PurePosixPath(self.images, name)) if isinstance(name, str) and name else None
        size, digest = _stated(task.entry), ""
        try:
            data = read(self.root, image) if image else b""
            size, digest = size or _measured(data), sha256(data).hexdigest()
        except Unreadable:  # which a check reports
            pass
        return self._made(task, image, size or (1, 1), None), (image or "", digest)

    def _made(self, task: Task, image: str | None, size: tuple[int, int], record: Any) -> Frame:
        files = record.files if record else ()
        layers = Layers(self.root, image, {path.split("/", 1)[0]: path for path in files}, size)
        return Frame(
            number=task.number,
            size=size,
            layers=layers,
            categories=self.categories,
            record=record,
            annotations=_decoded(task.annotations) if self.annotations else None,
            entry=task.entry,
            segments=_entry(task.segments) if task.segments else None,
            settings=self.settings,
        )


def _stated(entry: Mapping[str, Any]) -> tuple[int, int] | None:
    size = entry.get("height"), entry.get("width")
    sound = all(type(n) is int and n > 0 for n in size)
    return size if sound and size[0] * size[1] <= MAX_PIXELS else None


def _measured(data: bytes) -> tuple[int, int] | None:
    width, height = header_size(data) or (0, 0)
    return (height, width) if 0 < width * height <= MAX_PIXELS else None


def _decoded(raws: tuple[bytes, ...]) -> tuple[Any, ...]:
    return tuple(_entry(raw) for raw in raws)


def _entry(raw: bytes) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (ValueError, RecursionError):
        return None
