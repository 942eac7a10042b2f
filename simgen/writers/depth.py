"""depth/: metres along the optical axis, exact."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simgen.dataset import Dataset
from simgen.errors import one_of
from simgen.frame import Frame
from simgen.writers.exr import encode_exr
from simgen.writers.png import encode_png


@dataclass(frozen=True)
class Depth:
    """One channel.

    Attributes:
        format: 'exr', channel Z in metres, inf = nothing there; or 'png', 16-bit millimetres,
            0 = nothing there, behind the camera (a fisheye sees that too) or beyond 65.535 m.
        precision: of the EXR: 'float', every bit of the truth; or 'half', half the size, good to
            1 part in 2,000, inf beyond 65,504 m.
    """

    format: str = "exr"
    precision: str = "float"

    def __post_init__(self):
        one_of("format", self.format, ("exr", "png"))
        one_of("precision", self.precision, ("float", "half"))

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one depth map."""
        encode = self._exr if self.format == "exr" else _png
        return {f"depth/{frame.index:06d}.{self.format}": encode(frame.truth.depth)}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""

    def _exr(self, depth: np.ndarray) -> bytes:
        with np.errstate(over="ignore"):  # too far for a half is inf, as documented
            z = depth.astype(np.float32 if self.precision == "float" else np.float16)
        return encode_exr("Z", z)


def _png(depth: np.ndarray) -> bytes:
    millimetres = np.rint(depth.astype(np.float64) * 1000)
    near = np.maximum(millimetres, 1)  # 0 is kept for nothing
    held = (depth > 0) & (millimetres <= 65535)
    return encode_png(np.where(held, near, 0).astype(np.uint16))
