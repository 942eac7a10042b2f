"""What detectors reached on real pictures, as markdown tables."""

from collections.abc import Iterable, Sequence

from simgen.evaluate.by_category import FIGURES, KINDS, categories, compared
from simgen.evaluate.markdown_text import code, plain, table
from simgen.evaluate.report_transfer import HEAD, cells
from simgen.evaluate.results import Confusion, Metrics, Transfer
from simgen.evaluate.trainings import Training, trainings
from simgen.evaluate.wording import counted, scattered, seeds_and_pictures, steps, tested

MISTAKES = 10  # that are told


def transfer(metrics: Metrics) -> Iterable[str]:
    """Yields the tables, each after what it rests on."""
    part = metrics.transfer
    sets = trainings(part.runs) if part else ()
    if sets:
        yield _rests_on(part)
        yield table(HEAD, [map(plain, cells(found)) for found in sets])
        yield from _categories(sets, part.confusion.boxes)
    if part and part.confusion.whole:
        yield from _confusion(part.confusion, part.analysed)


def _rests_on(part: Transfer) -> str:
    digest = f"test set sha256 {part.test.digest[:12]}" if part.test.digest else ""
    known = ", ".join(filter(None, (tested(part), digest, steps(part.runs))))
    scatter = "± is half of the range over the seeds, which a row names."
    return plain(f"Transfer: {known}; {scatter}" if known else f"Transfer: {scatter}")


def _categories(sets: tuple[Training, ...], boxes: dict[str, int]) -> Iterable[str]:
    shown = compared(sets)
    names = categories(shown.values())
    if not names:
        return
    known = "; ".join(f"{KINDS[kind]}: {seeds_and_pictures(e)}" for kind, e in shown.items())
    yield f"By category, the largest training set of each kind ({known}):"
    head = [f"{figure} {KINDS[kind]}" for kind in shown for figure in FIGURES]
    rows = [
        (plain(name), str(boxes.get(name, "–")), *_figures(name, shown.values())) for name in names
    ]
    yield table(("category", "boxes", *head), rows)


def _figures(name: str, shown: Iterable[Training]) -> list[str]:
    return [scattered(each.category(name, field)) for each in shown for field in FIGURES.values()]


def _confusion(found: Confusion, analysed: str) -> Iterable[str]:
    boxes = sum(map(sum, found.matrix[:-1]))
    right = sum(row[i] for i, row in enumerate(found.matrix[:-1]))
    known = f"{', '.join(counted(found))}; detector {code(analysed)}"
    yield (
        f"What is taken for what, most often first: {right} of {boxes} boxes are found as what "
        f"they are ({known})."
    )
    if rows := _mistakes(found)[:MISTAKES]:
        yield table(("is", "is detected as", "times", "of its boxes"), rows)


def _mistakes(found: Confusion) -> list[tuple[str, ...]]:
    names, counts = [*map(plain, found.labels[:-1]), "nothing"], found.matrix
    pairs = [(i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if n and i != j]
    pairs.sort(key=lambda pair: -counts[pair[0]][pair[1]])
    return [(names[i], names[j], str(counts[i][j]), _share(counts, i, j)) for i, j in pairs]


def _share(counts: Sequence[Sequence[int]], i: int, j: int) -> str:
    invented = i == len(counts) - 1
    return "–" if invented else f"{100 * counts[i][j] / sum(counts[i]):.0f} %"
