"""The pictures of a folder: those that its COCO file names, or all that lie there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from simgen.audit.coco_file import CocoFile
from simgen.audit.find import annotation_files, image_folder
from simgen.audit.reading import Unreadable, locate
from simgen.dataset import CARD, CROISSANT
from simgen.errors import SimgenError
from simgen.evaluate.orientation import Size
from simgen.evaluate.picture import Picture
from simgen.pictures import SUFFIXES

_NOT_COCO = ("audit.json", "certificate.json", "metrics.json", CARD, CROISSANT)
_FARTHEST = 1e7  # pixels: a box beyond is a mistake, and would overflow what is made of it


def annotations_of(root: Path) -> str:
    """Returns the COCO file of a folder, as a path inside it; "" where there is none.

    Raises:
        SimgenError: there are several.
    """
    own = "annotations/instances.json"
    if (root / own).is_file():
        return own
    found = annotation_files(root, _NOT_COCO)
    if len(found) > 1:
        raise SimgenError(
            f"{root} holds {len(found)} files of annotations ({', '.join(found[:4])}): name one "
            "as synthetic_annotations= or real_annotations="
        )
    return found[0] if found else ""


def unlabelled(root: Path) -> tuple[Picture, ...]:
    """Returns the pictures of a folder, ordered by name."""
    own = (root / CARD).is_file()  # it holds pictures of depth, instances, ... too
    names = sorted(
        path.relative_to(root).as_posix()
        for path in (root / "images" if own else root).rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".")
    )
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)
    return tuple(Picture(root, name, *nothing) for name in names)


def labelled(root: Path, file: str) -> tuple[tuple[Picture, ...], tuple[str, ...]]:
    """Returns the pictures that a COCO file names, ordered by name, and the file's categories.

    Raises:
        Unreadable: the file is damaged, or names what is not in the folder.
    """
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
    ordered = tuple(sorted(pictures, key=lambda picture: picture.name))
    return ordered, tuple(coco.categories.values())


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
