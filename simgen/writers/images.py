"""images/: what the camera saw, and images_*/: what it saw of the frame's further views.

Each says in its metadata that it is synthetic, and which frame of which dataset (mark.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.distributions import Number, draw
from simgen.errors import one_of
from simgen.frame import Frame
from simgen.mark import marked
from simgen.rng import stream


@dataclass(frozen=True)
class Images:
    """8-bit sRGB.

    Attributes:
        format: 'jpg', or 'png' to keep every bit.
        quality: of the JPEG, 1 to 100; drawn for each frame where it is a distribution.
        seed: of the run, for that.
    """

    format: str = "jpg"
    quality: Number = 95
    seed: int = 0

    def __post_init__(self):
        one_of("format", self.format, ("jpg", "png"))
        require(1, 100, whole=True, quality=self.quality)
        require(0, whole=True, fixed=True, seed=self.seed)

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one image, and one of each further view that has a picture."""
        quality = int(draw(self.quality, stream(self.seed, frame.index, "images")))
        pictures = {"images": frame.image} | {
            f"images_{name}": view.image
            for name, view in frame.views.items()
            if view.image is not None
        }
        return {
            f"{folder}/{frame.index:06d}.{self.format}": marked(
                self._encoded(image, quality), frame.index, frame.dataset
            )
            for folder, image in pictures.items()
        }

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""

    def _encoded(self, image: np.ndarray, quality: int) -> bytes:
        options = [cv2.IMWRITE_JPEG_QUALITY, quality] if self.format == "jpg" else []
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        return cv2.imencode(f".{self.format}", bgr, options)[1].tobytes()
