"""What a worker may take before it is replaced, and a frame before it is given up."""

from dataclasses import dataclass

from simgen.checks import require
from simgen.errors import SimgenError
from simgen.machine import free_memory_gb

_SHARE = 0.9  # of the memory that is free at the start; the rest is the system's


@dataclass(frozen=True)
class Limits:
    """Bounds that a healthy run never meets.

    Attributes:
        frame_s: seconds; a frame that takes longer hangs. None: it may take for ever.
        worker_frames: frames after which a worker process is replaced by a new one; None: never.
        worker_memory_gb: memory above which, after a frame, it is replaced; auto: its share of what
            is free at the start; None: never.
    """

    frame_s: float | None = 3600.0
    worker_frames: int | None = None
    worker_memory_gb: float | str | None = "auto"

    def __post_init__(self):
        if self.frame_s is not None:
            require(0.1, fixed=True, frame_s=self.frame_s)
        if self.worker_frames is not None:
            require(1, whole=True, fixed=True, worker_frames=self.worker_frames)
        if isinstance(self.worker_memory_gb, str):
            if self.worker_memory_gb != "auto":
                raise SimgenError(
                    f"worker_memory_gb={self.worker_memory_gb!r} must be auto, null or a number"
                )
        elif self.worker_memory_gb is not None:
            require(0.01, fixed=True, worker_memory_gb=self.worker_memory_gb)

    def for_each_of(self, workers: int) -> "Limits":
        """Returns the limits of one of so many workers, in numbers."""
        if self.worker_memory_gb != "auto":
            return self
        share = max(1.0, _SHARE * free_memory_gb() / workers)
        return Limits(self.frame_s, self.worker_frames, share)

    def spent(self, frames: int, memory_mb: float) -> bool:
        """Returns whether a worker that had so many frames and holds so much is to be replaced."""
        if self.worker_frames is not None and frames >= self.worker_frames:
            return True
        return self.worker_memory_gb is not None and memory_mb > 1024 * self.worker_memory_gb
