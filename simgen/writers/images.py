"""images/: what the camera saw."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.errors import one_of
from simgen.frame import Frame


@dataclass(frozen=True)
class Images:
    """8-bit sRGB.

    Attributes:
        format: 'jpg', or 'png' to keep every bit.
        quality: of the JPEG, 1 to 100.
    """

    format: str = "jpg"
    quality: int = 95

    def __post_init__(self):
        one_of("format", self.format, ("jpg", "png"))
        require(1, 100, whole=True, fixed=True, quality=self.quality)

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one image."""
        options = [cv2.IMWRITE_JPEG_QUALITY, self.quality] if self.format == "jpg" else []
        bgr = cv2.cvtColor(frame.image, cv2.COLOR_RGB2BGR)
        data = cv2.imencode(f".{self.format}", bgr, options)[1].tobytes()
        return {f"images/{frame.index:06d}.{self.format}": data}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""
