"""One frame as a check sees it: what is said of it, and its files."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import cv2
import numpy as np

from simgen.audit.hits import Posed
from simgen.audit.label import Label, of_annotation, of_record
from simgen.audit.layers import Layers
from simgen.audit.rle import parse
from simgen.audit.runs import Runs
from simgen.errors import SimgenError
from simgen.props import FROM_FILES, mesh_of
from simgen.record import Record
from simgen.spec import Body

# What a check may need, and what is said where it is not there.
NEEDS = {
    "card": "no dataset.json of simgen's",
    "record": "no record of the scene",
    "annotations": "no annotation file",
    "labels": "no objects",
    "masks": "no masks",
    "shapes": "no masks or outlines",
    "amodal": "no amodal masks",
    "image": "no image",
    "instance": "no instance maps",
    "semantic": "no semantic maps",
    "depth": "no depth maps",
    "distance": "no distances",
    "normals": "no normals",
    "normals_world": "no normals in world axes",
    "nocs": "no object coordinates",
    "pages": "no files of amodal masks",
    "panoptic": "no panoptic maps",
    "segments": "no panoptic.json",
    "pointcloud": "no point clouds",
    "flow": "no optical flow",
    "flow_valid": "no map of valid flow",
    "disparity": "no disparities",
    "disparity_valid": "no map of valid disparities",
    "meshes": "assets that are not in this machine's cache",
}


@dataclass(frozen=True, eq=False)
class Frame:
    """One image, its labels and layers.

    Attributes:
        number: of the frame, or the image's id in a COCO file.
        size: (height, width) that the labels were made for.
        record: None where the folder is not simgen's.
        annotations: its entries in the annotation file, decoded; None where there is no such file.
        entry: the image's own entry there.
        segments: its entry in panoptic.json.
        categories: names by id.
        settings: of the annotation files and the dataset.
    """

    number: Any
    size: tuple[int, int]
    layers: Layers
    categories: Mapping[Any, str]
    record: Record | None = None
    annotations: tuple[Any, ...] | None = None
    entry: Mapping[str, Any] | None = None
    segments: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rng(self) -> np.random.Generator:
        """What samples are drawn with: other places in each frame, the same in each audit."""
        return np.random.default_rng(self.number)

    def has(self, need: str) -> bool:
        """Tells whether a check that needs this can be asked; `need` is one of NEEDS."""
        if need in ("record", "annotations", "segments"):
            return getattr(self, need) is not None
        return self._there[need] if need in self._there else need in self.layers.paths

    @cached_property
    def _there(self) -> dict[str, bool]:
        bodies = self.record.spec.bodies if self.record else ()
        masks = any(label.mask is not None for label in self.labels)
        return {
            "labels": bool(self.labels),
            "masks": masks,
            "shapes": masks or any(label.polygons for label in self.labels),
            "amodal": any(label.amodal_mask is not None for label in self.labels),
            "image": self.layers.image is not None,
            "pages": "amodal" in self.layers.paths,
            "meshes": all(_is_here(body) for body in bodies),
        }

    def file(self, name: str) -> str:
        """Returns which file a finding about a layer names."""
        if name == "image":
            return self.layers.image or ""
        if name == "annotations" or (name == "record" and not self.record):
            return self.settings.get("annotations", "")
        if name == "record":
            return f"records/{self.number:06d}.json"
        return self.layers.paths.get(name, "")

    @cached_property
    def labels(self) -> tuple[Label, ...]:
        """What is claimed of each object: by the record, or else by the annotations."""
        if self.record:
            return tuple(of_record(label) for label in self.record.labels)
        return tuple(of_annotation(a, self.categories) for a in self.annotations or ())

    @cached_property
    def ids(self) -> tuple[Any, ...]:
        return tuple(label.id for label in self.labels)

    @cached_property
    def masks(self) -> tuple[Runs, dict[int, str]]:
        """The visible masks by place in `labels`, empty where malformed; flaws by place."""
        return self._parsed("mask")

    @cached_property
    def amodals(self) -> tuple[Runs, dict[int, str]]:
        """The same of the amodal masks."""
        return self._parsed("amodal_mask")

    def _parsed(self, name: str) -> tuple[Runs, dict[int, str]]:
        codes = [getattr(label, name) for label in self.labels]
        there = [i for i, code in enumerate(codes) if code is not None]
        runs, flaws = parse([codes[i] for i in there], self.size)
        owner = np.array(there, int)[runs.owner] if there else runs.owner
        whole = Runs(owner, runs.start, runs.stop, len(codes), self.size)
        return whole, {there[i]: flaw for i, flaw in flaws.items()}

    @cached_property
    def whole(self) -> np.ndarray:
        """The places in `labels` of those with a well-formed mask."""
        return self._sound("mask", self.masks[1])

    @cached_property
    def whole_amodal(self) -> np.ndarray:
        """The same of the amodal masks."""
        return self._sound("amodal_mask", self.amodals[1])

    def _sound(self, name: str, flaws: Mapping[int, str]) -> np.ndarray:
        there = (i for i, label in enumerate(self.labels) if getattr(label, name) is not None)
        return np.array([i for i in there if i not in flaws], int)

    @cached_property
    def map_masks(self) -> tuple[Runs, np.ndarray]:
        """The instance map's masks, and their ids."""
        return Runs.of_map(self.layers.instance)

    @cached_property
    def body_masks(self) -> tuple[Runs, np.ndarray]:
        """The same of those ids alone that are bodies of the scene."""
        runs, ids = self.map_masks
        known = np.flatnonzero(ids <= len(self.record.spec.bodies))
        return runs.pick(known), ids[known]

    @cached_property
    def painted(self) -> np.ndarray:
        """Which object each pixel shows, (H, W): the instance map, or else the labels' shapes."""
        if self.has("instance"):
            return self.layers.instance
        ids = np.zeros(self.size, np.int32)
        for i, label in enumerate(self.labels):
            if label.polygons:
                rings = [np.reshape(ring, (-1, 2)) for ring in label.polygons]
                near = [np.clip(ring, -1e6, 1e6).astype(np.int32) for ring in rings]
                cv2.fillPoly(ids, near, i + 1)
            elif label.mask is not None:
                ids[self.masks[0].mask(i)] = i + 1
        return ids

    @cached_property
    def posed(self) -> Posed:
        """The scene's bodies before its camera, with their meshes."""
        return Posed.of(self.record.spec.bodies, self.record.spec.camera)

    @property
    def straight(self) -> bool:
        """Whether the lens shows straight lines as straight ones."""
        return self.record is not None and self.record.spec.camera.lens.model == "pinhole"


def _is_here(body: Body) -> bool:
    """Tells whether a body's mesh can be built: an imported one may be on another machine."""
    if body.shape.prop not in FROM_FILES:
        return True
    try:
        mesh_of(body.shape)
    except (SimgenError, OSError, ValueError):
        return False
    return True
