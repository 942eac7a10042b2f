"""Ultralytics YOLO: images/<split>/, labels/<split>/ with a text file for each, and data.yaml.

Source: https://docs.ultralytics.com/datasets/ (detect, segment, pose, obb), and what the functions
verify_image_label and check_det_dataset of the package ultralytics accept.

A line for each object: its class, counted from 0 (in the dataset from 1), then numbers as shares of
the picture's width and height, (0, 0) the corner of its first pixel as in the dataset. They have 6
decimals: in a picture of 1,000 pixels, a box is off by at most 0.001. A picture without objects has
an empty file. data.yaml names no path: its own folder is the root. Where no frame validates, it
names the training pictures, as Ultralytics will not start without.

detect: centre x, y, width, height of the visible mask's box.
segment: a polygon around the visible mask (outline.py), from which whatever paints with
    cv2.fillPoly at the picture's size, such as Ultralytics and supervision, gets the same mask
    again, holes too. Parts of an object that do not touch are joined by a line one pixel wide, as
    Ultralytics' own converter from COCO joins them; that is counted.
pose: the box, then x, y, visibility of each keypoint: 0 not in the picture (x = y = 0), 1 hidden,
    2 seen, as in COCO. All objects have the same keypoints, so those of classes without any, or
    that are not chosen, are left out, and counted. flip_idx swaps left and right in the names.
obb: x, y of the four corners, clockwise, of the smallest rectangle around the visible mask. They
    must lie in the picture; where one does not, the upright box is written, and that is counted.

Of objects with equal lines Ultralytics keeps one; only one is written, and that is counted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import yaml

from simgen.distributions import written
from simgen.errors import SimgenError, did_you_mean, one_of
from simgen.export.format import Exported, Part
from simgen.export.masks import cropped
from simgen.export.outline import polygon, rotated_box
from simgen.export.sample import Label, Sample

TASKS = ("detect", "segment", "pose", "obb")
_JOINED = "objects in several parts, joined by a line one pixel wide"
_UPRIGHT = "rotated boxes that reach out of the picture, upright instead"
_EQUAL = "objects left out: the same line as another"
_POINTLESS = "objects left out: without keypoints, or of classes not chosen"


@dataclass(frozen=True)
class Yolo:
    """One of Ultralytics' tasks.

    Attributes:
        task: detect, segment, pose or obb.
        categories: for pose, whose keypoints; None: of all that have any, which must be the same.
    """

    task: str = "detect"
    categories: tuple[str, ...] | None = None

    def __post_init__(self):
        one_of("task", self.task, TASKS)
        if not isinstance(self.categories, tuple | None):
            raise SimgenError(f"categories={written(self.categories)} must be a list, as [pallet]")
        if self.categories is not None and self.task != "pose":
            raise SimgenError("categories is for task=pose: leave it out")

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns the picture and its text file.

        Raises:
            SimgenError: for pose, a class that is not the dataset's, or objects with other
                keypoints than those before.
        """
        lost: Counter[str] = Counter()
        shown = [label for label in sample.labels if self._fits(label, sample, lost)]
        lines = [_line(label, self._numbers(label, sample, lost)) for label in shown]
        kept = tuple(dict.fromkeys(lines))
        lost[_EQUAL] += len(lines) - len(kept)
        files = {
            f"images/{split}/{sample.name}{sample.picture.suffix}": sample.picture,
            f"labels/{split}/{sample.name}.txt": "".join(kept).encode(),
        }
        return Part(
            files, msgspec.json.encode(_points_of(shown) if self.task == "pose" else ()), +lost
        )

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields data.yaml; raises SimgenError where pose finds keypoints that differ."""
        about: dict[str, Any] = {name: f"images/{name}" for name in exported.splits}
        about["train"] = about.get("train", next(iter(about.values())))
        about["val"] = about.get("val", about["train"])
        about["names"] = {c.id - 1: c.name for c in exported.card.categories}
        if self.task == "pose":
            about |= _keypoints(exported)
        text = yaml.safe_dump(about, sort_keys=False, allow_unicode=True)
        yield "data.yaml", [text.encode()]

    def _fits(self, label: Label, sample: Sample, lost: Counter[str]) -> bool:
        if self.task != "pose":
            return True
        for name in self.categories or ():
            names = [category.name for category in sample.categories]
            if name not in names:
                raise SimgenError(
                    f"format.categories: {name!r} is none; {did_you_mean(name, names)}"
                )
        chosen = self.categories is None or label.category in self.categories
        lost[_POINTLESS] += not (chosen and label.keypoints)
        return bool(chosen and label.keypoints)

    def _numbers(self, label: Label, sample: Sample, lost: Counter[str]) -> list[float]:
        """Returns what follows the class in a line."""
        x, y, w, h = label.box
        across, down = sample.width, sample.height
        box = [(x + w / 2) / across, (y + h / 2) / down, w / across, h / down]
        if self.task == "detect":
            return box
        if self.task == "pose":
            points = ((k.x / across, k.y / down, k.visibility) for k in label.keypoints)
            return [*box, *(number for point in points for number in point)]
        mask = cropped(label.mask, label.box)
        if self.task == "segment":
            corners, parts = polygon(mask)
            corners += (x, y)
            lost[_JOINED] += parts > 1
        else:
            corners = rotated_box(mask) + (x, y)
            if corners.min() < 0 or (corners > (across, down)).any():
                lost[_UPRIGHT] += 1
                corners = np.array([(x, y), (x + w, y), (x + w, y + h), (x, y + h)])
        return (corners / (across, down)).ravel().tolist()


def _line(label: Label, numbers: Sequence[float]) -> str:
    texts = (f"{number:.6f}".rstrip("0").rstrip(".") for number in numbers)
    return f"{label.category_id - 1} {' '.join(texts)}\n"


def _points_of(labels: Sequence[Label]) -> dict[str, tuple[str, ...]]:
    """Returns the names of the keypoints by class."""
    points: dict[str, tuple[str, ...]] = {}
    for label in labels:
        points[label.category] = tuple(point.name for point in label.keypoints)
    _require_same(points)
    return points


def _require_same(points: dict[str, tuple[str, ...]]) -> None:
    """Raises SimgenError where classes have other keypoints than one another."""
    for name, others in zip(points, list(points)[1:]):
        if points[name] != points[others]:
            raise SimgenError(
                f"{name!r} and {others!r} have other keypoints, and YOLO has one list for all: "
                f"choose by format.categories=[{name}]"
            )


def _keypoints(exported: Exported) -> dict[str, Any]:
    """Returns what data.yaml says of them."""
    points: dict[str, tuple[str, ...]] = {}
    for split in exported.splits:
        for note in exported.notes(split):
            points |= msgspec.json.decode(note, type=dict[str, tuple[str, ...]])
            _require_same(points)
    if not points:
        raise SimgenError("no object has keypoints: use format.task=detect, or other objects")
    names = list(next(iter(points.values())))
    place = {name: i for i, name in enumerate(names)}
    return {
        "kpt_shape": [len(names), 3],
        "flip_idx": [place.get(_mirrored(name), i) for name, i in place.items()],
        "kpt_names": {c.id - 1: names for c in exported.card.categories if c.name in points},
    }


def _mirrored(name: str) -> str:
    other = {"left": "right", "right": "left"}
    return "_".join(other.get(word, word) for word in name.split("_"))
