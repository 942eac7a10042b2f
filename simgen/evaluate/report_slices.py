"""The report's section on weak spots: confusion, the worst misses, AP50 in slices of the test."""

from pathlib import Path

import numpy as np

from simgen.evaluate.report_examples import sheet
from simgen.evaluate.report_parts import missing, read, rests_on, section
from simgen.evaluate.report_strips import Mark, Row, strips
from simgen.evaluate.results import Bin, Confusion, Metrics, Slice
from simgen.evaluate.wording import counted, part_name
from simgen.report.axes import number
from simgen.report.charts import heat
from simgen.report.page import escape

TITLE = "Where the detector is weak"
MOST = 9  # slices shown of each kind of pictures
_READ = (
    "AP50 of parts of the test, such as the darkest quarter of the pictures; the parts with the "
    "greatest loss come first. The bar holds 95 % of what other drawings of test pictures would "
    "give, so the fewer pictures, the longer it is. A part stands out only where chance makes one "
    "that weak in fewer than 1 of 20 evaluations, all parts shown and not shown counted in."
)
_CONFUSED = (
    "What the boxes of one true category, a row, were detected as, in percent of them: on the "
    "diagonal is what is right, in the last column what was missed. The last row shares out false "
    "alarms."
)
_WRITTEN = 12  # labels up to which cells bear their numbers


def slices(metrics: Metrics, out: Path) -> str:
    """Returns the section as HTML; `out` is where the picture of the worst misses lies."""
    part = metrics.transfer
    cards = [_cards(part.slices, of) for of in ("real", "synthetic")] if part else []
    confused = _confusion(part.confusion) if part else ""
    missed = sheet(out, part.misses) if part and part.misses else ""
    if not (any(cards) or confused or missed):
        return missing(TITLE, "No detector has been looked at closely yet.")
    inside = "".join(cards)
    if missed:
        inside += f"<h3>The worst misses</h3>{missed}"
    return section(TITLE, _READ, inside + confused, *_sources(metrics))


def _cards(slices: tuple[Slice, ...], of: str) -> str:
    shown = "".join(_card(each) for each in [s for s in slices if s.of == of and s.bins][:MOST])
    if not shown:
        return ""
    return f'<h3 class="sub">In {of} pictures, not trained on</h3><div class="grid">{shown}</div>'


def _card(each: Slice) -> str:
    rows = [_row(one) for one in each.bins if one.ap50 is not None]
    whole = "" if each.ap50 is None else f" (all: {each.ap50:.3f})"
    return f'<div class="card"><h3>{escape(each.by + whole)}</h3>{strips(rows, "AP50")}</div>'


def _row(one: Bin) -> Row:
    about = f"{one.pictures} pictures, {one.boxes} boxes"
    if one.stands_out:
        about += " · stands out" + ("" if one.p is None else f", p = {number(one.p)}")
    mark = Mark(one.ap50, int(one.stands_out), one.low, one.high, tip=f"{one.ap50:.3f}")
    return Row(part_name(one), (mark,), about, f"{one.ap50:.3f}")


def _confusion(found: Confusion) -> str:
    if not found.whole:
        return ""
    counts = np.array(found.matrix, float)
    totals = counts.sum(axis=1, keepdims=True)
    percent = np.full_like(counts, np.nan)  # where nothing is, nothing is drawn
    np.divide(100 * counts, totals, percent, where=counts > 0)
    drawn = heat(
        percent.round(), found.labels, found.labels, top=100, say=len(found.labels) <= _WRITTEN
    )
    return (
        f"<h3>What is taken for what</h3>{read(_CONFUSED)}"
        f'<div class="card fit">{drawn}</div>{rests_on(*counted(found))}'
    )


def _sources(metrics: Metrics) -> tuple[str, ...]:
    part = metrics.transfer
    looked = f"real pictures, misses and confusion: {part.analysed}" if part.analysed else ""
    tested = f"N = {part.test.pictures} real pictures, {part.test.boxes} boxes"
    return tested, looked, metrics.command
