"""Pictures to compare and to train on: a dataset, a folder with a COCO file, or mere images."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np

from simgen.audit.coco_file import CocoFile
from simgen.audit.find import annotation_files, image_folder
from simgen.audit.reading import Unreadable, locate, read
from simgen.dataset import CARD, CROISSANT
from simgen.errors import SimgenError, did_you_mean
from simgen.evaluate.orientation import Size, as_labelled, as_seen, left_lying
from simgen.store import folder_of

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")
_FARTHEST = 1e7  # pixels: a box beyond is a mistake, and would overflow what is made of it
NOT_COCO = ("audit.json", "certificate.json", "metrics.json", CARD, CROISSANT)


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture and what is known of it.

    Attributes:
        name: its path inside the folder.
        boxes: (N, 4) float32, x, y, width, height in pixels of the file.
        labels: (N,) int64, indices of `Pictures.categories`.
        crowd: (N,) bool, regions that are neither hits nor misses.
        annotations: (N,) the COCO entries themselves, without their masks.
        frame: its number in a dataset of simgen's, None elsewhere.
        labelled: whether it stands in a file of annotations; its pixels are then those that the
            boxes are of (see orientation.py), else turned as people see them.
        size: width and height that the annotations state, None where they do not.
    """

    root: Path
    name: str
    boxes: np.ndarray
    labels: np.ndarray
    crowd: np.ndarray
    annotations: tuple[dict[str, Any], ...] = ()
    frame: int | None = None
    labelled: bool = False
    size: Size | None = None

    def read(self) -> np.ndarray:
        """Returns (H, W, 3) uint8 RGB.

        Raises:
            Unreadable: the file is missing or no picture.
        """
        return self.decoded(self.data())

    def data(self) -> bytes:
        """Returns the file's bytes; raises Unreadable."""
        with _named_with(self.root):
            return read(self.root, self.name)

    def decoded(self, data: bytes) -> np.ndarray:
        """Returns (H, W, 3) uint8 RGB of the file's bytes; raises Unreadable."""
        pixels = as_labelled(data, self.size) if self.labelled else as_seen(data)
        if pixels is None:
            raise Unreadable(f"{self.root}/{self.name}", "it is no picture that can be decoded")
        return cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)

    @property
    def digest(self) -> str:
        """SHA-256 of the file; equal files count as one picture."""
        return self._digests[0]

    @property
    def seen(self) -> str:
        """The digest, but another one where the same file elsewhere may show turned pixels."""
        return self._digests[1]

    @cached_property
    def _digests(self) -> tuple[str, str]:
        data = self.data()
        of_file = sha256(data).hexdigest()
        lying = self.labelled and left_lying(data, self.size)
        return of_file, sha256(f"{of_file} unturned".encode()).hexdigest() if lying else of_file


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one folder in a fixed order.

    Attributes:
        name: what reports call them.
        categories: names; () where nothing is labelled.
        labelled: whether there is an annotation file.
        annotations: its path inside the folder; '' where there is none.
    """

    root: Path
    name: str
    pictures: tuple[Picture, ...]
    categories: tuple[str, ...] = ()
    labelled: bool = False
    annotations: str = ""

    @classmethod
    def open(cls, folder: str | Path, annotations: str = "", name: str = "") -> "Pictures":
        """Returns the pictures of a folder, ordered by name.

        Args:
            annotations: the COCO file, relative to the folder; '' looks for it.

        Raises:
            SimgenError: there is no such folder, or no picture in it, or the file is damaged.
        """
        root = folder_of(folder)
        if not root.is_dir():
            raise SimgenError(f"{folder} is no folder: name one that holds pictures")
        file = annotations or _annotations(root)
        with _named_with(root):
            found = _labelled(root, file) if file else _unlabelled(root)
        if not found.pictures:
            raise SimgenError(f"{folder} holds no picture ({', '.join(SUFFIXES)})")
        return replace(found, name=name or root.resolve().name)

    def __len__(self) -> int:
        return len(self.pictures)

    def subset(self, indices: Sequence[int]) -> "Pictures":
        """Returns some of the pictures, in the order of `indices`."""
        return replace(self, pictures=tuple(self.pictures[i] for i in indices))

    def with_categories(self, wanted: Sequence[str]) -> "Pictures":
        """Returns the same with labels that are indices of `wanted`; others' labels are left out.

        Raises:
            SimgenError: none of the categories is among them.
        """
        ids = {name: i for i, name in enumerate(wanted)}
        if not set(ids) & set(self.categories):
            names = ", ".join(self.categories) or "none"
            raise SimgenError(
                f"{self.root}: its categories ({names}) have nothing in common with "
                f"{', '.join(wanted)}; {did_you_mean(wanted[0], self.categories)}"
            )
        table = np.array([ids.get(name, -1) for name in self.categories], np.int64)
        pictures = tuple(_relabelled(picture, table) for picture in self.pictures)
        return replace(self, pictures=pictures, categories=tuple(wanted))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the pictures' contents and boxes."""
        total = sha256(msgspec.json.encode(self.categories))
        for picture in self.pictures:
            total.update(picture.seen.encode())
            total.update(picture.boxes.tobytes() + picture.labels.tobytes())
            total.update(picture.crowd.tobytes())
        return total.hexdigest()


