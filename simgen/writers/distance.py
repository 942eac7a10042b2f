"""distance/: metres along the ray, which is what lidar measures; depth/ is along the axis."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.dataset import Dataset
from simgen.frame import Frame
from simgen.truth.surface import Surface
from simgen.writers.exr import encode_exr


@dataclass(frozen=True)
class Distance:
    """EXR, channel Y, 32-bit float: metres from the camera's centre, inf = nothing there."""

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one distance map."""
        surface = Surface.of(frame.spec, frame.truth)
        distance = surface.picture(surface.distances().astype(np.float32), np.inf)
        return {f"distance/{frame.index:06d}.exr": encode_exr("Y", distance)}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""
