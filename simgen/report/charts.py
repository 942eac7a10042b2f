"""Small charts as SVG text: they follow the page's colours, and every mark says its value.

Series are given by name, in an order that decides their colours (six that readers of any colour
vision tell apart); more than six begin again. All names are escaped here.
"""

from collections.abc import Mapping, Sequence
from math import floor, isfinite, log10

import numpy as np

from simgen.report.page import escape

WIDTH = 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 8, 8, 34
_COLORS = 6


def legend(names: Sequence[str]) -> str:
    """Returns what colour each series has."""
    items = (f'<span><i class="s{i % _COLORS}"></i>{escape(n)}</span>' for i, n in enumerate(names))
    return f'<div class="legend">{"".join(items)}</div>'


def number(value: float) -> str:
    """Returns a number as a reader wants it: 3 figures, thousands apart."""
    if not isfinite(value):
        return "–"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if 0.001 <= abs(value) or value == 0 else f"{value:.0e}"


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Returns round numbers inside [low, high], `most` or fewer."""
    span = high - low
    if not (isfinite(span) and span > 0):
        return [low]
    step = 10.0 ** floor(log10(span / most))
    step *= next(f for f in (1, 2, 2.5, 5, 10, 20) if span / (f * step) <= most)
    first, last = int(np.ceil(low / step - 1e-9)), int(np.floor(high / step + 1e-9))
    return [i * step for i in range(first, last + 1)]


def histogram(
    edges: Sequence[float],
    counts: Mapping[str, Sequence[float]],
    x: str = "",
    y: str = "",
    log: bool = False,
    height: int = 190,
) -> str:
    """Returns counts per bin; several series stand side by side, each as shares of its own sum.

    Args:
        edges: (N + 1) ascending. `log`: the axis shows 10**edge.
        counts: (N,) by name of the series.
    """
    several = len(counts) > 1
    shares = {n: np.asarray(c, float) / max(np.sum(c), 1) if several else c
              for n, c in counts.items()}  # fmt: skip
    top = max((max(c, default=0) for c in shares.values()), default=0) or 1
    plot = _Plot((edges[0], edges[-1]), (0, top), height)
    marks = []
    for i, (name, values) in enumerate(shares.items()):
        for k, value in enumerate(values):
            left, right = plot.u(edges[k]), plot.u(edges[k + 1])
            wide = (right - left) / len(shares)
            span = f"{_edge(edges[k], log)} to {_edge(edges[k + 1], log)}"
            said = f"{value:.1%}" if several else number(value)
            prefix = f"{name}: " if name else ""
            marks.append(
                plot.bar(left + i * wide, plot.v(value), wide, i, f"{prefix}{span}: {said}")
            )
    axes = plot.axes(x, y, log, percent=several)
    return (legend(list(counts)) if several else "") + plot.svg(axes + "".join(marks))


def bars(
    labels: Sequence[str], series: Mapping[str, Sequence[float]], unit: str = "", name_px: int = 120
) -> str:
    """Returns horizontal bars, a row for each label, in each row a bar of each series.

    Args:
        series: (len(labels),) values of 0 and above, by name; one named '' needs no legend.
        name_px: how wide the labels' column is, of `WIDTH`.
    """
    thick = 14 if len(series) == 1 else 9
    row = thick * len(series) + 7
    finite = [v for values in series.values() for v in values if isfinite(v)]
    top = max(finite, default=0) or 1
    wide = WIDTH - name_px - 62
    parts = []
    for k, label in enumerate(labels):
        y = 2 + k * row
        parts.append(_text(name_px - 8, y + row / 2, _cut(label, name_px), "end", "strong", label))
        for i, (name, values) in enumerate(series.items()):
            length = wide * values[k] / top if isfinite(values[k]) else 0
            at = y + i * thick
            said = f"{number(values[k])}{unit}"
            tip = ": ".join(filter(None, (label, name, said)))
            parts.append(_rect(name_px, at, max(length, 0.5), thick - 2, f"s{i % _COLORS}", tip))
            parts.append(_text(name_px + length + 5, at + thick / 2, said, "start"))
    shown = legend(list(series)) if list(series) != [""] else ""
    return shown + _svg("".join(parts), len(labels) * row + 4)


def lines(
    series: Mapping[str, Sequence[tuple[float, float, float]]],
    x: str = "",
    y: str = "",
    height: int = 210,
    from_zero: bool = True,
) -> str:
    """Returns a line for each series with a band of its spread.

    Args:
        series: (x, y, spread) in the order of x, by name; spread 0 for none; points whose y is
            not finite are left out.
    """
    kept = {n: [p for p in points if isfinite(p[1])] for n, points in series.items()}
    points = [p for each in kept.values() for p in each]
    if not points:
        return '<p class="muted">nothing to show</p>'
    xs, low = [p[0] for p in points], min(p[1] - p[2] for p in points)
    top = max(p[1] + p[2] for p in points)
    plot = _Plot(_span(min(xs), max(xs)), _span(min(low, 0) if from_zero else low, top), height)
    marks = "".join(plot.line(i, n, each) for i, (n, each) in enumerate(kept.items()) if each)
    shown = legend(list(series)) if list(series) != [""] else ""
    return shown + plot.svg(plot.axes(x, y) + marks)


def heat(
    values: np.ndarray,
    rows: Sequence[str] = (),
    columns: Sequence[str] = (),
    top: float | None = None,
    say: bool = False,
    aspect: float = 1.0,
) -> str:
    """Returns a heat map, row 0 at the top; the stronger the colour, the larger the value.

    Args:
        values: (R, C) from 0 to `top` (None: the largest); nan is left blank.
        rows, columns: what they are; () for none.
        say: the values are written into the cells.
        aspect: height of a cell for a width of 1.
    """
    values = np.asarray(values, float)
    most = (np.nanmax(values, initial=0) if top is None else top) or 1
    left, below = (110 if rows else 2), (66 if columns else 2)
    cell = (WIDTH - left - 2) / max(values.shape[1], 1)
    tall = cell * aspect
    parts = []
    for (r, c), value in np.ndenumerate(values):
        if not isfinite(value):
            continue
        strength = min(max(value / most, 0), 1)
        named = [str(part[i]) for part, i in ((rows, r), (columns, c)) if part]
        tip = ": ".join([*(named and [" / ".join(named)]), number(value)])
        at = left + c * cell, 2 + r * tall
        rect = _rect(*at, cell + 0.3, tall + 0.3, "s0", tip)
        parts.append(rect.replace("<rect", f'<rect fill-opacity="{strength:.3f}"', 1))
        if say:
            parts.append(
                _text(at[0] + cell / 2, at[1] + tall / 2, number(value), "middle", "strong")
            )
    frame = (f'<path class="axis" fill="none" d="M{left} 2h{cell * values.shape[1]:.1f}'
             f'v{tall * len(values):.1f}h-{cell * values.shape[1]:.1f}z"/>')  # fmt: skip
    parts.append(frame)
    for r, name in enumerate(rows):
        parts.append(_text(left - 6, 2 + (r + 0.5) * tall, _cut(name, left), "end", "", name))
    foot = 2 + tall * len(values)
    for c, name in enumerate(columns):
        spot = f"{left + (c + 0.5) * cell:.1f} {foot + 8:.1f}"
        parts.append(
            f'<text transform="translate({spot}) rotate(-40)" text-anchor="end" dy="0.5em">'
            f"{escape(_cut(name, 84))}<title>{escape(name)}</title></text>"
        )
    return _svg("".join(parts), foot + below)


class _Plot:
    """A chart with two axes; u, v turn values into places in it."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], height: int):
        self.x, self.y, self.height = x, y, height

    def u(self, x: float) -> float:
        share = (x - self.x[0]) / (self.x[1] - self.x[0] or 1)
        return _LEFT + share * (WIDTH - _LEFT - _RIGHT)

    def v(self, y: float) -> float:
        share = (y - self.y[0]) / (self.y[1] - self.y[0] or 1)
        return self.height - _BOTTOM - share * (self.height - _TOP - _BOTTOM)

    def bar(self, u: float, v: float, wide: float, series: int, tip: str) -> str:
        gap = min(1.0, wide / 4)
        tall = self.height - _BOTTOM - v
        return _rect(u + gap / 2, v, wide - gap, tall, f"s{series % _COLORS}", tip)

    def line(self, i: int, name: str, points: Sequence[tuple[float, float, float]]) -> str:
        up = [f"{self.u(x):.1f} {self.v(y + s):.1f}" for x, y, s in points]
        down = [f"{self.u(x):.1f} {self.v(y - s):.1f}" for x, y, s in reversed(points)]
        through = [f"{self.u(x):.1f} {self.v(y):.1f}" for x, y, _ in points]
        color = i % _COLORS
        parts = [f'<path class="band s{color}" d="M{"L".join(up + down)}Z"/>'
                 f'<path class="line l{color}" d="M{"L".join(through)}"/>']  # fmt: skip
        for x, y, s in points:
            spread = f" ± {number(s)}" if s else ""
            tip = f"{f'{name}: ' if name else ''}{number(x)}: {number(y)}{spread}"
            parts.append(
                f'<circle class="s{color}" cx="{self.u(x):.1f}" cy="{self.v(y):.1f}" r="3.5">'
                f"<title>{escape(tip)}</title></circle>"
            )
        return "".join(parts)

    def axes(self, x: str, y: str, log: bool = False, percent: bool = False) -> str:
        foot = self.height - _BOTTOM
        parts = []
        for value in ticks(*self.y):
            v = self.v(value)
            said = f"{100 * value:.3g}%" if percent else number(value)
            parts.append(f'<path class="axis" d="M{_LEFT} {v:.1f}H{WIDTH - _RIGHT}"/>')
            parts.append(_text(_LEFT - 6, v, said, "end"))
        for value in ticks(*self.x):
            u = self.u(value)
            anchor = "end" if u > WIDTH - _RIGHT - 14 else "middle"
            parts.append(_text(u, foot + 11, _edge(value, log), anchor))
        middle = (_LEFT + WIDTH - _RIGHT) / 2
        parts.append(_text(middle, self.height - 8, x, "middle"))
        if y:
            spot = f"10 {(_TOP + foot) / 2:.1f}"
            parts.append(
                f'<text transform="translate({spot}) rotate(-90)" text-anchor="middle">'
                f"{escape(y)}</text>"
            )
        return "".join(parts)

    def svg(self, inside: str) -> str:
        return _svg(inside, self.height)


def _svg(inside: str, height: float) -> str:
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {height:.0f}" role="img">{inside}</svg>'


def _rect(x: float, y: float, wide: float, tall: float, kind: str, tip: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(wide, 0):.1f}" '
        f'height="{max(tall, 0):.1f}"><title>{escape(tip)}</title></rect>'
    )


def _text(x: float, y: float, said: str, anchor: str, kind: str = "", tip: str = "") -> str:
    shown = f"<title>{escape(tip)}</title>" if tip else ""
    style = f' class="{kind}"' if kind else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" dy="0.35em" text-anchor="{anchor}"{style}>'
        f"{escape(said)}{shown}</text>"
    )


def _cut(text: str, px: float) -> str:
    """Returns as much of a text as fits: a letter is about 6 px wide."""
    most = int(px / 6.2)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _edge(value: float, log: bool) -> str:
    return number(10.0**value if log else value)


def _span(low: float, high: float) -> tuple[float, float]:
    return (low, high) if high > low else (low - 0.5, high + 0.5)
