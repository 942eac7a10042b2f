"""The driver's side of a worker in a Ray cluster."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from simgen.farm.ray_cluster import ray
from simgen.farm.ray_worker import Reply


class Hand:
    """A worker, and what it is at: waiting for room in the cluster, getting ready, or a frame.

    Attributes:
        frame: None while it has none.
        scene: of its frame, if it told that.
        call: what it is at; Ray says when it has come to an end.
    """

    def __init__(self, hire: Callable[[], Any]):
        self.frame: int | None = None
        self._worker = hire()
        self.scene = b""
        self._since = float("inf")
        self.call = self._worker.greet.remote()

    @property
    def waits(self) -> bool:
        """Whether there has been no room for it yet."""
        return self._since == float("inf")

    def seconds(self) -> float:
        """Returns how long it has been at what it is at; below 0 while it waits for room."""
        return monotonic() - self._since

    def prepare(self) -> None:
        """Has it made ready."""
        self._since = monotonic()
        self.call = self._worker.prepare.remote()

    def give(self, frame: int, suspect: bool) -> None:
        """Tells it to make a frame, or its scene first, if a worker was lost at it."""
        self.frame, self.scene, self._since = frame, b"", monotonic()
        begin = self._worker.proposed if suspect else self._worker.outcome
        self.call = begin.remote(frame)

    def keep(self, scene: bytes) -> None:
        """Keeps the scene that it told, and has it made into a frame."""
        self.scene = scene
        self.call = self._worker.outcome.remote(self.frame)

    def answer(self) -> str | bytes | Reply | None:
        """Returns what its call came to.

        Raises:
            RayError: it is dead, or its node is.
        """
        return ray().get(self.call)

    def end(self) -> None:
        """Ends it at once, whatever it is at."""
        ray().kill(self._worker)
