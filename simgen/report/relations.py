"""Which parameters go along with which labels: correlations, one frame at a time."""

from collections.abc import Mapping

import numpy as np

from simgen.report.seen import Plain

_VALUES = 12  # of a text that are told apart; further ones count as none of them


class Correlations:
    """Pearson's r of each parameter with each measure, in memory that frames do not add to.

    Sums are Welford's (Technometrics 1962): mean and squares about the mean, so that a large
    offset costs no digits. A text takes part as one 0/1 column for each of its values, which give
    the correlation ratio (Fisher's eta) of all together.
    """

    def __init__(self, measures: int):
        self._measures = measures
        self._rows: dict[str, int] = {}
        self._sums = np.zeros((6, 0, measures))  # n, mean x, mean y, Sxx, Syy, Sxy
        self._values: dict[str, dict[str, str]] = {}  # of each text: value -> its row's name

    def add(self, parameters: Mapping[str, Plain], measures: np.ndarray) -> None:
        """Counts one frame; measures that are not finite are left out, each for itself."""
        columns: dict[str, float] = {}
        for name, value in parameters.items():
            columns.update(self._columns(name, value))
        for name in columns:
            self._row(name)
        x = np.full(len(self._rows), np.nan)
        x[[self._rows[name] for name in columns]] = list(columns.values())
        self._update(x[:, None], measures[None, :])

    def _columns(self, name: str, value: Plain) -> dict[str, float]:
        if not isinstance(value, str):
            return {name: float(value)}
        known = self._values.setdefault(name, {})
        if value not in known and len(known) < _VALUES:
            known[value] = f"{name}={value}"
            self._row(known[value], like=name if name in self._rows else None)
        ones = {row: float(each == value) for each, row in known.items()}
        return {name: 0.0, **ones}

    def _row(self, name: str, like: str | None = None) -> None:
        """Adds a row for a column that was absent so far, or 0 wherever `like` was there."""
        if name in self._rows:
            return
        self._rows[name] = len(self._rows)
        new = np.zeros((6, 1, self._measures))
        if like is not None:
            new[:, 0] = self._sums[:, self._rows[like]]
        self._sums = np.concatenate([self._sums, new], axis=1)

    def _update(self, x: np.ndarray, y: np.ndarray) -> None:
        n, mean_x, mean_y, sxx, syy, sxy = self._sums
        both = np.isfinite(x) & np.isfinite(y)
        n += both
        count = np.maximum(n, 1)
        dx, dy = np.where(both, x - mean_x, 0), np.where(both, y - mean_y, 0)
        mean_x += dx / count
        mean_y += dy / count
        after = np.where(both, y - mean_y, 0)
        sxx += dx * np.where(both, x - mean_x, 0)
        syy += dy * after
        sxy += dx * after

    def of(self, name: str) -> np.ndarray:
        """Returns (measures,) r, -1 to 1, or eta, 0 to 1, of a text; nan where one is constant."""
        if name not in self._rows:
            return np.full(self._measures, np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            if name in self._values:
                rows = [self._rows[row] for row in self._values[name].values()]
                n, mean, _, _, syy, sxy = self._sums[:, rows]
                between = np.where(n * mean > 0, sxy**2 / (n * mean), 0).sum(0)
                several = len(rows) > 1
                ratio = np.sqrt(np.clip(between / syy[0], 0, 1))
                return ratio if several else np.full(self._measures, np.nan)
            _, _, _, sxx, syy, sxy = self._sums[:, self._rows[name]]
            return np.clip(sxy / np.sqrt(sxx * syy), -1, 1)
