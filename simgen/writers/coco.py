"""annotations/instances.json: COCO's detection and segmentation format, from the records alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.frame import Frame, Instance, Rle
from simgen.record import Record
from simgen.scratch import replace_file

FILE = "annotations/instances.json"
_IDS_PER_FRAME = 65536  # instance ids are 16-bit


@dataclass(frozen=True)
class Coco:
    """One file for the dataset; what falls below a threshold is left out, and counted in `info`.

    Attributes:
        min_visible_px: visible pixels that an object must have.
        min_visible_fraction: share of its silhouette inside the frame that must be visible.
    """

    min_visible_px: int = 1
    min_visible_fraction: float = 0.0

    def __post_init__(self):
        require(1, fixed=True, min_visible_px=self.min_visible_px)
        require(0, 1, fixed=True, min_visible_fraction=self.min_visible_fraction)

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns nothing: the labels are in the frame's record."""
        return {}

    def finish(self, dataset: Dataset) -> None:
        """Folds the records into the file, one at a time."""
        replace_file(dataset.folder, FILE, self._chunks(dataset))

    def _chunks(self, dataset: Dataset) -> Iterator[bytes]:
        """Yields the file; `info` comes last because it counts what was left out."""
        counts = Counter(annotations=0, below_min_visible_px=0, below_min_visible_fraction=0)
        categories = [
            {"id": c.id, "name": c.name, "supercategory": "object"} for c in dataset.card.categories
        ]
        yield b'{"categories":' + msgspec.json.encode(categories)
        yield b',\n"licenses":[],\n"images":['
        yield from joined(image_entry(record) for record in dataset.records())
        yield b'],\n"annotations":['
        yield from joined(self._annotations(dataset, counts))
        yield b'],\n"info":' + msgspec.json.encode(self._info(dataset, counts)) + b"}\n"

    def _annotations(self, dataset: Dataset, counts: Counter[str]) -> Iterator[dict[str, Any]]:
        ids = {category.name: category.id for category in dataset.card.categories}
        for record in dataset.records():
            for label in record.labels:
                if label.category not in ids:
                    raise SimgenError(
                        f"frame {record.frame}: category {label.category!r} is not in dataset.json"
                    )
                if label.area < self.min_visible_px:
                    counts["below_min_visible_px"] += 1
                elif label.visible_fraction < self.min_visible_fraction:
                    counts["below_min_visible_fraction"] += 1
                else:
                    counts["annotations"] += 1
                    yield _annotation(record.frame, label, ids[label.category])

    def _info(self, dataset: Dataset, counts: Counter[str]) -> dict[str, Any]:
        return {
            "description": "Synthetic images and their exact labels, made by simgen; "
            "the licence is for the maker of the dataset to choose",
            "version": dataset.card.made_with.get("simgen", ""),
            "seed": dataset.card.seed,
            "min_visible_px": self.min_visible_px,
            "min_visible_fraction": self.min_visible_fraction,
            "annotations": counts["annotations"],
            "left_out": {name: n for name, n in counts.items() if name != "annotations"},
        }


def image_entry(record: Record) -> dict[str, Any]:
    """Returns COCO's entry of a frame's image."""
    name = next(path for path in record.files if path.startswith("images/"))
    camera = record.spec.camera
    return {
        "id": record.frame,
        "file_name": name.removeprefix("images/"),
        "width": camera.width,
        "height": camera.height,
    }


def _annotation(frame: int, label: Instance, category: int) -> dict[str, Any]:
    return {
        "id": frame * _IDS_PER_FRAME + label.id,
        "image_id": frame,
        "category_id": category,
        "bbox": label.box,
        "area": label.area,
        "iscrowd": 0,
        "segmentation": _rle(label.mask),
        "instance_id": label.id,
        "visible_fraction": label.visible_fraction,
        "truncation": label.truncation,
        "amodal_bbox": label.amodal_box,
        "amodal_area": label.amodal_area,
        "amodal_segmentation": _rle(label.amodal_mask),
    }


def _rle(mask: Rle) -> dict[str, Any]:
    return {"size": mask.size, "counts": mask.counts}


def joined(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yields the items of a JSON list, one on a line."""
    separator = b"\n"
    for item in items:
        yield separator + msgspec.json.encode(item)
        separator = b",\n"
