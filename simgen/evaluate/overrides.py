"""Settings as they are written on the command line."""

import re
from typing import Any

from simgen.distributions import written


def override(key: str, value: Any) -> str:
    """Returns the setting as it is written on the command line."""
    return f"{key}={written(value).replace(', ', ',')}"


def tidy(value: float) -> float:
    """Returns a number with three digits and four decimals at most, as one would write it."""
    rounded = float(f"{round(value, 4):.3g}")
    return int(rounded) if rounded.is_integer() else rounded


def quoted(text: str) -> str:
    """Returns text as an override may hold it: in quotes, if it has more than plain characters."""
    if re.fullmatch(r"[\w./-]+", text, re.ASCII):
        return text
    return "'" + re.sub(r"(\\*)'", r"\1\1\'", re.sub(r"(\\+)$", r"\1\1", text)) + "'"
