"""What is in a folder: a dataset of simgen's, or images and a COCO file from anywhere."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import msgspec

from simgen.audit.coco_file import CocoFile
from simgen.audit.formats import MAX_PIXELS, header_size
from simgen.audit.frame import Frame
from simgen.audit.layers import Layers
from simgen.audit.reading import Unreadable, locate, read
from simgen.card import Card, decode_card
from simgen.dataset import CARD, CONFIG, finished
from simgen.errors import SimgenError
from simgen.record import decode_record

OWN_FILE, PANOPTIC = "annotations/instances.json", "annotations/panoptic.json"
REPORT, CERTIFICATE = "audit.json", "certificate.json"
MIN_AGREEMENT = 0.999  # where a dataset does not say
_LOOKED_AT = 50  # images, to find out where they are


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


@dataclass(frozen=True, eq=False)
class Folder:
    """A folder to be audited.

    Attributes:
        numbers: of the frames that have a record.
        coco: None where there is no annotation file. `panoptic`: the same of panoptic.json.
        problems: files of the whole folder that cannot be read.
    """

    source: Source
    numbers: tuple[int, ...]
    coco: CocoFile | None
    panoptic: CocoFile | None = None
    problems: tuple[Unreadable, ...] = ()

    @classmethod
    def open(cls, root: Path, annotations: str = "", images: str = "") -> "Folder":
        """Returns what there is to audit.

        Raises:
            SimgenError: there is nothing that can be audited, or not even an outline of it.
        """
        if not root.is_dir():
            raise SimgenError(f"{root} is no folder: name one that holds a dataset")
        card = decode_card(read(root, CARD), CARD) if (root / CARD).is_file() else None
        numbers = tuple(sorted(finished(root))) if card else ()
        file = annotations or (_own_file(root) if card else _only_file(root))
        problems: list[Unreadable] = []
        coco = _loaded(root, file, problems if card else None)
        panoptic = _loaded(root, PANOPTIC if (root / PANOPTIC).exists() and card else "", problems)
        names = {category.id: category.name for category in card.categories} if card else {}
        settings = {
            "annotations": file if coco else "",
            "info": coco.info if coco else {},
            "panoptic": panoptic.categories if panoptic else {},
            "min_agreement": _least_agreement(root),
        }
        base = "images" if card else images or _base(root, file, coco)
        names = names or (coco.categories if coco else {})
        source = Source(root, card, file if coco else "", base, names, settings)
        return cls(source, numbers, coco, panoptic, tuple(problems))

    @property
    def frames(self) -> int:
        return len(self.numbers) if self.source.card else len(self.coco.images)

    def tasks(self) -> Iterator[Task]:
        """Yields every frame there is to look at."""
        if not self.source.card:
            for entry, raws in self.coco.tasks():
                yield Task(entry["id"], entry, raws)
            return
        for number in self.numbers:
            entry = self.entries.get(number)
            raws = self.coco.annotations.get(number, ()) if self.coco else ()
            segments = self.panoptic.annotations.get(number, ()) if self.panoptic else ()
            yield Task(number, entry, tuple(map(bytes, raws)), b"".join(segments[:1]))

    def has(self, need: str) -> bool:
        """Tells whether a check that needs this can be asked; `need` is one of NEEDS."""
        return (self.coco if need == "annotations" else self.source.card) is not None

    def file(self, name: str) -> str:
        """Returns which file a finding names."""
        return self.source.annotations if name == "annotations" else CARD

    @cached_property
    def entries(self) -> dict[Any, dict[str, Any]]:
        """The images' entries in the annotation file, by id."""
        return {entry["id"]: entry for entry in self.coco.images} if self.coco else {}

    def listed(self, folder: str) -> frozenset[str]:
        """Returns the paths of the files that lie in one folder of the dataset."""
        try:
            there = locate(self.source.root, folder).iterdir()
            return frozenset(f"{folder}/{path.name}".removeprefix("./") for path in there)
        except (OSError, Unreadable):
            return frozenset()


def _least_agreement(root: Path) -> float:
    """Returns what the config of a dataset asks of the two engines, or else the usual."""
    try:
        config = read(root, CONFIG, 1 << 20).decode("utf-8", "replace")
    except Unreadable:
        return MIN_AGREEMENT
    found = re.search(r"^min_agreement: ([0-9.e-]{1,20})$", config, re.MULTILINE)
    with suppress(ValueError):
        return float(found[1]) if found else MIN_AGREEMENT
    return MIN_AGREEMENT


def _own_file(root: Path) -> str:
    return OWN_FILE if (root / OWN_FILE).exists() else ""


def _only_file(root: Path) -> str:
    """Returns the one COCO file of a folder that is not simgen's."""
    found = sorted(
        path.relative_to(root).as_posix()
        for pattern in ("*.json", "annotations/*.json")
        for path in root.glob(pattern)
        if path.name not in (REPORT, CERTIFICATE)
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise SimgenError(
            f"{root} holds neither a dataset of simgen's nor a COCO file (*.json, "
            f"annotations/*.json): name one with --annotations"
        )
    likely = [name for name in found if name.rpartition("/")[2].startswith("instances")]
    if len(likely) == 1:
        return likely[0]
    raise SimgenError(f"{root} holds {len(found)} files of annotations ({', '.join(found[:4])}): "
                      f"name one with --annotations")  # fmt: skip


def _loaded(root: Path, file: str, problems: list[Unreadable] | None) -> CocoFile | None:
    try:
        return CocoFile.load(root, file) if file else None
    except Unreadable as error:
        if problems is None:
            raise
        problems.append(error)
        return None


def _base(root: Path, file: str, coco: CocoFile) -> str:
    """Returns the folder in which most of the first images are."""
    home = PurePosixPath(file).parent
    split = PurePosixPath(file).stem.rpartition("_")[2]
    bases = dict.fromkeys(
        base.as_posix()
        for base in (home / "images", home, PurePosixPath("images"), PurePosixPath("."),
                     PurePosixPath(split), PurePosixPath("images", split))
    )  # fmt: skip
    names = [str(entry.get("file_name")) for entry in coco.images[:_LOOKED_AT]]
    return max(bases, key=lambda base: sum(_exists(root, f"{base}/{name}") for name in names))


def _exists(root: Path, relative: str) -> bool:
    try:
        return locate(root, relative).is_file()
    except (Unreadable, OSError):
        return False


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
