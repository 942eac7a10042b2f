"""Frames that could not be made: told, kept to be looked into, gone once they are made."""

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import msgspec

from simgen.errors import SimgenError, one_of
from simgen.farm.launcher import Failed, Made
from simgen.store import Place, Store, store_at

FOLDER = "failed"
ON_ERROR = ("stop", "skip")
_HOPELESS = 10  # frames in a row that fail: then it is not the frame


@dataclass
class Failures:
    """The frames of a run that failed.

    Attributes:
        on_error: stop: the first one ends the run; skip: only many in a row do.
        first: the one to tell.
        is_fatal: whether the run is to end, even if a frame in flight is made after all.
        frames: numbers, in the order in which they failed.
    """

    folder: Place
    on_error: str
    first: Failed | None = None
    is_fatal: bool = False
    frames: list[int] = field(default_factory=list)
    _in_a_row: int = 0

    def __post_init__(self):
        one_of("on_error", self.on_error, ON_ERROR)

    def note(self, outcome: Made | Failed) -> None:
        """Keeps what is to be known of a frame that failed."""
        if isinstance(outcome, Made):
            self._in_a_row = 0
            return
        self._in_a_row += 1
        self.frames.append(outcome.frame)
        self.first = self.first or outcome
        self.is_fatal |= self.on_error == "stop" or self._in_a_row >= _HOPELESS
        self._store.replace(path_of(outcome.frame), [_encoded(outcome)])

    def forget(self, done: Collection[int]) -> None:
        """Removes what was kept of frames that have been made since."""
        kept = (name.removesuffix(".json") for name in self._store.names(FOLDER))
        for frame in [int(name) for name in kept if name.isdigit()]:
            if frame in done:
                self._store.remove(path_of(frame))

    @cached_property
    def _store(self) -> Store:
        return store_at(self.folder)

    def require_hope(self) -> None:
        """Raises what ends the run: SimgenError, or RuntimeError where it is a bug."""
        if not self.is_fatal:
            return
        first, where = self.first, f"{self.folder}/{path_of(self.first.frame)}"
        if first.is_bug:
            raise RuntimeError(
                f"{first.message}\n(in frame {first.frame}; its scene is in {where})"
            )
        if self.on_error == "skip":
            raise SimgenError(
                f"{len(self.frames)} frames failed, {_HOPELESS} in a row; first: {first.message}"
            )
        raise SimgenError(first.message)


def path_of(frame: int) -> str:
    """Returns where a frame that failed is kept, relative to the dataset's folder."""
    return f"{FOLDER}/{frame:06d}.json"


def _encoded(failed: Failed) -> bytes:
    spec = msgspec.Raw(failed.spec or b"null")
    told = {"frame": failed.frame, "reason": failed.message, "bug": failed.is_bug, "spec": spec}
    return msgspec.json.encode(told) + b"\n"
