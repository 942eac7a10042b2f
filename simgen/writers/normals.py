"""normals/ and normals_world/: which way the surface faces, as the picture shades it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.dataset import Dataset
from simgen.errors import one_of
from simgen.frame import Frame
from simgen.geometry import rotation_matrix
from simgen.truth.normals import camera_normals
from simgen.truth.surface import Surface
from simgen.writers.png import encode_rgb_png, sixteen_bit


@dataclass(frozen=True)
class Normals:
    """16-bit RGB PNG: round((n + 1) / 2 * 65535) of a unit vector's x, y, z; 0, 0, 0 = nothing.

    Attributes:
        axes: 'camera' (normals/), 'world' (normals_world/) or 'both'.
    """

    axes: str = "camera"

    def __post_init__(self):
        one_of("axes", self.axes, ("camera", "world", "both"))

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one map for each choice of axes."""
        surface = Surface.of(frame.spec, frame.truth)
        normals = camera_normals(frame.spec, surface)
        files = {}
        if self.axes != "world":
            files[f"normals/{frame.index:06d}.png"] = _encoded(surface, normals)
        if self.axes != "camera":
            world = normals @ rotation_matrix(frame.spec.camera.rotation).T
            files[f"normals_world/{frame.index:06d}.png"] = _encoded(surface, world)
        return files

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""


def _encoded(surface: Surface, normals: np.ndarray) -> bytes:
    return encode_rgb_png(surface.picture(sixteen_bit((normals + 1) / 2), 0), level=3)
