"""Cityscapes: maps of classes and of objects, pixel by pixel, beside each picture.

    leftImg8bit/{train,val,test}/synthetic/synthetic_000000_000042_leftImg8bit.png
    gtFine/{train,val,test}/synthetic/synthetic_000000_000042_gtFine_{labelIds,labelTrainIds,
                                                                      instanceIds,color}.png
    labels.json

Source: README.md, helpers/labels.py, preparation/json2instanceImg.py and evaluation/instance.py of
https://github.com/mcordts/cityscapesScripts. The city is 'synthetic', its sequence 000000, and the
frame's number the dataset's.

labelIds: 8-bit; a category's id in the dataset, 0 = everything else (structure, distractors,
    nothing there). These are no ids of Cityscapes' own classes: labels.json has the fields that
    labels.py has of its own; scripts that import labels.py need its list in place of theirs.
labelTrainIds: the same where everything else is a class to be learnt; where it is ignored, it is
    255, and ids count from 0.
instanceIds: 16-bit; id * 1000 + k for object k, from 0, of a category in the picture; 0 = else.
    Where ids are below 1000 they are classes without objects, or groups.
color: 8-bit RGB, by class; black = everything else.

What it cannot express: more than 64 categories, which instanceIds have no room for, are refused;
objects beyond the thousandth of a category in one picture share its plain id, as a group does, and
are counted. There are no polygons: with them each part of an object that is hidden in the middle
would be an object of its own, and its edges would be drawn anew, not those of the exact mask.
Cityscapes' pictures are PNG: others keep their suffix, and are counted.
"""

import colorsys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from simgen.card import Category
from simgen.errors import SimgenError, one_of
from simgen.export.format import NO_PNG, Exported, Part
from simgen.export.masks import cropped
from simgen.export.sample import Sample
from simgen.writers.png import encode_png, encode_rgb_png

GROUPED = "ids of objects beyond the thousandth of a category in a picture"
_CITY = "synthetic"
_MOST = 64  # categories: the largest id is 64 * 1000 + 999, of 65535
_EACH = 1000  # objects of a category
_GOLDEN = 0.618034  # turns of hue from one category to the next: none comes near another soon


@dataclass(frozen=True)
class Cityscapes:
    """Maps of ids.

    Attributes:
        background: what labelTrainIds say of what has no category: 'class', one to be learnt, or
            'ignored'.
    """

    background: str = "class"

    def __post_init__(self):
        one_of("background", self.background, ("class", "ignored"))

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns picture and maps of a frame; raises SimgenError for too many categories."""
        stem, lost = f"{_CITY}_000000_{sample.name}", Counter()
        labels, instances = _maps(sample, lost)
        train = np.array([each["trainId"] for each in self._labels(sample.categories)], np.uint8)
        colors = np.array([each["color"] for each in self._labels(sample.categories)], np.uint8)
        maps = {
            "labelIds": encode_png(labels),
            "labelTrainIds": encode_png(train[labels]),
            "instanceIds": encode_png(instances),
            "color": encode_rgb_png(colors[labels], level=6),
        }
        files = {f"gtFine/{split}/{_CITY}/{stem}_gtFine_{k}.png": v for k, v in maps.items()}
        pictures = {"leftImg8bit": sample.picture}
        if "images_right" in sample.files:
            right = replace(sample.picture, path=sample.files["images_right"])
            pictures["rightImg8bit"] = right
        for kind, picture in pictures.items():
            files[f"{kind}/{split}/{_CITY}/{stem}_{kind}{picture.suffix}"] = picture
        lost[NO_PNG] += sample.picture.suffix != ".png"
        return Part(files, lost=lost)

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields the list of the classes."""
        labels = msgspec.json.encode(self._labels(exported.card.categories))
        yield "labels.json", [msgspec.json.format(labels, indent=2), b"\n"]

    def _labels(self, categories: Sequence[Category]) -> list[dict[str, object]]:
        """Returns the classes by id, with the fields of labels.py."""
        learnt = self.background == "class"
        labels = [_label(0, "unlabeled", 0 if learnt else 255, (0, 0, 0))]
        for each in categories:
            color = colorsys.hsv_to_rgb(each.id * _GOLDEN % 1, 0.7, 0.9)
            rgb = tuple(round(255 * value) for value in color)
            labels.append(_label(each.id, each.name, each.id - (not learnt), rgb))
        return labels


def _label(i: int, name: str, train: int, color: tuple[int, ...]) -> dict[str, object]:
    return {
        "name": name,
        "id": i,
        "trainId": train,
        "category": "object" if i else "void",
        "categoryId": int(i > 0),
        "hasInstances": i > 0,
        "ignoreInEval": train == 255,
        "color": color,
    }


def _maps(sample: Sample, lost: Counter[str]) -> tuple[np.ndarray, np.ndarray]:
    """Returns labelIds (H, W) uint8 and instanceIds (H, W) uint16."""
    if len(sample.categories) > _MOST:
        raise SimgenError(
            f"Cityscapes' instanceIds have room for {_MOST} categories, and the dataset has "
            f"{len(sample.categories)}: choose another format, such as format=coco"
        )
    labels = np.zeros((sample.height, sample.width), np.uint8)
    instances = np.zeros(labels.shape, np.uint16)
    counts: Counter[int] = Counter()
    for label in sample.labels:
        (x, y, w, h), k = label.box, label.category_id
        mask, window = cropped(label.mask, label.box), np.s_[y : y + h, x : x + w]
        grouped = counts[k] >= _EACH
        labels[window][mask] = k
        instances[window][mask] = k if grouped else k * _EACH + counts[k]
        counts[k] += 1
        lost[GROUPED] += grouped
    return labels, instances
