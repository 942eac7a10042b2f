"""instance/: which body each pixel shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from simgen.dataset import Dataset
from simgen.frame import Frame
from simgen.writers.png import encode_png


@dataclass(frozen=True)
class Instance:
    """16-bit PNG: 0 = nothing there, k = bodies[k - 1] of the spec, labelled or not."""

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one id map."""
        return {f"instance/{frame.index:06d}.png": encode_png(frame.truth.instance)}

    def finish(self, dataset: Dataset) -> None:
        """Does nothing: each frame is complete."""
