"""Pascal VOC: JPEGImages/, Annotations/ with an XML file for each, ImageSets/Main/<split>.txt.

Sources: the development kit of VOC2012 (http://host.robots.ox.ac.uk/pascal/VOC/voc2012, devkit_doc)
and the annotation guidelines of VOC2011 (.../VOC/voc2011/guidelines.html).

Boxes are of the visible mask and count pixels from 1, both ends inclusive: xmin = x + 1, xmax = x +
width for a box that covers width pixels from column x on. All are whole numbers and exact.

The guidelines' marks, measured instead of judged; a whole object is all of its silhouette, hidden
or not, in the picture or beyond:
truncated: more than 15 % of the whole object lies outside its box, whether it is cut off by the
    picture or hidden (the guidelines say 15 to 20 %).
occluded: more than 5 % of the object inside its box is hidden.
difficult: for evaluations to pass over: the visible share of the whole object is below 20 %, or it
    shows fewer than 30 pixels. The guidelines leave it to the eye; these bounds are ours.
pose is Unspecified, segmented 0. VOC's boxes have no masks, poses, keypoints or instance ids: use
another format for those. Control characters in a name, which XML has none of, are U+FFFD.
trainval.txt is train and val together.

Pictures that are no JPEG keep their suffix, which readers that add .jpg themselves do not find:
they are counted, and image=jpg encodes them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

import msgspec

from simgen.checks import require
from simgen.export.format import Exported, Part
from simgen.export.masks import cropped
from simgen.export.sample import Label, Sample

_NO_JPEG = "pictures that are no JPEG, which some readers expect (image=jpg)"
# What XML 1.0 has no character for.
_UNSOUND = re.compile("[^\\t\\n\\r\\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Voc:
    """Boxes with the marks of the guidelines.

    Attributes:
        truncated_above: share of the whole object outside its box, above which it is truncated.
        occluded_above: share of the object inside its box that is hidden.
        difficult_fraction: visible share of the whole object, below which it is difficult.
        difficult_px: visible pixels below which it is.
    """

    truncated_above: float = 0.15
    occluded_above: float = 0.05
    difficult_fraction: float = 0.2
    difficult_px: int = 30

    def __post_init__(self):
        shares = ("truncated_above", "occluded_above", "difficult_fraction")
        require(0, 1, fixed=True, **{name: getattr(self, name) for name in shares})
        require(0, whole=True, fixed=True, difficult_px=self.difficult_px)

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns the picture and its XML file."""
        name = f"{sample.name}{sample.picture.suffix}"
        root = _element(
            "annotation",
            folder="JPEGImages",
            filename=name,
            source={"database": "simgen", "annotation": "simgen", "image": "synthetic"},
            size={"width": sample.width, "height": sample.height, "depth": 3},
            segmented=0,
        )
        root.extend(self._object(label) for label in sample.labels)
        ElementTree.indent(root)
        files = {
            f"JPEGImages/{name}": sample.picture,
            f"Annotations/{sample.name}.xml": ElementTree.tostring(root, "utf-8") + b"\n",
        }
        lost = {} if sample.picture.suffix in (".jpg", ".jpeg") else {_NO_JPEG: 1}
        return Part(files, msgspec.json.encode(sample.name), lost)

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields the list of each split, and of train and val together."""
        for split in exported.splits:
            yield f"ImageSets/Main/{split}.txt", _names(exported, [split])
        both = [split for split in exported.splits if split != "test"]
        yield "ImageSets/Main/trainval.txt", _names(exported, both)

    def _object(self, label: Label) -> ElementTree.Element:
        x, y, w, h = label.box
        outside, hidden, shown = _shares(label)
        return _element(
            "object",
            name=label.category,
            pose="Unspecified",
            truncated=int(outside > self.truncated_above),
            occluded=int(hidden > self.occluded_above),
            difficult=int(shown < self.difficult_fraction or label.area < self.difficult_px),
            bndbox={"xmin": x + 1, "ymin": y + 1, "xmax": x + w, "ymax": y + h},
        )


def _shares(label: Label) -> tuple[float, float, float]:
    """Returns, of 1: how much of the whole object is outside its box, how much of what is inside it
    is hidden, and how much of the whole is visible."""
    whole = label.amodal_area / (1 - label.truncation)
    inside = _inside_box(label)
    return 1 - inside / whole, 1 - label.area / inside, label.area / whole


def _inside_box(label: Label) -> int:
    """Returns how many pixels of the silhouette are inside the visible mask's box."""
    if label.amodal_box == label.box:
        return label.amodal_area
    return int(cropped(label.amodal_mask, label.box).sum())


def _element(tag: str, /, **children: Any) -> ElementTree.Element:
    element = ElementTree.Element(tag)
    for name, value in children.items():
        if isinstance(value, Mapping):
            element.append(_element(name, **value))
        else:
            ElementTree.SubElement(element, name).text = _UNSOUND.sub("\ufffd", str(value))
    return element


def _names(exported: Exported, splits: Iterable[str]) -> Iterator[bytes]:
    names = [
        msgspec.json.decode(note, type=str) for split in splits for note in exported.notes(split)
    ]
    return (f"{name}\n".encode() for name in sorted(names))
