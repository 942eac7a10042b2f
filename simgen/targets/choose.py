"""Which proposal each frame of a block takes, so that the block shows what is asked for."""

from collections.abc import Sequence

import numpy as np

from simgen.targets.goals import Shares
from simgen.targets.shown import Shown

PASSES = 20
LEAST = 0.02  # share below which a bin's error counts no more than that of a bin so large
SAME = 1e-9  # errors closer than this are equal, on any machine


def choose(
    goals: Sequence[Shares], shown: Sequence[Sequence[Shown]], misfits: Sequence[Sequence[float]]
) -> list[int]:
    """Returns the number of the proposal that each frame takes, of those it has.

    Frame by frame, the proposal is taken with which the shares of all frames together come closest
    to the goals, until no frame would take another.

    Args:
        shown: by frame, what each proposal shows; at least one.
        misfits: by frame and proposal, an error of its own.
    """
    counts = [np.array([_counts(goals, one) for one in each]) for each in shown]
    costs = [np.array(each) / len(shown) for each in misfits]
    taken = [0] * len(shown)
    for _ in range(PASSES):
        before = list(taken)
        for k in range(len(shown)):
            others = sum(counts[j][taken[j]] for j in range(len(shown)) if j != k)
            error = _error(goals, others + counts[k]) + costs[k]
            taken[k] = int(np.flatnonzero(error <= error.min() + SAME)[0])
        if taken == before:
            break
    return taken


def _counts(goals: Sequence[Shares], shown: Shown) -> np.ndarray:
    return np.concatenate([np.empty(0), *(goal.counts(shown) for goal in goals)])


def _error(goals: Sequence[Shares], totals: np.ndarray) -> np.ndarray:
    """Returns (P,) how far (P, bins of all goals) totals are off the goals, as chi-squared is."""
    error, start = np.zeros(len(totals)), 0
    for goal in goals:
        total = totals[:, start : start + len(goal.bins)]
        start += len(goal.bins)
        reached = total / np.maximum(total.sum(1, keepdims=True), 1)
        error += ((reached - goal.shares) ** 2 / np.maximum(goal.shares, LEAST)).sum(1)
    return error
