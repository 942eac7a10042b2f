"""Small charts as SVG text: they follow the page's colours, and every mark says its value.

Series are given by name, in an order that decides their colours (six that readers of any colour
vision tell apart); more than six begin again. All names are escaped here.
"""

from collections.abc import Mapping, Sequence
from math import isfinite

import numpy as np

from simgen.report.axes import (
    COLORS,
    WIDTH,
    Plot,
    cut,
    extent,
    number,
    rect,
    svg,
    text,
    ticks,
    told,
)
from simgen.report.heat import heat
from simgen.report.page import escape

__all__ = ["bars", "heat", "histogram", "legend", "lines", "number", "ticks"]


def legend(names: Sequence[str]) -> str:
    """Returns what colour each series has."""
    items = (f'<span><i class="s{i % COLORS}"></i>{escape(n)}</span>' for i, n in enumerate(names))
    return f'<div class="legend">{"".join(items)}</div>'


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
    plot = Plot((edges[0], edges[-1]), (0, top), height)
    marks = []
    for i, (name, values) in enumerate(shares.items()):
        for k, value in enumerate(values):
            left, right = plot.u(edges[k]), plot.u(edges[k + 1])
            wide = (right - left) / len(shares)
            span = _bin(edges[k], edges[k + 1], log)
            said = f"{value:.1%}" if several else number(value)
            prefix = f"{name}: " if name else ""
            marks.append(
                plot.bar(left + i * wide, plot.v(value), wide, i, f"{prefix}{span}: {said}")
            )
    whole = not several and not any(value % 1 for value in next(iter(shares.values())))
    numbered = _whole(edges[0], edges[1]) and not log
    axes = plot.axes(x, y, log, percent=several, whole=(numbered, whole))
    return (legend(list(counts)) if several else "") + plot.svg(axes + "".join(marks))


def _bin(low: float, high: float, log: bool) -> str:
    """Returns what a bin holds: one whole number, or a range."""
    whole = _whole(low, high) and not log
    return number(low + 0.5) if whole else f"{told(low, log)} to {told(high, log)}"


def _whole(low: float, high: float) -> bool:
    """Tells whether a bin is around one whole number."""
    return high - low == 1 and low % 1 == 0.5


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
        middle = y + thick * len(series) / 2 - 1
        parts.append(text(name_px - 8, middle, cut(label, name_px), "end", "strong", label))
        for i, (name, values) in enumerate(series.items()):
            length = wide * values[k] / top if isfinite(values[k]) else 0
            at = y + i * thick
            said = f"{number(values[k])}{unit}"
            tip = ": ".join(filter(None, (label, name, said)))
            parts.append(rect(name_px, at, max(length, 0.5), thick - 2, f"s{i % COLORS}", tip))
            parts.append(text(name_px + length + 5, at + thick / 2 - 1, said, "start"))
    shown = legend(list(series)) if list(series) != [""] else ""
    return shown + svg("".join(parts), len(labels) * row + 4)


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
    plot = Plot(extent(min(xs), max(xs)), extent(min(low, 0) if from_zero else low, top), height)
    marks = "".join(plot.line(i, n, each) for i, (n, each) in enumerate(kept.items()) if each)
    shown = legend(list(series)) if list(series) != [""] else ""
    return shown + plot.svg(plot.axes(x, y) + marks)