def _annotations(root: Path) -> str:
    own = "annotations/instances.json"
    if (root / own).is_file():
        return own
    found = annotation_files(root, NOT_COCO)
    if len(found) > 1:
        raise SimgenError(
            f"{root} holds {len(found)} files of annotations ({', '.join(found[:4])}): name one "
            "as synthetic_annotations= or real_annotations="
        )
    return found[0] if found else ""


@contextmanager
def _named_with(root: Path) -> Iterator[None]:
    """Says in which folder a file is that cannot be read, as there are two."""
    try:
        yield
    except Unreadable as error:
        raise Unreadable(f"{root}/{error.file}", error.reason) from error


def _unlabelled(root: Path) -> Pictures:
    own = (root / CARD).is_file()  # it holds pictures of depth, instances, ... too
    names = sorted(
        path.relative_to(root).as_posix()
        for path in (root / "images" if own else root).rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)
    return Pictures(root, "", tuple(Picture(root, name, *nothing) for name in names))


def _labelled(root: Path, file: str) -> Pictures:
    coco = CocoFile.load(root, file)
    base = image_folder(root, file, coco)
    own = (root / CARD).is_file()
    ids = {category: i for i, category in enumerate(coco.categories)}
    pictures = []
    for entry, raws in coco.tasks():
        name = f"{base}/{entry.get('file_name')}".removeprefix("./")
        locate(root, name)
        frame = entry["id"] if own and isinstance(entry["id"], int) else None
        about = {"frame": frame, "labelled": True, "size": _size(entry)}
        pictures.append(_picture(root, name, [_entry(raw, file) for raw in raws], ids, about))
    names = tuple(coco.categories.values())
    ordered = tuple(sorted(pictures, key=lambda picture: picture.name))
    return Pictures(root, "", ordered, names, labelled=True, annotations=file)


def _entry(raw: bytes, file: str) -> dict[str, Any]:
    entry = msgspec.json.decode(raw)
    entry.pop("segmentation", None)
    box = entry.get("bbox")
    if not _is_box(box):
        raise Unreadable(file, f"annotation {entry.get('id')}: bbox {str(box)[:80]} is no box")
    return entry


def _is_box(box: Any) -> bool:
    plain = isinstance(box, list) and len(box) == 4 and all(type(v) in (int, float) for v in box)
    return plain and all(abs(v) < _FARTHEST for v in box) and min(box[2:]) >= 0


def _size(entry: Mapping[str, Any]) -> Size | None:
    """Returns the width and height that a file of annotations states for a picture."""
    stated = entry.get("width"), entry.get("height")
    return stated if all(type(side) in (int, float) for side in stated) else None


def _picture(root: Path, name: str, entries: list, ids: dict, about: Mapping) -> Picture:
    kinds = (entry.get("category_id") for entry in entries)
    known = [
        e for e, kind in zip(entries, kinds) if isinstance(kind, (int, float, str)) and kind in ids
    ]
    return Picture(
        root,
        name,
        boxes=np.array([entry["bbox"] for entry in known], np.float32).reshape(-1, 4),
        labels=np.array([ids[entry["category_id"]] for entry in known], np.int64),
        crowd=np.array([bool(entry.get("iscrowd")) for entry in known], bool),
        annotations=tuple(known),
        **about,
    )


def _relabelled(picture: Picture, table: np.ndarray) -> Picture:
    labels = table[picture.labels]
    kept = labels >= 0
    return replace(
        picture,
        boxes=picture.boxes[kept],
        labels=labels[kept],
        crowd=picture.crowd[kept],
        annotations=tuple(a for a, keep in zip(picture.annotations, kept) if keep),
    )
