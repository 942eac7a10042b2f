"""Where a detector is weak: its AP50 in slices of the pictures, and what of that is no accident."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.evaluate.bins import binned
from simgen.evaluate.chance import Part, chances, holm
from simgen.evaluate.matching import Matching

LEVEL = 0.05  # how often anything at all stands out where nothing matters
_RESAMPLES = 400
_SHUFFLES = 1000, 40  # at least, and for each bin


@dataclass(frozen=True, eq=False)
class Slice:
    """Something to slice by.

    Attributes:
        values: of each picture, or of each box counted through all pictures; None: not known.
        of_boxes: which of the two.
    """

    by: str
    values: Sequence[Any]
    of_boxes: bool = False


@dataclass(frozen=True, eq=False)
class _Cut:
    by: str
    said: tuple[dict[str, Any], ...]
    parts: tuple[Part, ...]


def slices(
    matching: Matching, cuts: Iterable[Slice], of: str, rng: np.random.Generator
) -> list[dict[str, Any]]:
    """Returns AP50 by bin of each slice, the greatest loss first, what stands out before all else.

    `low` to `high` holds 95 % of 400 bootstrap samples of the pictures, and the value itself.
    `p` is how often chance makes a bin so weak (see `chances`), adjusted for all bins of all
    slices here (see `holm`). A bin with p < 0.05 `stands_out`: in 19 of 20 analyses where nothing
    matters, none does.

    Args:
        of: 'real' or 'synthetic', passed on.

    Returns:
        {of, by, ap50 (of all with a known value), weakest (index of a bin), bins: [{from and to, or
        value, pictures, boxes, ap50, low, high, loss, p, stands_out}]}; bins without a box are left
        out, and so are slices with fewer than two. Among boxes, AP50 is normalised as
        `Matching.ap50` says.
    """
    whole = np.ones((1, matching.pictures))
    made = [found for each in cuts if (found := _cut(each, matching, whole))]
    parts = [part for cut in made for part in cut.parts]
    least, each = _SHUFFLES
    shuffles = max(least, each * len(parts))
    p = iter(holm(chances(matching, parts, shuffles, rng)))
    drawn = rng.multinomial(
        matching.pictures, np.full(matching.pictures, 1 / matching.pictures), _RESAMPLES
    )
    rows = [
        {"of": of, **_row(cut, matching, whole, drawn, [next(p) for _ in cut.parts])}
        for cut in made
    ]
    return sorted(rows, key=lambda row: _badness(row["bins"][row["weakest"]]), reverse=True)


def _cut(cut: Slice, matching: Matching, whole: np.ndarray) -> _Cut | None:
    values = _wanted(cut.values, matching) if cut.of_boxes else cut.values
    bins = binned(values)
    if not bins:
        return None
    made = [
        (said, Part(bins.codes == b, bins.codes >= 0, cut.of_boxes))
        for b, said in enumerate(bins.said)
    ]
    kept = [(said, part) for said, part in made if not np.isnan(part.ap50(matching, whole)[0])]
    return _Cut(cut.by, *zip(*kept)) if len(kept) > 1 else None


def _wanted(values: Sequence[Any], matching: Matching) -> list[Any]:
    """Returns the values without those of regions marked crowd."""
    return [value if wanted else None for value, wanted in zip(values, matching.wanted)]


def _row(
    cut: _Cut, matching: Matching, whole: np.ndarray, drawn: np.ndarray, p: list[float]
) -> dict[str, Any]:
    known = cut.parts[0].known
    overall = float(Part(known, known, cut.parts[0].of_boxes).ap50(matching, whole)[0])
    bins = []
    for said, part, chance in zip(cut.said, cut.parts, p):
        value = float(part.ap50(matching, whole)[0])
        low, high = _interval(part.ap50(matching, drawn), value)
        aps = {"ap50": value, "low": low, "high": high, "loss": overall - value}
        judged = {"p": float(chance), "stands_out": bool(chance < LEVEL)}
        bins.append({**said, **_counts(part, matching), **aps, **judged})
    weakest = max(range(len(bins)), key=lambda b: _badness(bins[b]))
    return {"by": cut.by, "ap50": overall, "weakest": weakest, "bins": bins}


def _interval(samples: np.ndarray, value: float) -> tuple[float, float]:
    samples = samples[~np.isnan(samples)]
    low, high = np.quantile(samples, [0.025, 0.975]) if len(samples) else (0.0, 1.0)
    return float(min(low, value)), float(max(high, value))


def _counts(part: Part, matching: Matching) -> dict[str, int]:
    inside = part.members if part.of_boxes else part.members[matching.owner] & matching.wanted
    holding = len(np.unique(matching.owner[inside])) if part.of_boxes else part.members.sum()
    return {"pictures": int(holding), "boxes": int(inside.sum())}


def _badness(row: dict[str, Any]) -> tuple[bool, float]:
    return row["stands_out"], row["loss"]
