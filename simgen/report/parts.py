"""Pieces of HTML that the sections share."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from simgen.report.axes import number
from simgen.report.charts import histogram
from simgen.report.page import escape
from simgen.report.spread import Spread, binned


def section(anchor: str, title: str, inside: str) -> str:
    return f'<section id="{anchor}"><h2>{escape(title)}</h2>{inside}</section>' if inside else ""


def card(title: str, inside: str, note: str = "") -> str:
    said = f'<p class="muted">{note}</p>' if note else ""
    return f'<div class="card"><h3>{escape(title)}</h3>{inside}{said}</div>'


def grid(cards: Iterable[str], kind: str = "") -> str:
    inside = "".join(cards)
    return f'<div class="grid {kind}">{inside}</div>' if inside else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[int] = ()) -> str:
    """Returns a table; every cell is escaped here.

    Args:
        numbers: columns that are aligned as numbers.
    """
    kind = [' class="number"' if i in numbers else "" for i in range(len(heads))]
    head = "".join(f"<th{k}>{escape(name)}</th>" for k, name in zip(kind, heads))
    body = "".join(
        f"<tr>{''.join(f'<td{k}>{escape(cell)}</td>' for k, cell in zip(kind, row))}</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def spread_chart(
    spreads: Mapping[str, Spread], x: str, y: str = "", log: bool = False, height: int = 190
) -> str:
    """Returns the histograms of one quantity of one or more datasets; '' where none has it."""
    if not any(each.count for each in spreads.values()):
        return ""
    edges, counts = binned(list(spreads.values()))
    named = spreads if len(spreads) > 1 else {"": None}
    return histogram(edges, dict(zip(named, counts)), x, "" if len(spreads) > 1 else y, log, height)


def percent(value: float) -> str:
    return f"{100 * value:.3g} %" if value == value else "–"


def size_of(count: float) -> str:
    """Returns bytes as people read them."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{number(count)} {unit}"
        count /= 1000
    return f"{number(count)} TB"


def duration(seconds: float) -> str:
    """Returns a time as people read it."""
    for unit, length in (("days", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{number(seconds / length)} {unit}"
    return f"{number(seconds)} s"
