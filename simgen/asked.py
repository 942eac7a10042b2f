"""What a run is asked to make: which frames, of which seed, where."""

from collections.abc import Collection, Mapping
from typing import Any

from simgen.errors import SimgenError
from simgen.store import Place, place_of


def out_of(config: Mapping[str, Any]) -> Place:
    """Returns where the dataset is to be; raises SimgenError if `out` is no such place."""
    out = config["out"]
    if not isinstance(out, str) or not out:
        raise SimgenError(f"out={out!r} must be a folder, or an URL")
    return place_of(out)


def frames_of(config: Mapping[str, Any]) -> Collection[int]:
    """Returns the numbers of the frames: the first so many, or those of a list.

    Raises:
        SimgenError: `frames` is neither.
    """
    frames = config["frames"]
    if not isinstance(frames, list):
        return range(whole(config, "frames", 1, "[number, ...] or "))
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
