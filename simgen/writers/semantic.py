"""semantic/: which category each pixel shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.dataset import Dataset
from simgen.frame import Frame
from simgen.writers.png import encode_png


@dataclass(frozen=True)
class Semantic:
    """PNG of category ids, 0 = none; 8-bit, or 16-bit where there are more than 255 categories."""

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one category map."""
        dtype = np.uint8 if len(categories) <= 255 else np.uint16
        ids = {name: i for i, name in enumerate(categories, 1)} | {"": 0}
        lookup = np.array([0, *(ids[body.category] for body in frame.spec.bodies)], dtype)
        return {f"semantic/{frame.index:06d}.png": encode_png(lookup[frame.truth.instance])}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""
