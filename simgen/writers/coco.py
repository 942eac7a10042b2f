"""annotations/instances.json: COCO's detection and segmentation format, from the records alone."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.distributions import written
from simgen.errors import SimgenError, one_of
from simgen.frame import Frame
from simgen.props import sound
from simgen.writers.coco_entries import EXTRAS, Keypoints, annotation_entry, image_entry

FILE = "annotations/instances.json"


@dataclass(frozen=True)
class Coco:
    """One file for the dataset; what falls below a threshold is left out, and counted in `info`.

    An image has `intrinsics`, the 3x3 matrix K in pixels, and `lens`, the model and coefficients of
    OpenCV's distortion; pixels count from the picture's corner, in OpenCV from half a pixel inside.

    An annotation whose object has attributes, such as defects, lists them as `attributes`.

    Attributes:
        min_visible_px: visible pixels that an object must have.
        min_visible_fraction: share of its silhouette inside the frame that must be visible.
        include: what an annotation says besides its box, mask and area:
            amodal: amodal_bbox, amodal_area, amodal_segmentation, of the whole silhouette inside
                the frame.
            keypoints: keypoints [u, v, visibility, ...] in pixels, visibility 0 outside the picture
                (u = v = 0), 1 hidden, 2 seen; num_keypoints, those that are not 0. Names and
                skeleton (pairs of places in that list, from 1) are the category's; an object
                without keypoints has none of this.
            cuboid: the eight corners of the oriented bounding box, corner i at the upper bound
                along object x, y, z where bit 0, 1, 2 of i is set: `cuboid` [x, y, z] in camera
                axes, metres, `cuboid_px` [u, v] in pixels, null where the lens cannot show it.
            pose: pose.position, metres, and pose.rotation (w, x, y, z), camera_from_object in
                OpenCV's camera axes; `scale` along the object's axes, which comes first.
            occluders: [instance_id, pixels of the silhouette inside the frame that it hides], most
                first; with `area` they add up to amodal_area.
    """

    min_visible_px: int = 1
    min_visible_fraction: float = 0.0
    include: tuple[str, ...] = ("amodal", "keypoints")

    def __post_init__(self):
        if not isinstance(self.include, tuple):
            raise SimgenError(
                f"include={written(self.include)} must be a list, such as [amodal, keypoints]"
            )
        for name in self.include:
            one_of("include", name, EXTRAS)
        require(1, fixed=True, min_visible_px=self.min_visible_px)
        require(0, 1, fixed=True, min_visible_fraction=self.min_visible_fraction)

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns nothing: the labels are in the frame's record."""
        return {}

    def finish(self, dataset: Dataset) -> None:
        """Folds the records into the file, one at a time."""
        dataset.store.replace(FILE, self._chunks(dataset))

    def _chunks(self, dataset: Dataset) -> Iterator[bytes]:
        """Yields the file; what is found out on the way through the annotations comes last."""
        counts = Counter(annotations=0, below_min_visible_px=0, below_min_visible_fraction=0)
        points = Keypoints()
        yield b'{"licenses":[],\n"images":['
        yield from joined(image_entry(record) for record in dataset.records())
        yield b'],\n"annotations":['
        yield from joined(self._annotations(dataset, counts, points))
        categories = [
            {"id": c.id, "name": c.name, "supercategory": "object", **points.of(c.name)}
            for c in dataset.card.categories
        ]
        yield b'],\n"categories":' + msgspec.json.encode(categories)
        yield b',\n"info":' + msgspec.json.encode(self._info(dataset, counts)) + b"}\n"

    def _annotations(
        self, dataset: Dataset, counts: Counter[str], points: Keypoints
    ) -> Iterator[dict[str, Any]]:
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
                    if "keypoints" in self.include:
                        prop = sound(record.spec.bodies[label.id - 1].shape).prop
                        points.add(label.category, prop, (k.name for k in label.keypoints))
                    yield annotation_entry(record.frame, label, ids[label.category], self.include)

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


def joined(items: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yields the items of a JSON list, one on a line."""
    separator = b"\n"
    for item in items:
        yield separator + msgspec.json.encode(item)
        separator = b",\n"
