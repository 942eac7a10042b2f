"""How figures and what they rest on are written, the same in the page and in markdown."""

from collections.abc import Iterable

from simgen.evaluate.results import Bin, Confusion, Counted, Distance, Gap, Run, Transfer
from simgen.evaluate.trainings import Training, mean, spread
from simgen.report.axes import number


def with_error(value: float, error: float | None) -> str:
    """Returns a value and what is known of its error, to the same decimal."""
    if not error:
        return number(value)
    places = max(0, min(6, 1 - _power(error)))
    return f"{value:.{places}f} ± {error:.{places}f}"


def known(distance: Distance) -> str:
    """Returns what a distance was computed from."""
    parts = [
        f"{distance.synthetic} synthetic, {distance.real} real {distance.of}",
        "" if distance.seed is None else f"seed {distance.seed}",
        distance.backbone,
        checksum(distance.weights_sha256),
    ]
    return " · ".join(filter(None, parts))


def checksum(sha256: str) -> str:
    """Returns a checksum as it is shown."""
    return f"weights sha256 {sha256[:12]}" if sha256 else ""


def seeds_and_pictures(found: Training) -> str:
    """Returns what a training set holds and how often it was used."""
    parts = [
        f"{found.real} real" if found.real else "",
        f"{found.synthetic} synthetic" if found.synthetic else "",
    ]
    plural = "s"[: len(found.runs) - 1]
    return f"{' + '.join(filter(None, parts))} · seed{plural} {seeds(found)}"


def tested(part: Transfer) -> str:
    """Returns on what all detectors were tested."""
    test = part.test
    said = f"tested on {test.pictures} real pictures with {test.boxes} boxes"
    return said if test.pictures else ""


def steps(runs: tuple[Run, ...]) -> str:
    """Returns how long each detector was trained: the table is fair only if all took the same."""
    counts = sorted({run.steps for run in runs if run.steps})
    if len(counts) > 1:
        return f"UNEQUAL steps: {', '.join(map(str, counts))}"
    return f"{counts[0]} steps each" if counts else ""


def seeds(found: Training) -> str:
    """Returns the seeds with which a training set was used."""
    return ", ".join(str(run.seed) for run in found.runs)


def number_of(gap: Gap, side: Counted) -> str:
    """Returns from how many pictures or boxes of a side a statistic was computed."""
    if gap.of == "pictures" and side.pictures is not None:
        return f"{side.pictures} pictures"
    return f"{side.n} {gap.of or 'values'}"


def drawn(gaps: Iterable[Gap]) -> str:
    """Returns how pictures were chosen, '' where all were read."""
    seeds = sorted({gap.seed for gap in gaps if gap.seed is not None})
    return f"pictures drawn with seed {', '.join(map(str, seeds))}" if seeds else ""


def counted(found: Confusion) -> tuple[str, ...]:
    """Returns what a confusion matrix counts."""
    known = (
        ("IoU {:g}", found.iou),
        ("detections from score {:.3f} on", found.score),
        ("F1 {:.3f}", found.f1),
    )
    total = sum(map(sum, found.matrix))
    said = (text.format(value) for text, value in known if value is not None)
    return f"N = {total} boxes and false alarms", *said


def part_name(part: Bin) -> str:
    """Returns the range or the value that a part of the test has."""
    if part.start is not None and part.end is not None:
        return f"{number(part.start)} to {number(part.end)}"
    return number(part.value) if isinstance(part.value, float) else str(part.value)


def scattered(values: tuple[float, ...]) -> str:
    """Returns the mean over the seeds and half of their range."""
    if not values:
        return "–"
    scatter = spread(values)
    return f"{mean(values):.3f}" + ("" if scatter is None else f" ± {scatter:.3f}")


def _power(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])
