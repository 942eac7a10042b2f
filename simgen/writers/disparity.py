"""disparity/ and disparity_valid/: how far all that the picture shows shifts to the right eye."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.checks import require_type
from simgen.dataset import Dataset
from simgen.frame import Frame
from simgen.truth.match import match
from simgen.views import RIGHT
from simgen.writers.exr import encode_exr
from simgen.writers.png import encode_png


@dataclass(frozen=True)
class Disparity:
    """EXR, channel Y, 32-bit pixels: u in this picture less u in the right camera's, 0 = nothing
    there; and an 8-bit PNG, 255 where the right camera sees the same surface point.

    Attributes:
        picture: render the right camera too; the images writer puts it into images_right/.
    """

    picture: bool = True

    def __post_init__(self):
        require_type(bool, picture=self.picture)

    @property
    def views(self) -> dict[str, bool]:
        return {RIGHT: self.picture}

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns the disparity and where it can be seen to hold."""
        found = match(frame.spec, frame.truth, frame.views[RIGHT].spec)
        disparity = np.ascontiguousarray(0 - found.shift[..., 0])  # 0 rather than -0 for nothing
        return {
            f"disparity/{frame.index:06d}.exr": encode_exr("Y", disparity),
            f"disparity_valid/{frame.index:06d}.png": encode_png(np.uint8(255) * found.seen),
        }

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""
