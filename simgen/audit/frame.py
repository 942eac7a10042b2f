"""One frame as a check sees it: what is said of it, and its files, read when first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.audit.hits import Posed
from simgen.audit.label import Label, of_annotation, of_record
from simgen.audit.reading import Unreadable, decode_exr, decode_image, read
from simgen.audit.runs import Runs, parse
from simgen.record import Record

# What a check may need, and what is said where it is not there.
NEEDS = {
    "card": "no dataset.json of simgen's",
    "record": "no record of the scene",
    "annotations": "no annotation file",
    "labels": "no objects",
    "masks": "no masks",
    "shapes": "no masks or outlines",
    "amodal": "no amodal masks",
    "image": "no readable image",
    "instance": "no instance maps",
    "semantic": "no semantic maps",
    "depth": "no depth maps",
}


@dataclass(frozen=True, eq=False)
class Frame:
    """One image, its labels and layers.

    Attributes:
        number: of the frame, or the image's id in a COCO file.
        image: its path inside the folder; None: it is nowhere to be found.
        size: (height, width) that the labels were made for; None: not said.
        record: None where the folder is not simgen's.
        annotations: its entries in the annotation file, decoded; None where there is no such file.
        entry: the image's own entry there.
        categories: names by id.
        settings: of the annotation file and the dataset.
    """

    root: Path
    number: Any
    image: str | None
    size: tuple[int, int] | None
    categories: Mapping[Any, str]
    record: Record | None = None
    annotations: tuple[Any, ...] | None = None
    entry: Mapping[str, Any] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def has(self, need: str) -> bool:
        """Tells whether a check that needs this can be asked; `need` is one of NEEDS."""
        if need in ("record", "annotations"):
            return getattr(self, need) is not None
        if need == "labels":
            return bool(self.labels)
        if need == "image":
            return self.image is not None
        if need == "masks":
            return any(label.mask is not None for label in self.labels)
        if need == "shapes":
            return any(label.mask is not None or label.polygons for label in self.labels)
        if need == "amodal":
            return any(label.amodal_mask is not None for label in self.labels)
        return self.layer(need) is not None

    def layer(self, name: str) -> str | None:
        """Returns the path of one of the record's files by its folder, None if there is none."""
        return self._layers.get(name)

    def file(self, name: str) -> str:
        """Returns which file a finding about a layer names."""
        if name == "image":
            return self.image or ""
        if name == "annotations" or (name == "record" and not self.record):
            return self.settings.get("annotations", "")
        if name == "record":
            return f"records/{self.number:06d}.json"
        return self.layer(name) or ""

    @cached_property
    def _layers(self) -> dict[str, str]:
        files = self.record.files if self.record else {}
        return {path.split("/", 1)[0]: path for path in files}

    @cached_property
    def _bytes(self) -> dict[str, bytes]:
        return {}

    def data(self, path: str) -> bytes:
        """Returns a file's bytes, read once; raises Unreadable."""
        if path not in self._bytes:
            self._bytes[path] = read(self.root, path)
        return self._bytes[path]

    @property
    def files_read(self) -> int:
        """How many files were read so far."""
        return len(self._bytes)

    def digest(self, path: str) -> str:
        """Returns the SHA-256 of a file's bytes; raises Unreadable."""
        return sha256(self.data(path)).hexdigest()

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

    def whole(self, name: str = "mask") -> np.ndarray:
        """Returns the places in `labels` of those with a well-formed mask of this name."""
        flaws = (self.masks if name == "mask" else self.amodals)[1]
        there = (i for i, label in enumerate(self.labels) if getattr(label, name) is not None)
        return np.array([i for i in there if i not in flaws], int)

    @cached_property
    def map_masks(self) -> tuple[Runs, np.ndarray]:
        """The instance map's masks, and their ids."""
        return Runs.of_map(self.instance)

    @cached_property
    def posed(self) -> Posed:
        """The scene's bodies before its camera, with their meshes."""
        return Posed.of(self.record.spec.bodies, self.record.spec.camera)

    @cached_property
    def pixels(self) -> np.ndarray:
        """The image, (H, W, 3) uint8, blue first."""
        return decode_image(self.data(self.image), self.image)

    @cached_property
    def grey(self) -> np.ndarray:
        """The image's brightness, (H, W) uint8."""
        return cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY)

    @cached_property
    def instance(self) -> np.ndarray:
        """The instance map, (H, W) integers."""
        return self._map("instance")

    @cached_property
    def painted(self) -> np.ndarray:
        """Which object each pixel shows, (H, W) int32: the instance map, or the labels' shapes."""
        if self.has("instance"):
            return self.instance
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
    def semantic(self) -> np.ndarray:
        """The semantic map, (H, W) integers."""
        return self._map("semantic")

    def _map(self, name: str) -> np.ndarray:
        path = self.layer(name)
        pixels = decode_image(self.data(path), path, cv2.IMREAD_UNCHANGED)
        return _shaped(pixels, path, self.size)

    @cached_property
    def depth(self) -> np.ndarray:
        """Metres along the optical axis, (H, W) float32 or float16; inf = nothing there."""
        path = self.layer("depth")
        if path.endswith(".exr"):
            return decode_exr(self.data(path), path, "Z", self.size)
        millimetres = self._map("depth").astype(np.float32)
        return np.where(millimetres == 0, np.float32(np.inf), millimetres / np.float32(1000))

    def depth_step(self, depth: np.ndarray) -> np.ndarray:
        """Returns how far a depth that is right may be off, as the file's numbers are coarse."""
        coarse = 0.51e-3 if self.layer("depth").endswith(".png") else 0.0
        return coarse + np.finfo(self.depth.dtype).eps * np.abs(depth)

    @property
    def straight(self) -> bool:
        """Whether the lens shows straight lines as straight ones."""
        return self.record is not None and self.record.spec.camera.lens.model == "pinhole"


def _shaped(pixels: np.ndarray, path: str, size: tuple[int, int]) -> np.ndarray:
    if pixels.shape != tuple(size):
        shape = "x".join(map(str, pixels.shape[1::-1] + pixels.shape[2:]))
        raise Unreadable(path, f"it is {shape}, the image {size[1]}x{size[0]}")
    return pixels
