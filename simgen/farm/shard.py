"""A fixed slice of a run's frames, for schedulers that start the same command many times."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from simgen.errors import SimgenError


@dataclass(frozen=True)
class Shard:
    """Every `count`-th block of frames, from block `index` on, counted from 0.

    A frame belongs to the same shard however many frames a run is raised to. Frames that are
    chosen together are one block: whoever makes one of them has to look at all of them.
    """

    index: int = 0
    count: int = 1

    @classmethod
    def of(cls, value: Any) -> "Shard":
        """Returns the shard that shard=3/100 names; of null, all frames.

        Raises:
            SimgenError: there is no such shard.
        """
        if value is None:
            return cls()
        match = re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", str(value))
        if not match:
            raise SimgenError(f"shard={value} must be its number, from 0, and how many: 3/100")
        index, count = int(match[1]), int(match[2])
        if index >= count:
            shown = f"they are 0/{count} to {count - 1}/{count}" if count else "give at least 0/1"
            raise SimgenError(f"shard={value}: there is no such shard; {shown}")
        return cls(index, count)

    def frames(self, frames: Iterable[int], together: int) -> list[int]:
        """Returns those of the frames that are in the shard, which come in blocks of `together`."""
        return [f for f in frames if f // together % self.count == self.index]

    def told(self, frames: int, together: int) -> str:
        """Returns what is told of a shard with so many frames; of all of them nothing."""
        blocks = f", in blocks of {together} that belong together" if together > 1 else ""
        return f"{self}, {frames} frames{blocks}" if self.count > 1 else ""

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"
