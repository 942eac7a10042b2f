"""COCO: images/<split>/ and annotations/instances_<split>.json; panoptic/<split>/ and its file.

Source: https://cocodataset.org/#format-data, and what pycocotools and panopticapi read.

Ids are the dataset's own: an image's is its frame's number, an annotation's frame * 65536 +
instance id, a category's counts from 1. bbox is (x, y, width, height) of the visible mask in
pixels, (0, 0) the corner of the first one, as in the dataset: exact whole numbers. segmentation is
compressed RLE, so holes and parts stay what they are; area is the mask's; iscrowd is 0. file_name
is relative to images/<split>/, in the panoptic file to panoptic/<split>/. Images carry `intrinsics`
and `lens`.

Keypoints are in the same file, [x, y, visibility, ...] with COCO's visibility; a category has one
list of names, so objects of one category with other keypoints are refused. `include` chooses what
an annotation says beyond COCO, as the dataset's own writer does (simgen/writers/coco.py).

annotations/panoptic_<split>.json is there where the dataset has panoptic/. It has every pixel's
segment, so also objects that min_visible_px or min_visible_fraction leave out of the instances.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from simgen.distributions import written
from simgen.errors import SimgenError, one_of
from simgen.export.format import Exported, Part
from simgen.export.linked import Linked
from simgen.export.sample import Sample
from simgen.props import sound
from simgen.writers.coco import joined
from simgen.writers.coco_entries import EXTRAS, Keypoints, annotation_entry, picture_entry
from simgen.writers.panoptic import panoptic_categories, picture_segments

PANOPTIC = "panoptic"


class _Note(msgspec.Struct):
    """What the files about all frames need of one.

    Attributes:
        image, annotations: entries, already encoded.
        points: category, prop and names of the keypoints of each kind of object.
        segments: the panoptic entry, where there is one.
    """

    image: msgspec.Raw
    annotations: list[msgspec.Raw]
    points: list[tuple[str, str, tuple[str, ...]]]
    segments: list[msgspec.Raw]


_decoder = msgspec.json.Decoder(_Note)


@dataclass(frozen=True)
class Coco:
    """Object detection, instance and panoptic segmentation, keypoints.

    Attributes:
        include: of amodal, keypoints, cuboid, pose and occluders, what annotations say too.
        panoptic: whether panoptic files are written where the dataset has them.
    """

    include: tuple[str, ...] = ("amodal", "keypoints")
    panoptic: bool = True

    def __post_init__(self):
        if not isinstance(self.include, tuple):
            raise SimgenError(
                f"include={written(self.include)} must be a list, such as [amodal, keypoints]"
            )
        for name in self.include:
            one_of("include", name, EXTRAS)
        if not isinstance(self.panoptic, bool):
            raise SimgenError(f"panoptic={written(self.panoptic)} must be true or false")

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns the picture, its segment map and the entries of both."""
        name = f"{sample.name}{sample.picture.suffix}"
        files: dict[str, bytes | Linked] = {f"images/{split}/{name}": sample.picture}
        segments = []
        if self.panoptic and PANOPTIC in sample.files:
            files[f"{PANOPTIC}/{split}/{sample.name}.png"] = Linked(sample.files[PANOPTIC])
            segments = [self._segments(sample)]
        note = {
            "image": picture_entry(sample.number, name, sample.camera),
            "annotations": [
                annotation_entry(sample.number, label, label.category_id, self.include)
                for label in sample.labels
            ],
            "points": self._points(sample),
            "segments": segments,
        }
        return Part(files, msgspec.json.encode(note))

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields the files of each split; raises SimgenError where keypoints differ."""
        for split in exported.splits:
            yield f"annotations/instances_{split}.json", _instances(exported, split)
            if any(note.segments for note in _notes(exported, split)):
                yield f"annotations/{PANOPTIC}_{split}.json", _panoptic(exported, split)

    def _segments(self, sample: Sample) -> dict[str, Any]:
        return picture_segments(
            sample.number,
            sample.files[PANOPTIC],
            f"{sample.name}.png",
            sample.read(PANOPTIC),
            (*sample.labels, *sample.left_out),
            [category.name for category in sample.categories],
        )

    def _points(self, sample: Sample) -> set[tuple[str, str, tuple[str, ...]]]:
        if "keypoints" not in self.include:
            return set()
        return {
            (label.category, sound(label.shape).prop, tuple(k.name for k in label.keypoints))
            for label in sample.labels
        }


def _notes(exported: Exported, split: str) -> Iterator[_Note]:
    return map(_decoder.decode, exported.notes(split))


def _instances(exported: Exported, split: str) -> Iterator[bytes]:
    """Yields the file; the categories come last, when their keypoints are known."""
    points = Keypoints()
    yield from _head(exported, split)
    yield b',\n"annotations":['
    yield from joined(_annotations(exported, split, points))
    categories = [
        {"id": c.id, "name": c.name, "supercategory": "object", **points.of(c.name)}
        for c in exported.card.categories
    ]
    yield b'],\n"categories":' + msgspec.json.encode(categories) + b"}\n"


def _annotations(exported: Exported, split: str, points: Keypoints) -> Iterator[msgspec.Raw]:
    for note in _notes(exported, split):
        for category, prop, names in note.points:
            points.add(category, prop, names)
        yield from note.annotations


def _panoptic(exported: Exported, split: str) -> Iterator[bytes]:
    yield from _head(exported, split)
    yield b',\n"annotations":['
    yield from joined(entry for note in _notes(exported, split) for entry in note.segments)
    names = [category.name for category in exported.card.categories]
    yield b'],\n"categories":' + msgspec.json.encode(panoptic_categories(names)) + b"}\n"


def _head(exported: Exported, split: str) -> Iterator[bytes]:
    info = {
        "description": f"Synthetic images and their exact labels, made by simgen: {split}; the "
        "licence is for the maker of the dataset to choose",
        "version": exported.card.made_with.get("simgen", ""),
        "seed": exported.card.seed,
    }
    yield b'{"info":' + msgspec.json.encode(info) + b',\n"licenses":[],\n"images":['
    yield from joined(note.image for note in _notes(exported, split))
    yield b"]"
