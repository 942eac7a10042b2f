"""Which frame is made next: in order, and those that are chosen together by the same process."""

from collections import deque
from collections.abc import Iterable


class Todo:
    """Frames that wait.

    Each worker keeps to the block it is at, since whoever makes one of a block's frames has to look
    at all of them; one that finds no new block helps with another's. Frames whose worker was lost
    come first, but only for workers that are at nothing else: it must show which one it was.
    """

    def __init__(self, frames: Iterable[int], together: int):
        self._together = together
        self._new: dict[int, deque[int]] = {}
        self._begun: dict[int, deque[int]] = {}
        self._suspects: deque[int] = deque()
        self._retried: set[int] = set()
        self._closed = False
        for index in frames:
            self._new.setdefault(index // together, deque()).append(index)

    def __len__(self) -> int:
        waiting = (*self._new.values(), *self._begun.values(), self._suspects)
        return 0 if self._closed else sum(map(len, waiting))

    def take(self, last: int | None = None, alone: bool = True) -> int | None:
        """Returns the next frame for whoever made `last` before, None if there is none for it.

        Args:
            alone: the worker is at no other frame.
        """
        if self._closed:
            return None
        if alone and self._suspects:
            return self._suspects.popleft()
        block = None if last is None else last // self._together
        if block not in self._begun:
            block = next(iter(self._new or self._begun), None)
            if block is None:
                return None
            self._begun[block] = self._new.pop(block, None) or self._begun[block]
        frames = self._begun[block]
        index = frames.popleft()
        if not frames:
            del self._begun[block]
        return index

    def again(self, index: int) -> bool:
        """Puts a frame back whose worker was lost; False where that has happened to it before."""
        if self._closed or index in self._retried:
            return False
        self._retried.add(index)
        self._suspects.append(index)
        return True

    def retried(self, index: int) -> bool:
        """Returns whether a frame was put back."""
        return index in self._retried

    def close(self) -> None:
        """Lets nobody take another frame."""
        self._closed = True
