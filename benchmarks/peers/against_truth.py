"""A COCO folder of a known scene, held against what the ray through each pixel centre meets.

Masks are read as COCO's own reader reads them. An annotation belongs to the object of its class
that its mask and box overlap most, each object to one annotation at most.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pycocotools import mask as coco
from scipy.ndimage import binary_fill_holes
from scipy.optimize import linear_sum_assignment

from simgen.frame import Truth
from simgen.spec import SceneSpec

Box = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Thing:
    """An object of one class as a picture shows it: the truth's, or an annotation's.

    Attributes:
        area: pixels; what the annotation states, not what its mask covers.
        half: the mask again, of polygons that are moved half a pixel right and down.
    """

    name: str
    category: str
    mask: np.ndarray
    box: Box
    area: float
    half: np.ndarray | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Verdict:
    """One visible object, and what became of it.

    Attributes:
        area, holes: true pixels of the object, and of what is enclosed by it but not of it.
        filled: of the holes, those that its annotation claims; None, as the rest: it has none.
        iou: of the masks. `half_iou`: as if polygons were moved by half a pixel.
        covered: pixels of the annotation's own mask.
        stated: the annotation's area.
        box_off: farthest side of its box from where it should be, pixels.
    """

    frame: int
    name: str
    area: int
    holes: int
    filled: int | None = None
    iou: float | None = None
    half_iou: float | None = None
    covered: int | None = None
    stated: float | None = None
    box_off: float | None = None

    @property
    def labelled(self) -> bool:
        return self.iou is not None


def visible(spec: SceneSpec, truth: Truth) -> list[Thing]:
    """Returns each object that has a class and a pixel."""
    masks = [(i + 1, body, truth.instance == i + 1) for i, body in enumerate(spec.bodies)]
    return [
        Thing(f"{body.category} {i}", body.category, mask, _box(mask), int(mask.sum()))
        for i, body, mask in masks
        if body.category and mask.any()
    ]


def annotated(folder: Path) -> list[list[Thing]]:
    """Returns the annotations of each image, in the order of the images' names."""
    data = json.loads((folder / "coco_annotations.json").read_text())
    names = {category["id"]: category["name"] for category in data["categories"]}
    images = sorted(data["images"], key=lambda image: image["file_name"])
    return [
        [_thing(a, image, names) for a in data["annotations"] if a["image_id"] == image["id"]]
        for image in images
    ]


def _thing(annotation: dict, image: dict, names: dict[int, str]) -> Thing:
    shape, size = annotation["segmentation"], (image["height"], image["width"])
    moved = None
    if isinstance(shape, list):
        moved = _decoded([(np.array(polygon) + 0.5).tolist() for polygon in shape], size)
    return Thing(
        f"annotation {annotation['id']}",
        names[annotation["category_id"]],
        _decoded(shape, size),
        tuple(annotation["bbox"]),
        annotation["area"],
        moved,
    )


def _decoded(shape: list | dict, size: tuple[int, int]) -> np.ndarray:
    runs = coco.frPyObjects(shape, *size)
    return coco.decode(coco.merge(runs) if isinstance(runs, list) else runs).astype(bool)


def _box(mask: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1


def judge(frame: int, true: Sequence[Thing], said: Sequence[Thing]) -> Iterator[Verdict]:
    """Yields a verdict for each visible object."""
    partner = dict(_pairs(true, said))
    for i, thing in enumerate(true):
        enclosed = binary_fill_holes(thing.mask) & ~thing.mask
        seen = Verdict(frame, thing.name, int(thing.area), int(enclosed.sum()))
        yield _compared(seen, thing, said[partner[i]], enclosed) if i in partner else seen


def strays(true: Sequence[Thing], said: Sequence[Thing]) -> list[str]:
    """Returns the names of annotations that belong to no visible object."""
    taken = {j for _, j in _pairs(true, said)}
    return [thing.name for j, thing in enumerate(said) if j not in taken]


def _compared(seen: Verdict, true: Thing, said: Thing, enclosed: np.ndarray) -> Verdict:
    half = said.mask if said.half is None else said.half
    return Verdict(
        seen.frame,
        seen.name,
        seen.area,
        seen.holes,
        filled=int((said.mask & enclosed).sum()),
        iou=_iou(true.mask, said.mask),
        half_iou=_iou(true.mask, half),
        covered=int(said.mask.sum()),
        stated=said.area,
        box_off=float(np.abs(np.subtract(_sides(true.box), _sides(said.box))).max()),
    )


def _pairs(true: Sequence[Thing], said: Sequence[Thing]) -> list[tuple[int, int]]:
    overlap = np.array([[_overlap(t, s) for s in said] for t in true]).reshape(len(true), len(said))
    pairs = zip(*linear_sum_assignment(overlap, maximize=True))
    return [(int(i), int(j)) for i, j in pairs if overlap[i, j] > 0]


def _overlap(true: Thing, said: Thing) -> float:
    if true.category != said.category:
        return 0.0
    return _iou(true.mask, said.mask) + _box_iou(true.box, said.box)


def _iou(a: np.ndarray, b: np.ndarray) -> float:
    return float((a & b).sum() / max(1, (a | b).sum()))


def _box_iou(a: Box, b: Box) -> float:
    a, b = np.array(_sides(a)), np.array(_sides(b))
    common = np.clip(np.minimum(a, b)[2:] - np.maximum(a, b)[:2], 0, None).prod()
    return float(common / ((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod() - common))


def _sides(box: Box) -> Box:
    x, y, w, h = box
    return x, y, x + w, y + h
