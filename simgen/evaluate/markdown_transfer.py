"""What detectors reached on real pictures, as markdown tables."""

from collections.abc import Iterable

from simgen.evaluate.by_category import FIGURES, KINDS, categories, compared
from simgen.evaluate.markdown_text import plain, table
from simgen.evaluate.report_transfer import HEAD, cells
from simgen.evaluate.results import Metrics, Transfer
from simgen.evaluate.trainings import Training, trainings
from simgen.evaluate.wording import scattered, seeds_and_pictures, steps, tested


def transfer(metrics: Metrics) -> Iterable[str]:
    """Yields the tables, each after what it rests on."""
    sets = trainings(metrics.transfer.runs) if metrics.transfer else ()
    if sets:
        yield _rests_on(metrics.transfer)
        yield table(HEAD, [map(plain, cells(found)) for found in sets])
        yield from _categories(sets)


def _rests_on(part: Transfer) -> str:
    digest = f"test set sha256 {part.test.digest[:12]}" if part.test.digest else ""
    known = ", ".join(filter(None, (tested(part), digest, steps(part.runs))))
    scatter = "± is half of the range over the seeds, which a row names."
    return plain(f"Transfer: {known}; {scatter}" if known else f"Transfer: {scatter}")


def _categories(sets: tuple[Training, ...]) -> Iterable[str]:
    shown = compared(sets)
    names = categories(shown.values())
    if not names:
        return
    known = "; ".join(f"{KINDS[kind]}: {seeds_and_pictures(e)}" for kind, e in shown.items())
    yield f"By category, the largest training set of each kind ({known}):"
    head = [f"{figure} {KINDS[kind]}" for kind in shown for figure in FIGURES]
    yield table(
        ("category", *head),
        [
            (
                plain(name),
                *(scattered(e.category(name, f)) for e in shown.values() for f in FIGURES.values()),
            )
            for name in names
        ],
    )
