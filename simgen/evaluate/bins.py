"""Values cut into bins of about equal count, or by what they are."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

_MOST = 4  # bins of numbers
_FEWEST = 10  # values in one
_FEW_NUMBERS = 6  # which are better shown one by one
OTHERS = "others"


@dataclass(frozen=True, eq=False)
class Bins:
    """Which bin each value is in.

    Attributes:
        said: of each bin its least and greatest value, `from` and `to`, or its only `value`.
        codes: (N,) int64 index of the bin, -1 for a value that is not known.
    """

    said: tuple[dict[str, Any], ...]
    codes: np.ndarray


def binned(values: Sequence[Any]) -> Bins | None:
    """Returns up to four or five bins of numbers, or one for each value that is common.

    Args:
        values: numbers, truth values or texts; None is not known.

    Returns:
        None where fewer than two bins would hold something, so that there is nothing to compare.
    """
    known = [value for value in values if value is not None]
    numeric = all(_is_number(value) for value in known)
    many = numeric and len(set(known)) > _FEW_NUMBERS
    found = _quantiles(values, known) if many else _kinds(values, known)
    return found if len(found.said) > 1 else None


def _quantiles(values: Sequence[Any], known: Sequence[float]) -> Bins:
    starts = _starts(known)
    filled = np.array([np.nan if value is None else value for value in values], float)
    codes = np.where(np.isnan(filled), -1, np.searchsorted(starts, filled, "right") - 1)
    inside = [filled[codes == b] for b in range(len(starts))]
    said = ({"from": float(part.min()), "to": float(part.max())} for part in inside)
    return Bins(tuple(said), codes)


def _starts(known: Sequence[float]) -> np.ndarray:
    """Returns the least value of each bin; one value that is a quarter of all stands alone, as 1
    does among the visible shares of objects that are mostly in full view."""
    distinct, counts = np.unique(known, return_counts=True)
    alone = counts >= len(known) / _MOST
    starts = []
    for run in np.split(np.arange(len(distinct)), np.flatnonzero(alone[1:] | alone[:-1]) + 1):
        inside = np.repeat(distinct[run], counts[run])
        most = 1 if alone[run[0]] else max(1, _MOST - int(alone.sum()))
        pieces = int(np.clip(len(inside) // _FEWEST, 1, most))
        starts.append(np.quantile(inside, np.arange(pieces) / pieces, method="higher"))
    return np.unique(np.concatenate(starts))


def _kinds(values: Sequence[Any], known: Sequence[Any]) -> Bins:
    """Returns a bin for each value that occurs often enough, and one for all others."""
    counts = Counter(known)
    common = sorted((value for value in counts if counts[value] >= _FEWEST), key=_order)
    rest = [value for value in counts if counts[value] < _FEWEST]
    if sum(counts[value] for value in rest) >= _FEWEST:
        common = [*common, OTHERS]
    places = {value: i for i, value in enumerate(common)}
    codes = [-1 if value is None else places.get(value, places.get(OTHERS, -1)) for value in values]
    return Bins(tuple({"value": value} for value in common), np.array(codes, np.int64))


def _order(value: Any) -> tuple:
    return (0, value) if _is_number(value) else (1, str(value))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
