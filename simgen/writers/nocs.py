"""nocs/: which point of its object each pixel shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.dataset import Dataset
from simgen.frame import Frame
from simgen.truth.nocs import object_coordinates
from simgen.truth.surface import Surface
from simgen.writers.png import encode_rgb_png, sixteen_bit


@dataclass(frozen=True)
class Nocs:
    """16-bit RGB PNG: round(65535 * c) of x, y, z along the object's axes; 0, 0, 0 = no category.

    c are normalised object coordinates (NOCS, Wang et al. 2019): the object's bounding box has its
    centre at 0.5 and a diagonal of 1.
    """

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one map."""
        surface = Surface.of(frame.spec, frame.truth)
        labelled = np.array([body.category != "" for body in frame.spec.bodies], bool)
        shown = labelled[surface.body][surface.facet]
        levels = sixteen_bit(object_coordinates(frame.spec, surface)) * shown[:, None]
        return {f"nocs/{frame.index:06d}.png": encode_rgb_png(surface.picture(levels, 0), level=3)}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""
