"""Which frames runs were asked for, and which of them are missing."""

from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from simgen.errors import SimgenError

_MOST = 1 << 40  # frames that anybody asks for
_SHOWN = 5  # spans


@dataclass(frozen=True)
class Asked:
    """The first `count` frames, and those that are `listed`."""

    count: int = 0
    listed: frozenset[int] = frozenset()

    @classmethod
    def of(cls, frames: Any, where: object) -> "Asked":
        """Returns what frames= of a config asks for.

        Raises:
            SimgenError: neither a number nor a list of them.
        """
        listed = frames if isinstance(frames, list) else [frames]
        if not all(type(number) is int and 0 <= number < _MOST for number in listed):
            raise SimgenError(f"{where}: frames is neither a count nor a list of frames: damaged?")
        return cls(listed=frozenset(frames)) if isinstance(frames, list) else cls(frames)

    def __or__(self, other: "Asked") -> "Asked":
        return Asked(max(self.count, other.count), self.listed | other.listed)

    def missing(self, there: Set[int]) -> list[range]:
        """Returns the spans of those that are not there, by rising number."""
        gaps, start = [], 0
        for frame in sorted(frame for frame in there if frame < self.count):
            gaps.append(range(start, frame))
            start = frame + 1
        rest = (frame for frame in self.listed - there if frame >= self.count)
        return [gap for gap in (*gaps, range(start, self.count), *spans(rest)) if gap]

    @property
    def frames(self) -> int | list[int]:
        """frames= of a config that asks for the same."""
        beyond = [frame for frame in self.listed if frame >= self.count]
        return sorted({*range(self.count), *beyond}) if beyond else self.count


def spans(frames: Iterable[int]) -> Iterator[range]:
    """Yields the frames as runs of neighbours, by rising number."""
    span = range(0)
    for frame in sorted(frames):
        if span and frame == span.stop:
            span = range(span.start, frame + 1)
            continue
        if span:
            yield span
        span = range(frame, frame + 1)
    if span:
        yield span


def told(gaps: Iterable[range]) -> str:
    """Returns spans as text: '3-7, 12'; of many the first."""
    gaps = list(gaps)
    shown = [str(g.start) if len(g) == 1 else f"{g.start}-{g.stop - 1}" for g in gaps[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(gaps) - _SHOWN} more spans" if gaps[_SHOWN:] else "")
