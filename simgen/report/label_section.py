"""What the labels show, over all frames: classes, sizes, places, visibility."""

from collections.abc import Mapping, Sequence

import numpy as np

from simgen.report.axes import number as told
from simgen.report.charts import bars, heat
from simgen.report.page import escape
from simgen.report.parts import card, grid, percent, section, spread_chart, table
from simgen.report.statistics import GRID, Kind, Statistics

_BARS = 20  # classes in a chart
_ROWS = 200  # classes in the table

_CHARTS = (  # name, title, x axis, what is counted, logarithmic, note
    ("objects", "Objects in a picture", "objects", "pictures", False, ""),
    ("classes", "Classes in a picture", "classes", "pictures", False, ""),
    ("side", "Box size", "square root of the box's area, px", "objects", True,
     "COCO calls areas below 32² px small, from 96² px on large"),
    ("share", "Share of the picture", "box area over picture area", "objects", True, ""),
    ("aspect", "Aspect", "width over height", "objects", True, ""),
    ("visible", "Visibility", "visible share of the silhouette", "objects", False, ""),
    ("truncation", "Cut off by the frame", "share outside", "objects", False, ""),
    ("brightness", "Brightness", "mean grey, 0 black to 1 white", "pictures", False, ""),
    ("contrast", "Contrast", "standard deviation of the grey", "pictures", False, ""),
)  # fmt: skip


def label_section(of: Mapping[str, Statistics]) -> str:
    """Returns the section for one dataset or two, by name."""
    cards = [card("Objects of each class", _class_bars(of))]
    for name, title, x, y, log, note in _CHARTS:
        chart = spread_chart({n: s.spread(name) for n, s in of.items()}, x, y, log)
        if chart:
            cards.append(card(title, chart, note))
    for name, statistics in of.items():
        if statistics.objects:
            title = "Where objects are" + (f": {name}" if len(of) > 1 else "")
            cards.append(card(title, _positions(statistics), "centres of the boxes"))
    return section("labels", "Labels", grid(cards) + _class_table(of))


def _class_bars(of: Mapping[str, Statistics]) -> str:
    names = _by_count(of)
    series = {name: [_kind(s, each).objects for each in names[:_BARS]] for name, s in of.items()}
    if len(of) > 1:  # of unlike size: what counts is each one's share
        series = {name: [100 * count / max(of[name].objects, 1) for count in counts]
                  for name, counts in series.items()}  # fmt: skip
    else:
        series = {"": next(iter(series.values()))}
    more = len(names) - _BARS
    note = f'<p class="muted">and {more} more, in the table below</p>' if more > 0 else ""
    return (
        bars(names[:_BARS], series, "%" if len(of) > 1 else "") + note
        if names
        else '<p class="muted">no objects</p>'
    )


def _by_count(of: Mapping[str, Statistics]) -> list[str]:
    total: dict[str, int] = {}
    for statistics in of.values():
        for name, kind in statistics.kinds.items():
            total[name] = total.get(name, 0) + kind.objects
    return sorted(total, key=lambda name: (-total[name], name))


def _kind(statistics: Statistics, name: str) -> Kind:
    return statistics.kinds.get(name) or Kind()


def _positions(statistics: Statistics) -> str:
    (height, width), _ = statistics.sizes.most_common(1)[0]
    aspect = float(np.clip(height / width, 0.4, 1.2)) * GRID[1] / GRID[0]
    return heat(statistics.positions, aspect=aspect)


def _class_table(of: Mapping[str, Statistics]) -> str:
    names = _by_count(of)
    parts = []
    for title, statistics in of.items():
        rows = [_row(name, statistics) for name in names[:_ROWS]]
        heads = (
            "class",
            "objects",
            "share",
            "pictures",
            "median size, px",
            "from",
            "to",
            "visible",
        )
        head = f"<h3>{escape(title)}</h3>" if len(of) > 1 else ""
        parts.append(f'<div class="card">{head}{table(heads, rows, range(1, 8))}</div>')
    return f"<br>{'<br>'.join(parts)}" if names else ""


def _row(name: str, statistics: Statistics) -> Sequence[str]:
    kind = _kind(statistics, name)
    share = kind.objects / max(statistics.objects, 1)
    sizes = (kind.side.quantile(q) for q in (0.5, 0.05, 0.95))
    visible = kind.visible.mean if kind.visible.count else float("nan")
    return (name, f"{kind.objects:,}", percent(share), f"{kind.pictures:,}",
            *map(told, sizes), percent(visible))  # fmt: skip
