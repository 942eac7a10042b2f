"""How one setting is to be changed, from what it does and what its statistic lacks."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from simgen.evaluate.lacking import Lacking
from simgen.evaluate.levers import Lever
from simgen.evaluate.overrides import override

FELT = 0.1  # of the real deviation: less is not worth an override
_NARROWEST = 0.3  # of its present deviation, a setting keeps


@dataclass(frozen=True)
class Prescription:
    """One override, for the statistic that it is there to move."""

    gauge: str
    override: str
    why: str


def prescribed(
    lever: Lever, value: Any, effect: float, shift: float, lacking: Lacking, spread: bool
) -> list[Prescription]:
    """Returns the override of one lever, if it is worth one.

    Args:
        effect: on the gauge, per unit of the lever. `spread`: whether to match the spread too.
    """
    if abs(effect) * lever.reach < FELT * lacking.scale:
        return []
    present = lever.spread(value)[1]
    variance = present**2 + lacking.variance / effect**2 if spread else present**2
    wide = float(
        np.clip(np.sqrt(max(variance, 0)), _NARROWEST * present, max(lever.reach / 2, present))
    )
    felt = FELT * lacking.scale
    if abs(shift * effect) < felt and abs(wide - present) * abs(effect) < felt:
        return []
    moved = lever.moved(value, shift, wide / present if present else 1.0, wide)
    text = override(lever.key, moved)
    return [Prescription(lever.gauge, text, f"{lacking}")] if moved != value else []


def reach(lever: Lever, value: Any) -> tuple[float, float]:
    """Returns how far down and up the middle of a setting can be moved."""
    middle = lever.spread(value)[0]
    down, up = lever.clip(middle - lever.reach) - middle, lever.clip(middle + lever.reach) - middle
    return min(down, -1e-6), max(up, 1e-6)
