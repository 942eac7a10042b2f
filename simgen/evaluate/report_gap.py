"""The report's section on the gap: how pictures and boxes differ, and what would narrow it."""

from simgen.evaluate.change import by_distance
from simgen.evaluate.report_parts import copyable, missing, read, section
from simgen.evaluate.results import Counted, Gap, Metrics
from simgen.evaluate.wording import drawn, number_of
from simgen.report.axes import number
from simgen.report.charts import histogram
from simgen.report.page import escape

TITLE = "The gap, the widest first"
_READ = (
    "Each histogram shows what share of the pictures (or boxes) falls into a bin, on both sides. "
    "The distance is the area between the two cumulative curves, in standard deviations of the "
    "real side; below about 0.1, or with fewer than 50 pictures a side, it is hardly more than "
    "chance. A line in a box is an override of the generator's settings that would narrow the gap."
)


def gap(metrics: Metrics) -> str:
    """Returns the section as HTML."""
    if not metrics.gap:
        return missing(TITLE, "The statistics have not been compared yet.")
    names = metrics.synthetic.name or "synthetic", metrics.real.name or "real"
    compared = [each for each in by_distance(metrics.gap) if each.distance is not None]
    cards = "".join(_card(each) for each in compared)
    sides = f"synthetic: {names[0]}, real: {names[1]}"
    inside = f'<div class="grid">{cards}</div>{_left_out(metrics)}'
    return section(TITLE, _READ, inside, sides, drawn(metrics.gap), metrics.command)


def _left_out(metrics: Metrics) -> str:
    names: dict[str, list[str]] = {}
    for each in metrics.gap:
        if each.distance is None:
            names.setdefault(each.note or "not known", []).append(each.statistic.replace("_", " "))
    told = "; ".join(f"{', '.join(group)} ({note})" for note, group in names.items())
    return read(f"Not compared: {told}.") if told else ""


def _card(each: Gap) -> str:
    title = f"{each.statistic.replace('_', ' ')}: distance {number(each.distance)}"
    lines = "".join(f"{copyable(p.override)}{read(p.why)}" for p in each.prescriptions)
    return (
        f'<div class="card"><h3>{escape(title)}</h3>{_drawn(each)}'
        f'<p class="source">{_side("synthetic", each, each.synthetic)}<br>'
        f"{_side('real', each, each.real)}</p>{lines}</div>"
    )


def _drawn(each: Gap) -> str:
    counts = {"synthetic": each.synthetic.counts, "real": each.real.counts}
    bins = len(each.edges) - 1
    if bins < 1 or any(len(values) != bins for values in counts.values()):
        return '<p class="muted">no histogram</p>'
    return histogram(each.edges, counts, x=each.unit)


def _side(name: str, each: Gap, side: Counted) -> str:
    mean = "" if side.mean is None else f", mean {number(side.mean)}"
    return f"{name}: N = {number_of(each, side)}{mean}"
