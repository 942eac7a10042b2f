"""pointcloud/: the surface points that the camera sees, with their colour and object."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.errors import one_of
from simgen.frame import Frame
from simgen.geometry import transform, world_from_camera
from simgen.truth.surface import Surface

_VERTEX = np.dtype(
    [
        *((axis, "<f4") for axis in "xyz"),
        *((color, "u1") for color in ("red", "green", "blue")),
        ("instance", "<u2"),
    ]
)
_PLY = {"<f4": "float", "|u1": "uchar", "<u2": "ushort"}


@dataclass(frozen=True)
class Pointcloud:
    """Binary PLY: x, y, z in metres, red, green, blue of the image, instance as in instance/.

    Attributes:
        every: take every n-th column of every n-th row; 1 takes all pixels.
        axes: 'camera' or 'world'.
    """

    every: int = 1
    axes: str = "camera"

    def __post_init__(self):
        require(1, whole=True, fixed=True, every=self.every)
        one_of("axes", self.axes, ("camera", "world"))

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one point for each pixel taken that sees something, row by row."""
        surface = Surface.of(frame.spec, frame.truth)
        points = surface.camera_points()
        if self.axes == "world":
            points = transform(world_from_camera(frame.spec.camera), points)
        row, column = np.divmod(surface.pixel, surface.size[1])
        taken = (row % self.every == 0) & (column % self.every == 0)
        pixel = surface.pixel[taken]
        vertices = np.empty(len(pixel), _VERTEX)
        for i, axis in enumerate("xyz"):
            vertices[axis] = points[taken, i]
        for i, color in enumerate(("red", "green", "blue")):
            vertices[color] = frame.image[:, :, i].ravel()[pixel]
        vertices["instance"] = frame.truth.instance.ravel()[pixel]
        return {f"pointcloud/{frame.index:06d}.ply": self._header(vertices) + vertices.tobytes()}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""

    def _header(self, vertices: np.ndarray) -> bytes:
        lines = [
            "ply",
            "format binary_little_endian 1.0",
            f"comment metres, {self.axes} axes",
            f"element vertex {len(vertices)}",
            *(f"property {_PLY[_VERTEX[name].str]} {name}" for name in _VERTEX.names),
            "end_header",
        ]
        return "".join(f"{line}\n" for line in lines).encode("ascii")
