"""Values on one shared axis, a row each, as dots with whiskers: text is HTML, marks are SVG.

Places are percentages, so that a row is as wide as its reader's screen and its dots stay round.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from simgen.report.axes import number, ticks
from simgen.report.charts import legend
from simgen.report.page import escape

_ROW, _APART = 26, 16


@dataclass(frozen=True)
class Mark:
    """One value.

    Attributes:
        series: index of its colour.
        low, high: ends of its whisker, None for none.
        dots: values that it stands for, such as the seeds'.
        tip: shown when a pointer rests on it.
    """

    value: float
    series: int = 0
    low: float | None = None
    high: float | None = None
    dots: tuple[float, ...] = ()
    tip: str = ""


@dataclass(frozen=True)
class Row:
    """What stands beside each other: `name` and `about` to the left, `said` to the right."""

    name: str
    marks: tuple[Mark, ...]
    about: str = ""
    said: str = ""


def strips(rows: Sequence[Row], axis: str, series: Sequence[str] = (), start: float = 0.0) -> str:
    """Returns the rows over an axis from `start` to 1; `series` names the colours."""
    marks = ticks(start, 1.0)
    body = "".join(_row(row, start, marks) for row in rows) + _axis(axis, start, marks)
    shown = legend(series) if series else ""
    return f'{shown}<div class="room"><div class="strips">{body}</div></div>'


def begin(values: Iterable[float]) -> float:
    """Returns where an axis may begin so that values near 1 can still be told apart."""
    lowest = min(values, default=0.0)
    return 0.5 if lowest >= 0.55 else 0.0


def _row(row: Row, start: float, marks: Sequence[float]) -> str:
    tall = _ROW + _APART * max(len(row.marks) - 1, 0)
    grid = "".join(
        f'<line class="tick" x1="{_at(x, start)}" x2="{_at(x, start)}" y1="-60" y2="{tall + 60}"/>'
        for x in marks
    )
    inner = "".join(
        _mark(mark, start, tall / 2 + _APART * (k - (len(row.marks) - 1) / 2))
        for k, mark in enumerate(row.marks)
    )
    about = f"<small>{escape(row.about)}</small>" if row.about else ""
    return (
        f'<div><span class="name">{escape(row.name)}{about}</span>'
        f'<svg height="{tall}" role="img">{grid}{inner}</svg>'
        f'<span class="said">{escape(row.said)}</span></div>'
    )


def _mark(mark: Mark, start: float, y: float) -> str:
    """Returns a dot with its whisker; with `dots` these, a bar behind and a stroke at the mean."""
    parts, at = [], _at(mark.value, start)
    if mark.low is not None and mark.high is not None:
        kind = "bar" if mark.dots else "whisker"
        ends = f'x1="{_at(mark.low, start)}" x2="{_at(mark.high, start)}" y1="{y}" y2="{y}"'
        parts.append(f'<line class="{kind}" {ends}/>')
    for dot in mark.dots:
        parts.append(f'<circle class="seed" cx="{_at(dot, start)}" cy="{y}" r="3.5"/>')
    if mark.dots:
        parts.append(f'<line class="mean" x1="{at}" x2="{at}" y1="{y - 7}" y2="{y + 7}"/>')
    else:
        parts.append(f'<circle cx="{at}" cy="{y}" r="4.5"/>')
    said = f"<title>{escape(mark.tip or number(mark.value))}</title>"
    return f'<g class="f{mark.series % 4}">{said}{"".join(parts)}</g>'


def _axis(axis: str, start: float, marks: Sequence[float]) -> str:
    said = "".join(
        f'<text x="{_at(x, start)}" y="13" text-anchor="middle">{number(x)}</text>' for x in marks
    )
    return (
        f'<div><span class="name"></span><svg height="18">{said}</svg>'
        f'<span class="said">{escape(axis)}</span></div>'
    )


def _at(value: float, start: float) -> str:
    share = (min(max(value, start), 1.0) - start) / (1.0 - start)
    return f"{100 * share:.2f}%"
