"""Frames dealt out to files of bounded size."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar


class Sized(Protocol):
    """What takes `size` bytes of a file."""

    size: int


T = TypeVar("T", bound=Sized)


def shards(notes: Iterable[T], limit: float) -> Iterator[list[T]]:
    """Yields what goes into one file after the other, in order: at most `limit` bytes, or one
    note that is larger."""
    shard: list[T] = []
    size = 0
    for note in notes:
        if shard and size + note.size > limit:
            yield shard
            shard, size = [], 0
        shard.append(note)
        size += note.size
    if shard:
        yield shard
