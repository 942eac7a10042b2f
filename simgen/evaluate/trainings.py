"""Runs that differ in their seed alone, as one row: what they reached, and how far they scatter."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan
from statistics import fmean

from simgen.evaluate.results import Run

ORDER = ("real", "synthetic", "mixed", "finetuned")


@dataclass(frozen=True)
class Training:
    """One training set, with a run for each seed.

    Attributes:
        real, synthetic: how many pictures of each it holds.
        real_share: of the real training pictures that there are.
    """

    kind: str
    real: int
    synthetic: int
    real_share: float
    runs: tuple[Run, ...]

    @property
    def label(self) -> str:
        """What it is called in tables and plots."""
        share = f"{100 * self.real_share:.3g} % real"
        return {
            "real": "real only" if self.real_share >= 1 else f"{share} only",
            "synthetic": "synthetic only",
            "mixed": f"synthetic + {share}, mixed",
            "finetuned": f"synthetic, then {share}",
        }.get(self.kind, self.kind)

    def values(self, figure: str = "ap50") -> tuple[float, ...]:
        """Returns the seeds' values of `figure`, without those that are unknown."""
        return _known(getattr(run, figure) for run in self.runs)

    def mean(self, figure: str = "ap50") -> float | None:
        """Returns the mean over the seeds, None where there is no value."""
        return mean(self.values(figure))

    def spread(self, figure: str = "ap50") -> float | None:
        """Returns half of the range over the seeds, None for fewer than two."""
        return spread(self.values(figure))

    def category(self, name: str, figure: str = "classes") -> tuple[float, ...]:
        """Returns the seeds' AP50 of one category, or with 'classes_ap' their AP."""
        return _known(getattr(run, figure).get(name) for run in self.runs)


def trainings(runs: Iterable[Run]) -> tuple[Training, ...]:
    """Returns the runs by training set, ordered by kind as in `ORDER`, then by size."""
    groups: dict[tuple, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.seed):
        if run.ap50 is not None:
            key = run.training, run.real, run.synthetic, run.real_share
            groups.setdefault(key, []).append(run)
    made = (Training(*key, tuple(group)) for key, group in groups.items())
    return tuple(sorted(made, key=_place))


def largest(sets: Iterable[Training], kind: str) -> Training | None:
    """Returns the training set of a kind with most pictures."""
    return max(chosen(sets, kind), key=lambda found: (found.real, found.synthetic), default=None)


def chosen(sets: Iterable[Training], kind: str) -> tuple[Training, ...]:
    """Returns the training sets of one kind."""
    return tuple(found for found in sets if found.kind == kind)


def whole_real(sets: tuple[Training, ...]) -> Training | None:
    """Returns real only, all of it."""
    found = largest(sets, "real")
    return found if found and found.real_share >= 1 else None


def best_together(sets: tuple[Training, ...]) -> Training | None:
    """Returns the best training set that holds both kinds."""
    both = [found for found in sets if found.real and found.synthetic]
    return max(both, key=lambda found: found.mean(), default=None)


def gain(sets: tuple[Training, ...], both: Training) -> tuple[float, float] | None:
    """Returns by how much AP50 of `both` is above the better of its two parts alone, and by how
    much it would have to be for the ranges of their seeds to lie apart (nan with one seed).

    The parts are the largest synthetic set, and the same real pictures, or more of them where these
    were not trained alone; None where there is no such set.
    """
    real = [found for found in chosen(sets, "real") if found.real >= both.real]
    synthetic = largest(sets, "synthetic")
    if not real or synthetic is None:
        return None
    alone = max(min(real, key=lambda found: found.real), synthetic, key=lambda found: found.mean())
    spreads = both.spread(), alone.spread()
    return both.mean() - alone.mean(), nan if None in spreads else sum(spreads)


def mean(values: tuple[float, ...]) -> float | None:
    """Returns the mean, None of nothing."""
    return fmean(values) if values else None


def spread(values: tuple[float, ...]) -> float | None:
    """Returns half of the range, None of fewer than two values."""
    return (max(values) - min(values)) / 2 if len(values) > 1 else None


def _known(values: Iterable[float | None]) -> tuple[float, ...]:
    return tuple(value for value in values if value is not None)


def _place(found: Training) -> tuple:
    kind = ORDER.index(found.kind) if found.kind in ORDER else len(ORDER)
    return kind, found.kind, found.real_share, found.real, found.synthetic
