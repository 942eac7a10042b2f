"""Fields are checked when an object is made, so that a bad value is told before a frame is."""

import math
from typing import Any

from simgen.distributions import Choice, Integer, is_distribution, support, written
from simgen.errors import SimgenError


def require(
    low: float = -math.inf,
    high: float = math.inf,
    *,
    whole: bool = False,
    fixed: bool = False,
    **named: Any,
) -> None:
    """Checks at construction that constants and distributions can only give low <= x <= high.

    Args:
        whole: only whole numbers will do.
        fixed: only constants will do.

    Raises:
        SimgenError: names the field, its value and the limit.
    """
    for name, value in named.items():
        shown = f"{name}={written(value)}"
        try:
            smallest, largest = support(value)
        except (TypeError, ValueError):
            raise SimgenError(f"{shown} must be a number") from None
        if fixed and is_distribution(value):
            raise SimgenError(f"{shown} must be one number: it is not drawn for each frame")
        if whole and not _is_whole(value):
            raise SimgenError(f"{shown} must be a whole number, or [integer, low, high]")
        if not low <= smallest:
            raise SimgenError(f"{shown} must be at least {low:g}")
        if not largest <= high:
            raise SimgenError(f"{shown} must be at most {high:g}")


def require_type(kind: type, **named: Any) -> None:
    """Checks at construction that fields are text (str) or true or false (bool), or choices of it.

    Raises:
        SimgenError: names the field and its value.
    """
    for name, value in named.items():
        options = value.options if isinstance(value, Choice) else (value,)
        if not all(isinstance(option, kind) for option in options):
            wanted = {str: "text", bool: "true or false"}[kind]
            raise SimgenError(f"{name}={written(value)} must be {wanted}, or [choice, ...] of it")


def require_resolution(resolution: Any) -> None:
    """Checks at construction that a picture's size is width and height in pixels."""
    pair = resolution if isinstance(resolution, tuple | list) else ()
    if len(pair) != 2 or not all(type(n) is int and n >= 1 for n in pair):
        raise SimgenError(
            f"resolution={written(resolution)} must be [width, height], two whole numbers of at "
            f"least 1"
        )


def _is_whole(value: Any) -> bool:
    if isinstance(value, Choice):
        return all(_is_whole(option) for option in value.options)
    return isinstance(value, Integer) or (not is_distribution(value) and value == int(value))
