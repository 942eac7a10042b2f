"""The report's section on distances: every figure with what it was computed from."""

from simgen.evaluate.answer import checksum, with_error
from simgen.evaluate.report_parts import missing, section, table
from simgen.evaluate.results import Distance, Metrics

TITLE = "Distances"
_READ = (
    "KID compares the features that a trained network sees in both folders: 0 means that they "
    "cannot be told apart, and it may fall below 0 by chance. Its standard error stands behind ±; "
    "figures that differ by less than two of these are equal. FID needs thousands of pictures a "
    "side and reads too high with fewer; KID does not, but below about 50 its error is a guess. "
    "Compare figures of one backbone and like numbers of pictures only."
)


def distances(metrics: Metrics) -> str:
    """Returns the section as HTML."""
    if not metrics.distances:
        return missing(TITLE, "No distance has been measured yet.")
    head = ("figure", "of", "better", "backbone", "weights", "value", "synthetic", "real", "seed")
    rows = [_row(distance) for distance in metrics.distances]
    notes = dict.fromkeys(d.note for d in metrics.distances if d.note)
    said = " ".join(notes)
    return section(TITLE, _READ, table(head, rows, names=5), _source(said, metrics.command))


def _row(distance: Distance) -> tuple[str, ...]:
    value = "–" if distance.value is None else with_error(distance.value, distance.error)
    return (
        distance.name,
        distance.of,
        distance.better,
        distance.backbone,
        checksum(distance.weights_sha256).removeprefix("weights "),
        value,
        str(distance.synthetic),
        str(distance.real),
        "–" if distance.seed is None else str(distance.seed),
    )


def _source(notes: str, command: str) -> str:
    return " · ".join(filter(None, (notes, command)))
