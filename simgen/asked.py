"""What a run is asked to make, and what all runs of a dataset were: which frames, where."""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from typing import Any

from simgen.errors import SimgenError
from simgen.spans import spans
from simgen.store import Place, place_of

_MOST = 1 << 40  # frames that anybody asks for
_BESIDES = "frames_besides"


@dataclass(frozen=True)
class Asked:
    """The first `count` frames, and those that are `listed`.

    In a config that is frames=. Only a dataset's own config may need frames_besides too, once runs
    were asked for a count and for frames beyond it: as one list, a million would be slow to read.
    """

    count: int = 0
    listed: frozenset[int] = frozenset()

    @classmethod
    def of(cls, config: Mapping[str, Any], where: object) -> "Asked":
        """Returns what a config asks for.

        Raises:
            SimgenError: neither a number of frames nor a list of their numbers.
        """
        frames, besides = config.get("frames"), config.get(_BESIDES, [])
        listed = frames if isinstance(frames, list) else [frames]
        numbers = listed + (besides if isinstance(besides, list) else [besides])
        if not all(type(number) is int and 0 <= number < _MOST for number in numbers):
            raise SimgenError(f"{where}: frames is neither a count nor a list of frames: damaged?")
        if isinstance(frames, list):
            return cls(listed=frozenset(numbers))
        return cls(frames, frozenset(besides))

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

    def within(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Returns the config with these frames, and no others, asked for."""
        rest = {key: value for key, value in config.items() if key != _BESIDES}
        beyond = sorted(frame for frame in self.listed if frame >= self.count)
        if not self.count:
            return {**rest, "frames": beyond or config.get("frames")}
        return {**rest, "frames": self.count} | ({_BESIDES: beyond} if beyond else {})


def out_of(config: Mapping[str, Any]) -> Place:
    """Returns where the dataset is to be; raises SimgenError if `out` is no such place."""
    out = config["out"]
    if not isinstance(out, str) or not out:
        raise SimgenError(f"out={out!r} must be a folder, or an URL")
    return place_of(out)


def frames_of(config: Mapping[str, Any]) -> Collection[int]:
    """Returns the numbers of the frames: the first so many, or those of a list; and, in a config
    that a dataset has kept, those besides.

    Raises:
        SimgenError: `frames` is neither.
    """
    frames = config["frames"]
    if not isinstance(frames, list):
        first = range(whole(config, "frames", 1, "[number, ...] or "))
        return {*first, *Asked.of(config, "config").listed} if config.get(_BESIDES) else first
    if not frames or not all(type(number) is int and number >= 0 for number in frames):
        raise SimgenError(f"frames={frames} must hold at least one number, none below 0")
    return set(frames)


def whole(
    config: Mapping[str, Any], key: str, least: int, others: str = "", where: str = ""
) -> int:
    """Returns a whole number of a config; raises SimgenError if it is none, or below `least`.

    Args:
        others: what else it may be, for the message.
        where: the group that it is in, with a point.
    """
    value = config[key]
    if type(value) is not int or value < least:
        raise SimgenError(
            f"{where}{key}={value!r} must be {others}a whole number of at least {least}"
        )
    return value
