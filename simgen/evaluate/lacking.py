"""What a statistic of the synthetic pictures lacks, beyond what may be chance."""

from dataclasses import dataclass, replace

import numpy as np

_CHANCE = 2.0  # standard errors that may be chance


@dataclass(frozen=True)
class Lacking:
    """One statistic on both sides, synthetic first.

    Attributes:
        numbers: of values. `means`, `deviations`: of the values.
        scale: the real deviation, or the gauge's step where that is larger.
        unit: of the values.
    """

    numbers: tuple[int, int]
    means: tuple[float, float]
    deviations: tuple[float, float]
    scale: float
    unit: str

    @classmethod
    def of(cls, ours: np.ndarray, theirs: np.ndarray, step: float, unit: str) -> "Lacking":
        """Returns what (N,) values lack to be like (M,) others; neither may be empty."""
        sides = ours, theirs
        means, deviations = (tuple(float(f(v)) for v in sides) for f in (np.mean, np.std))
        return cls((len(ours), len(theirs)), means, deviations, max(deviations[1], step), unit)

    def grown(self, factor: float) -> "Lacking":
        """Returns the same with the synthetic deviation multiplied."""
        return replace(self, deviations=(self.deviations[0] * factor, self.deviations[1]))

    @property
    def mean(self) -> float:
        """What has to be added to the mean; 0 where that may be chance."""
        error = np.hypot(*(s / np.sqrt(n) for s, n in zip(self.deviations, self.numbers)))
        lacking = self.means[1] - self.means[0]
        return lacking if abs(lacking) > _CHANCE * error else 0.0

    @property
    def octaves(self) -> float:
        """By how much the mean has to be multiplied, log2; 0 where that may be chance."""
        ours, theirs = self.means
        return float(np.log2(theirs / ours)) if self.mean and min(self.means) > 0 else 0.0

    @property
    def size(self) -> float:
        """What has to be added to the root mean square; 0 where that may be chance."""
        ours, theirs = (max(np.hypot(m, s), 1e-9) for m, s in zip(self.means, self.deviations))
        return float(theirs - ours) if self._sure(ours, theirs) else 0.0

    @property
    def variance(self) -> float:
        """What has to be added to the variance; 0 where that may be chance."""
        ours, theirs = (max(s, 1e-9) for s in self.deviations)
        return theirs**2 - ours**2 if self._sure(ours, theirs) else 0.0

    def _sure(self, ours: float, theirs: float) -> bool:
        """Tells whether two deviations differ by more than chance."""
        error = np.sqrt(sum(0.5 / max(n - 1, 1) for n in self.numbers))
        return bool(abs(np.log(theirs / ours)) > _CHANCE * error)

    def __str__(self) -> str:
        ours, theirs = (f"{m:.3g} ± {s:.2g}" for m, s in zip(self.means, self.deviations))
        return f"synthetic {ours}, real {theirs} ({self.unit})"
