"""flow/ and flow_valid/: where all that the picture shows is a moment later."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import pack

import numpy as np

from simgen.checks import require_type
from simgen.dataset import Dataset
from simgen.frame import Frame
from simgen.truth.match import match
from simgen.views import NEXT
from simgen.writers.png import encode_png

_MAGIC = 202021.25  # "PIEH": how a .flo begins (Baker et al. 2011)


@dataclass(frozen=True)
class Flow:
    """Middlebury .flo: 32-bit (u, v) pixels from this instant to the spec's step_s later, 0 where
    nothing is there; and an 8-bit PNG, 255 where the same surface point is seen then.

    Attributes:
        picture: render the second instant too; the images writer puts it into images_next/.
    """

    picture: bool = True

    def __post_init__(self):
        require_type(bool, picture=self.picture)

    @property
    def views(self) -> dict[str, bool]:
        return {NEXT: self.picture}

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns the flow and where it can be seen to hold."""
        found = match(frame.spec, frame.truth, frame.views[NEXT].spec)
        return {
            f"flow/{frame.index:06d}.flo": _flo(found.shift),
            f"flow_valid/{frame.index:06d}.png": encode_png(np.uint8(255) * found.seen),
        }

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""


def _flo(flow: np.ndarray) -> bytes:
    height, width = flow.shape[:2]
    return pack("<fii", _MAGIC, width, height) + flow.astype("<f4").tobytes()
