"""The rarest and the most frequent combinations, as tables."""

from collections.abc import Mapping, Sequence

from simgen.report.axes import number
from simgen.report.combinations import Combination
from simgen.report.page import escape
from simgen.report.parts import card, grid, section, table
from simgen.report.statistics import Statistics

_EACH = 6  # most frequent and rarest that are shown


def pair_section(of: Mapping[str, Statistics]) -> str:
    """Returns the section for one dataset or two, by name."""
    parts = []
    for name, statistics in of.items():
        head = f"<h3>{escape(name)}</h3>" if len(of) > 1 else ""
        parts.append(head + grid(_cards(statistics)))
    note = (
        '<p class="muted">"expected" is how often a combination would be there if its parts had '
        "nothing to do with each other.</p>"
    )
    return section("combinations", "Combinations", note + "".join(parts))


def _cards(statistics: Statistics) -> list[str]:
    together, frames = statistics.together, statistics.frames
    found = {
        "Class, size and visibility": together.of_objects(),
        "Two classes in one picture": together.of_classes(frames),
        "Two parameters' values": together.of_choices(frames),
    }
    return [card(title, _table(several)) for title, several in found.items() if several]


def _table(several: Sequence[Combination]) -> str:
    top, rest = several[:_EACH], several[_EACH:]
    never = sum(not each.count for each in several)
    said = f"{len(several):,} combinations are possible, {never:,} never occur."
    rows = [_row(each) for each in top]
    low = rest[-_EACH:][::-1]
    rare = f"<h3>Rarest</h3>{_listed(map(_row, low))}" if low else ""
    return f'<p class="muted">{said}</p><h3>Most frequent</h3>{_listed(rows)}{rare}'


def _listed(rows) -> str:
    return table(("", "there", "expected"), rows, (1, 2))


def _row(each: Combination) -> Sequence[str]:
    return " · ".join(each.parts), f"{each.count:,}", number(each.expected)
