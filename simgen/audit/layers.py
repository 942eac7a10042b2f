"""A frame's files, read and decoded when first asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np

from simgen.audit.formats import (
    decode_exr,
    decode_flo,
    decode_image,
    decode_pages,
    decode_ply,
    shaped,
)
from simgen.audit.reading import read


@dataclass(frozen=True, eq=False)
class Layers:
    """What lies on the disk of one frame; every property raises Unreadable.

    Attributes:
        image: the image's path inside the folder; None: it is nowhere to be found.
        paths: of a record's files, by the folder that they are in.
        size: (height, width) that the labels were made for.
    """

    root: Path
    image: str | None
    paths: Mapping[str, str]
    size: tuple[int, int]

    @cached_property
    def _bytes(self) -> dict[str, bytes]:
        return {}

    @property
    def count(self) -> int:
        """How many files were read so far."""
        return len(self._bytes)

    def data(self, path: str) -> bytes:
        """Returns a file's bytes, read once."""
        if path not in self._bytes:
            self._bytes[path] = read(self.root, path)
        return self._bytes[path]

    @cached_property
    def _digests(self) -> dict[str, str]:
        return {}

    def digest(self, path: str) -> str:
        """Returns the SHA-256 of a file's bytes."""
        if path not in self._digests:
            self._digests[path] = sha256(self.data(path)).hexdigest()
        return self._digests[path]

    @cached_property
    def pixels(self) -> np.ndarray:
        """The image, (H, W, 3) uint8, blue first."""
        return decode_image(self.data(self.image), self.image)

    @cached_property
    def grey(self) -> np.ndarray:
        """The image's brightness, (H, W) uint8."""
        return cv2.cvtColor(self.pixels, cv2.COLOR_BGR2GRAY)

    def picture(self, name: str) -> np.ndarray:
        """Returns the picture of a further view, (H, W, 3) uint8, blue first."""
        return decode_image(self.data(self.paths[name]), self.paths[name])

    @cached_property
    def instance(self) -> np.ndarray:
        """The instance map, (H, W) integers."""
        return self.map("instance")

    @cached_property
    def semantic(self) -> np.ndarray:
        """The semantic map, (H, W) integers."""
        return self.map("semantic")

    def map(self, name: str) -> np.ndarray:
        """Returns a layer that is a one-channel image, (H, W) integers."""
        path = self.paths[name]
        return shaped(decode_image(self.data(path), path, cv2.IMREAD_UNCHANGED), path, self.size)

    @cached_property
    def depth(self) -> np.ndarray:
        """Metres along the optical axis, (H, W) float32 or float16; inf = nothing there."""
        path = self.paths["depth"]
        if path.endswith(".exr"):
            return decode_exr(self.data(path), path, "Z", self.size)
        millimetres = self.map("depth").astype(np.float32)
        return np.where(millimetres == 0, np.float32(np.inf), millimetres / np.float32(1000))

    def depth_step(self, depth: np.ndarray) -> np.ndarray:
        """Returns how far a depth that is right may be off, as the file's numbers are coarse."""
        coarse = 0.51e-3 if self.paths["depth"].endswith(".png") else 0.0
        return coarse + np.finfo(self.depth.dtype).eps * np.abs(depth)

    @cached_property
    def distance(self) -> np.ndarray:
        """Metres along the ray, (H, W) float32; inf = nothing there."""
        return self._exr("distance")

    @cached_property
    def disparity(self) -> np.ndarray:
        """Pixels, (H, W) float32; 0 = nothing there."""
        return self._exr("disparity")

    def _exr(self, name: str) -> np.ndarray:
        return decode_exr(self.data(self.paths[name]), self.paths[name], "Y", self.size)

    @cached_property
    def flow(self) -> np.ndarray:
        """Pixels along u and v, (H, W, 2) float32; 0 = nothing there."""
        return decode_flo(self.data(self.paths["flow"]), self.paths["flow"], self.size)

    @cached_property
    def _levels(self) -> dict[str, np.ndarray]:
        return {}

    def levels(self, name: str) -> np.ndarray:
        """Returns a layer that is an RGB image, (H, W, 3) integers, red first."""
        if name not in self._levels:
            path = self.paths[name]
            pixels = decode_image(self.data(path), path, cv2.IMREAD_UNCHANGED)
            self._levels[name] = shaped(pixels, path, (*self.size, 3))[:, :, ::-1]
        return self._levels[name]

    def vectors(self, name: str) -> np.ndarray:
        """Returns normals, (H, W, 3); what is nothing is no unit vector."""
        return self.levels(name) / 65535 * 2 - 1

    @cached_property
    def segments(self) -> np.ndarray:
        """The panoptic map, (H, W) int64; 0 = nothing there."""
        return self.levels("panoptic").astype(int) @ [1, 256, 65536]

    @cached_property
    def points(self) -> tuple[np.ndarray, str]:
        """The point cloud's vertices, by property, and the file's comments."""
        return decode_ply(self.data(self.paths["pointcloud"]), self.paths["pointcloud"])

    def pages(self, most: int) -> list[np.ndarray]:
        """Returns the first pages of the amodal file, `most` of them."""
        return decode_pages(self.data(self.paths["amodal"]), self.paths["amodal"], most)
