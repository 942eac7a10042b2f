"""The report's section on transfer: what detectors trained on either side and on both reach."""

from simgen.evaluate.answer import UNTRAINED
from simgen.evaluate.by_category import FIGURES, KINDS, categories, compared
from simgen.evaluate.report_parts import missing, read, rests_on, section
from simgen.evaluate.report_strips import Mark, Row, begin, strips
from simgen.evaluate.results import Metrics
from simgen.evaluate.trainings import (
    ORDER,
    Training,
    chosen,
    gain,
    largest,
    mean,
    trainings,
    whole_real,
)
from simgen.evaluate.wording import checksum, scattered, seeds, seeds_and_pictures, steps, tested
from simgen.report.charts import lines
from simgen.report.parts import table

Point = tuple[float, float, float]  # pictures, AP50, spread
TITLE = "Transfer: tested on real pictures"
_READ = (
    "AP50 is the average precision of a detector where a box counts as found from an overlap "
    "(IoU) of 0.5; 1 is perfect. Each dot is one seed, the stroke their mean, the bar their range, "
    "and ± half of it: sets whose bars overlap cannot be told apart, nor can any with one seed. "
    "All are tested on the same real pictures, on none of which they were trained; with fewer than "
    "about 100 boxes to find, a difference of a few hundredths is chance whatever the seeds say."
)
_GAIN = (
    "A training set with both kinds, against the same real pictures alone (or more, where these "
    "were not trained alone) and against the largest synthetic set alone, whichever is better. "
    "Synthetic pictures are there to add to real ones, not to stand in for them."
)
_COLUMNS = ("ap50", "ap", "ap75", "ap_small", "ap_medium", "ap_large")
HEAD = (
    *("trained on", "real", "synthetic", "seeds"),
    *("AP50", "AP", "AP75", "AP small", "AP medium", "AP large"),
)


def transfer(metrics: Metrics) -> str:
    """Returns the section as HTML."""
    sets = trainings(metrics.transfer.runs) if metrics.transfer else ()
    if not sets:
        return missing(TITLE, UNTRAINED)
    inside = _plot(sets) + _curves(sets) + _together(sets) + _table(sets)
    inside += _categories(sets, metrics.transfer.confusion.boxes)
    return section(TITLE, _READ, inside, *_sources(metrics))


def cells(found: Training) -> tuple[str, ...]:
    """Returns a training set as a row below `HEAD`."""
    numbers = (str(found.real), str(found.synthetic), seeds(found))
    return found.label, *numbers, *(scattered(found.values(name)) for name in _COLUMNS)


def _plot(sets: tuple[Training, ...]) -> str:
    rows = [
        Row(
            found.label,
            (_mark(found.values(), ORDER.index(found.kind) if found.kind in ORDER else 0),),
            seeds_and_pictures(found),
            scattered(found.values()),
        )
        for found in sets
    ]
    start = begin(value for found in sets for value in found.values())
    return f'<div class="card">{strips(rows, "AP50", start=start)}</div>'


def _mark(values: tuple[float, ...], series: int) -> Mark:
    return Mark(mean(values), series, min(values), max(values), values, scattered(values))


def _curves(sets: tuple[Training, ...]) -> str:
    real, synthetic = whole_real(sets), largest(sets, "synthetic")
    by_real = {
        "real only": _points(sets, "real", "real"),
        "synthetic only": [],
        "both, mixed": _points(sets, "mixed", "real"),
        "synthetic, then real": _points(sets, "finetuned", "real"),
    }
    by_synthetic = {"real only": [], "synthetic only": _points(sets, "synthetic", "synthetic")}
    by_real["synthetic only"] = _level(synthetic, by_real)
    by_synthetic["real only"] = _level(real, by_synthetic)
    charts = [
        ("How many real pictures", by_real, "real training pictures"),
        ("How many synthetic pictures", by_synthetic, "synthetic training pictures"),
    ]
    shown = [
        f'<div class="card"><h3>{title}</h3>{lines(series, x, "AP50", from_zero=False)}</div>'
        for title, series, x in charts
        if len({x for points in series.values() for x, _, _ in points}) > 1
    ]
    return f'<div class="pair">{"".join(shown)}</div>' if shown else ""


def _points(sets: tuple[Training, ...], kind: str, pictures: str) -> list[Point]:
    ordered = sorted(chosen(sets, kind), key=lambda found: getattr(found, pictures))
    return [(getattr(found, pictures), found.mean(), found.spread() or 0.0) for found in ordered]


def _level(found: Training | None, series: dict[str, list[Point]]) -> list[Point]:
    """Returns a level line as wide as the other series, for what they are to be held against."""
    xs = [x for points in series.values() for x, _, _ in points]
    if found is None or not xs:
        return []
    return [(x, found.mean(), found.spread() or 0.0) for x in (min(xs), max(xs))]


def _together(sets: tuple[Training, ...]) -> str:
    rows = []
    for both in (found for found in sets if found.real and found.synthetic):
        won = gain(sets, both)
        if won:
            scatter = "–" if won[1] != won[1] else f"{won[1]:.3f}"
            rows.append((both.label, f"{won[0]:+.3f}", scatter))
    if not rows:
        return ""
    head = ("trained on", "AP50 gained", "seeds account for")
    title = "<h3>Both together, against the better one alone</h3>"
    return title + read(_GAIN) + table(head, rows, (1, 2))


def _table(sets: tuple[Training, ...]) -> str:
    rows = [cells(found) for found in sets]
    return "<h3>All figures</h3>" + table(HEAD, rows, range(1, len(HEAD)))


def _categories(sets: tuple[Training, ...], boxes: dict[str, int]) -> str:
    shown = compared(sets)
    names = {name: boxes.get(name) for name in categories(shown.values())}
    cards = [_by_category(names, shown, *of) for of in FIGURES.items()]
    if not any(cards):
        return ""
    known = (f"{KINDS[kind]}: {seeds_and_pictures(found)}" for kind, found in shown.items())
    about = rests_on("The largest training set of each kind; dots and bars as above.", *known)
    return f'<h3>By category</h3><div class="pair">{"".join(cards)}</div>{about}'


def _by_category(
    names: dict[str, int | None], shown: dict[str, Training], figure: str, field: str
) -> str:
    rows = [_category(name, count, shown, field) for name, count in names.items()]
    rows = [row for row in rows if row.marks]
    drawn = strips(rows, figure, tuple(KINDS.values()))
    return f'<div class="card"><h3>{figure} by category</h3>{drawn}</div>' if rows else ""


def _category(name: str, boxes: int | None, shown: dict[str, Training], field: str) -> Row:
    values = {kind: found.category(name, field) for kind, found in shown.items()}
    known = {kind: each for kind, each in values.items() if each}
    said = "  ".join(f"{mean(each):.2f}" for each in known.values())
    marks = (_mark(each, tuple(KINDS).index(kind)) for kind, each in known.items())
    return Row(name, tuple(marks), "" if boxes is None else f"{boxes} boxes", said)


def _sources(metrics: Metrics) -> tuple[str, ...]:
    part = metrics.transfer
    digest = f"test set sha256 {part.test.digest[:12]}" if part.test.digest else ""
    weights = checksum(part.weights_sha256)
    return tested(part), digest, steps(part.runs), part.detector, weights, metrics.command
