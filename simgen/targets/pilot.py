"""Proposals that become no frame: what the scene can do, and how to steer it."""

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import process_time

import numpy as np

from simgen.errors import SimgenError
from simgen.targets.choose import choose
from simgen.targets.goals import Range, Shares
from simgen.targets.shown import Shown
from simgen.targets.targets import Targets

log = logging.getLogger(__name__)

ROUNDS = 5  # of steering, each after another part of the pilot
STEP = 0.8  # how much of an error, in logarithms, a round takes away
FALL = 0.6  # how much of that is by making what is common rarer, as what is rarest allows
BOUNDS = (0.001, 50.0)  # of weights
LEAST_KEPT = 0.05  # share of proposals that keep all ranges, below which there is no point
SURELY = 10.0  # objects expected of a bin that shows none, for it to be called impossible
POOR = 0.5  # of what was asked for; less is told


@dataclass(frozen=True)
class Pilot:
    """How to steer: see Wanted's attributes of the same names."""

    weights: Mapping[str, float] = field(default_factory=dict)
    shares: Mapping[str, float] = field(default_factory=dict)


Try = Callable[[int, Pilot], Shown | str]  # what a proposal of a number shows, or why it is none


def fly(targets: Targets, goals: Sequence[Shares], steered: bool, tried: Try) -> Pilot:
    """Returns how to steer, found by trying.

    Raises:
        SimgenError: the targets cannot be met; names the key and what was reached.
    """
    start = process_time()
    goal = next((each for each in goals if each.key == "balance"), None)
    pilot = Pilot({}, dict(zip(goal.bins, goal.shares.tolist()))) if goal else Pilot()
    size = targets.pilot // ROUNDS
    shown = _tries(tried, 0, size, pilot)
    rounds = ROUNDS if goal and steered else 1
    for turn in range(1, rounds):
        pilot = _steered(pilot, goal, shown)
        shown = _tries(tried, turn * size, size, pilot)
    _require_ranges(targets.ranges, shown)
    kept = [one for one in shown if all(each.kept(one) for each in targets.ranges)]
    reached = _reached(targets, goals, kept)
    _require_bins(goals, shown)
    seconds = process_time() - start
    log.info("targets: %d pilot proposals in %.0f CPU-seconds%s", rounds * size, seconds, reached)
    return pilot


def _tries(tried: Try, start: int, count: int, pilot: Pilot) -> list[Shown]:
    """Returns what those proposals show that will do."""
    found = [tried(start + k, pilot) for k in range(count)]
    shown = [one for one in found if isinstance(one, Shown)]
    if shown:
        return shown
    remedies = Counter(reason.rpartition(": ")[2] for reason in found)
    commonest = remedies.most_common(1)[0][0]
    reason = next(reason for reason in found if reason.endswith(commonest))
    raise SimgenError(f"targets: none of {count} pilot proposals will do: {reason}")


def _steered(pilot: Pilot, goal: Shares, shown: Sequence[Shown]) -> Pilot:
    """Returns what brings shares closer: what is rare as much more as the rest is less."""
    total = sum(goal.counts(one) for one in shown)
    lack = np.maximum(goal.shares, 1e-9) * max(total.sum(), 1) / np.maximum(total, 0.5)
    factors = lack**STEP / lack.max() ** FALL
    return Pilot(
        {n: _bounded(pilot.weights.get(n, 1) * f) for n, f in zip(goal.bins, factors)},
        {n: _bounded(pilot.shares[n] * f) for n, f in zip(goal.bins, factors)},
    )


def _bounded(weight: float) -> float:
    """Returns a weight within bounds, to three digits: the same on any machine."""
    return float(f"{np.clip(weight, *BOUNDS):.3g}")


def _require_ranges(ranges: Sequence[Range], shown: Sequence[Shown]) -> None:
    together = float(np.mean([all(each.kept(one) for each in ranges) for one in shown]))
    if together >= LEAST_KEPT:
        return
    worst = min(ranges, key=lambda each: each.share(shown))
    alone = worst.share(shown)
    others = f" and only {together:.0%} all targets" if alone > together else ""
    raise SimgenError(
        f"{worst}: only {alone:.0%} of {len(shown)} pilot proposals keep it{others} (they show "
        f"{_spread(worst, shown)}); widen it, or change the scene"
    )


def _spread(asked: Range, shown: Sequence[Shown]) -> str:
    values = np.concatenate([asked.values(one) for one in shown])
    if not len(values):
        return "none"
    low, middle, high = np.quantile(values, (0.05, 0.5, 0.95))
    return f"{low:.3g} to {high:.3g}, median {middle:.3g}"


def _require_bins(goals: Sequence[Shares], shown: Sequence[Shown]) -> None:
    for goal in goals:
        total = sum(goal.counts(one) for one in shown)
        for name, share, count in zip(goal.bins, goal.shares, total):
            if count == 0 and share * max(total.sum(), len(shown)) >= SURELY and not goal.derived:
                raise SimgenError(
                    f"targets.{goal.key}: {name} is asked for and in none of {len(shown)} pilot "
                    f"proposals; leave it out, or change the scene so that it shows"
                )


def _reached(targets: Targets, goals: Sequence[Shares], kept: Sequence[Shown]) -> str:
    """Returns what choosing among the pilot's proposals comes to, where that is poor."""
    count = targets.proposals
    frames = [kept[k : k + count] for k in range(0, len(kept), count)]
    chosen = choose(goals, frames, [[0.0] * len(each) for each in frames])
    best = [each[k] for each, k in zip(frames, chosen)]
    poor = [
        f"{goal.key}: {name} {reached:.0%} of {asked:.0%}"
        for goal in goals
        if not goal.derived
        for name, asked, reached in zip(goal.bins, goal.shares, goal.reached(best))
        if reached < POOR * asked and asked > 0
    ]
    return f"; hard to reach: {', '.join(poor)}" if poor else ""
