"""Which frames are shown: the same ones each time, a few of every class among them."""

import heapq
from collections.abc import Hashable
from hashlib import sha256
from typing import Any

_OF_EACH_CLASS = 4


def lot(number: Hashable) -> int:
    """Returns a frame's lot, the same for ever: the lowest are shown, so a grown dataset keeps
    most of what it showed."""
    return int.from_bytes(sha256(f"report {number!r}".encode()).digest()[:8])


class Choice:
    """Draws frames as they pass, without keeping more than are shown.

    Args:
        most: frames.
    """

    def __init__(self, most: int):
        self._most = most
        self._heap: list[tuple[int, int, Any]] = []
        self._by_class: dict[str, list[tuple[int, int, Any]]] = {}
        self._seen = 0

    def add(self, number: Any, classes: set[str]) -> None:
        self._seen += 1
        entry = (-lot(number), self._seen, number)
        _keep(self._heap, entry, self._most)
        for name in classes:
            if name in self._by_class or len(self._by_class) < self._most // _OF_EACH_CLASS:
                _keep(self._by_class.setdefault(name, []), entry, _OF_EACH_CLASS)

    def numbers(self) -> list[Any]:
        """Returns the frames that are shown, those of rare classes first, then by lot."""
        of_classes = sorted({entry for heap in self._by_class.values() for entry in heap})
        ranked = [*reversed(of_classes), *sorted(self._heap, reverse=True)]
        return list(dict.fromkeys(number for _, _, number in ranked))[: self._most]


def _keep(heap: list, entry: tuple, most: int) -> None:
    """Keeps the entries with the lowest lots."""
    if len(heap) < most:
        heapq.heappush(heap, entry)
    else:
        heapq.heappushpop(heap, entry)
