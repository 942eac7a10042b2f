"""Every sampled parameter: how it spread, and which labels went along with it."""

from collections.abc import Mapping
from math import sqrt

import numpy as np

from simgen.report.axes import number
from simgen.report.charts import bars, heat
from simgen.report.page import escape
from simgen.report.parts import card, grid, section, spread_chart
from simgen.report.statistics import MEASURES, Parameter, Statistics

_TOLD = 3  # correlations in words beside a parameter's histogram
_VALUES = 12  # of a text that are shown


def parameter_section(of: Mapping[str, Statistics]) -> str:
    """Returns the section for one dataset or two, by name; '' where nothing was sampled."""
    names = sorted({name for statistics in of.values() for name in statistics.parameters})
    fixed = {name: value for name in names if (value := _only(of, name)) is not None}
    if not names:
        return ""
    maps = "".join(_map(name, s, len(of) > 1) for name, s in of.items())
    varied = [name for name in names if name not in fixed]
    cards = grid((card(name, _chart(of, name), _words(of, name)) for name in varied), "small")
    inside = f"{cards}<br>{maps}{_constants(fixed)}"
    return section("parameters", "Sampled parameters", inside)


def _only(of: Mapping[str, Statistics], name: str) -> str | None:
    """Returns the one value that a parameter has wherever there is one, None if there are more."""
    there = [s.parameters[name] for s in of.values() if name in s.parameters]
    values = {_value(parameter) for parameter in there}
    return values.pop() if len(values) == 1 and all(p.constant for p in there) else None


def _value(parameter: Parameter) -> str:
    if parameter.texts:
        return next(iter(parameter.texts))
    return str(bool(parameter.numbers.low)) if parameter.flags else number(parameter.numbers.low)


def _chart(of: Mapping[str, Statistics], name: str) -> str:
    there = {n: s.parameters.get(name) or Parameter() for n, s in of.items()}
    counted = {n: _counts(parameter) for n, parameter in there.items()}
    if any(parameter.texts for parameter in there.values()) or all(
        parameter.flags for parameter in there.values()
    ):
        total: dict[str, int] = {}
        for counts in counted.values():
            for value, count in counts.items():
                total[value] = total.get(value, 0) + count
        values = sorted(total, key=lambda value: (-total[value], value))[:_VALUES]
        series = {n if len(of) > 1 else "": [c.get(v, 0) for v in values]
                  for n, c in counted.items()}  # fmt: skip
        return bars(values, series)
    return spread_chart({n: p.numbers for n, p in there.items()}, "", "frames", height=150)


def _counts(parameter: Parameter) -> dict[str, int]:
    """Returns how often a text or truth value was drawn."""
    if parameter.texts or not parameter.flags:
        return dict(parameter.texts)
    cells = parameter.numbers
    yes = round(cells.mean * cells.count)
    return {"true": yes, "false": cells.count - yes} if cells.count else {}


def _words(of: Mapping[str, Statistics], name: str) -> str:
    """Returns the strongest correlations of a parameter, escaped."""
    told = []
    for title, statistics in of.items():
        r = statistics.correlations.of(name)
        strongest = [i for i in np.argsort(-np.nan_to_num(np.abs(r)))[:_TOLD]
                     if abs(r[i]) > chance(statistics.frames)]  # fmt: skip
        sign = "" if _is_text(statistics, name) else "+"
        words = ", ".join(f"{MEASURES[i]} {r[i]:{sign}.2f}" for i in strongest)
        if words:
            told.append(f"{escape(title)}: {words}" if len(of) > 1 else words)
    return "goes along with " + "; ".join(told) if told else ""


def _is_text(statistics: Statistics, name: str) -> bool:
    parameter = statistics.parameters.get(name)
    return parameter is not None and bool(parameter.texts)


def chance(frames: int) -> float:
    """Returns what |r| of unrelated numbers stays below in 95 of 100 cases, about 2 / sqrt(n)."""
    return min(1.0, 2 / sqrt(max(frames, 1)))


def _map(title: str, statistics: Statistics, several: bool) -> str:
    names = [n for n, p in sorted(statistics.parameters.items()) if not p.constant]
    if not names or statistics.frames < 3:
        return ""
    values = np.array([statistics.correlations.of(name) for name in names])
    head = "Correlation with the labels" + (f": {title}" if several else "")
    note = (
        "Pearson's r with each frame's number of objects and its means of size (logarithm), "
        "visibility, truncation, and with its picture; blue rises together, orange against each "
        "other. Of texts: the correlation ratio, which has no sign. With "
        f"{statistics.frames:,} frames, unrelated things reach {number(chance(statistics.frames))}."
    )
    chart = heat(values, names, MEASURES, top=1, say=True, aspect=0.2, left=190, width=700)
    return card(head, f'<div class="scroll">{chart}</div>', note)


def _constants(fixed: Mapping[str, str]) -> str:
    if not fixed:
        return ""
    said = ", ".join(f"<code>{escape(name)}</code> {escape(v)}" for name, v in fixed.items())
    return f'<p class="muted">The same in all frames: {said}</p>'
