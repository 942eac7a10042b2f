"""The report's section on distances: every figure with what it was computed from."""

from simgen.evaluate.report_parts import missing, section
from simgen.evaluate.results import Distance, Metrics
from simgen.evaluate.wording import with_error
from simgen.report.parts import table

TITLE = "Distances"
_READ = (
    "KID compares what a trained network sees in both folders: 0 means that it cannot tell them "
    "apart, and chance may take it below 0. Behind ± stands its standard error: figures less than "
    "two of these apart are equal. With fewer than about 50 pictures a side that error is itself "
    "a guess; a Fréchet distance (FID, fd) needs thousands and reads too high with fewer. "
    "Precision and density say how many synthetic pictures lie among real ones, recall and "
    "coverage how many real ones are reached, Vendi how many different ones there are, in effect. "
    "Compare figures of one backbone and of like numbers of pictures only."
)
_HEAD = (
    *("figure", "value", "of", "synthetic", "real", "seed", "better"),
    *("backbone", "weights sha256", ""),
)
_NUMBERS = (1, 3, 4, 5)


def distances(metrics: Metrics) -> str:
    """Returns the section as HTML."""
    if not metrics.distances:
        return missing(TITLE, "No distance has been measured yet.")
    rows = [_row(distance) for distance in metrics.distances]
    return section(TITLE, _READ, table(_HEAD, rows, _NUMBERS), metrics.command)


def _row(distance: Distance) -> tuple[str, ...]:
    value = "–" if distance.value is None else with_error(distance.value, distance.error)
    return (
        distance.name,
        value,
        distance.of,
        str(distance.synthetic),
        str(distance.real),
        "–" if distance.seed is None else str(distance.seed),
        distance.better,
        distance.backbone,
        distance.weights_sha256[:12],
        distance.note or "",
    )
