"""The figures as markdown tables, ready for a README."""

from collections.abc import Iterable, Sequence

from simgen.evaluate.answer import Figure, how_far, transfer
from simgen.evaluate.change import by_distance, overrides, prescriptions, what_to_change
from simgen.evaluate.markdown_text import code, plain, table
from simgen.evaluate.markdown_transfer import transfer as transfer_tables
from simgen.evaluate.results import Distance, Gap, Metrics
from simgen.evaluate.wording import checksum, drawn, number_of, with_error
from simgen.report.axes import number

_GAP = "The gap: means of both sides, and the distance in standard deviations of the real one"
_GAP_HEAD = (
    *("statistic", "distance", "synthetic", "real", "N synthetic", "N real"),
    "would narrow it",
)


def markdown(metrics: Metrics) -> str:
    """Returns the answers, the tables and what they rest on."""
    parts = [
        *_answers(metrics),
        *transfer_tables(metrics),
        *_distances(metrics.distances),
        *_gap(metrics.gap),
        _rests_on(metrics),
    ]
    return "\n\n".join(parts) + "\n"


def _answers(metrics: Metrics) -> Iterable[str]:
    for answer in (how_far(metrics), transfer(metrics), what_to_change(metrics)):
        yield f"**{answer.question}** {plain(' '.join(answer.sentences))}"
        if answer.figures:
            yield "\n".join(_figure(figure, answer.sources) for figure in answer.figures)
    line = overrides(prescriptions(metrics.gap))
    if line:
        yield f"```sh\n{line}\n```"


def _figure(figure: Figure, sources: Sequence[str]) -> str:
    known = " · ".join(filter(None, (figure.known, *sources)))
    return f"- **{figure.value}** {plain(figure.about)} ({plain(known)})"


def _distances(distances: Sequence[Distance]) -> Iterable[str]:
    head = (
        *("figure", "of", "value", "synthetic", "real", "seed"),
        *("backbone", "weights sha256", "note"),
    )
    rows = [
        (
            code(d.name),
            plain(d.of),
            "–" if d.value is None else with_error(d.value, d.error),
            str(d.synthetic),
            str(d.real),
            "–" if d.seed is None else str(d.seed),
            code(d.backbone),
            code(d.weights_sha256[:12]),
            plain(d.note or ""),
        )
        for d in distances
    ]
    if rows:
        yield table(head, rows)


def _gap(gaps: Sequence[Gap]) -> Iterable[str]:
    rows = [
        (
            plain(", ".join(filter(None, (gap.statistic.replace("_", " "), gap.unit)))),
            _number(gap.distance),
            _number(gap.synthetic.mean),
            _number(gap.real.mean),
            plain(number_of(gap, gap.synthetic)),
            plain(number_of(gap, gap.real)),
            " ".join(code(prescription.override) for prescription in gap.prescriptions),
        )
        for gap in by_distance(tuple(gaps))
        if gap.distance is not None
    ]
    if rows:
        known = ", ".join(filter(None, (_GAP, drawn(gaps))))
        yield f"{known}:"
        yield table(_GAP_HEAD, rows)


def _rests_on(metrics: Metrics) -> str:
    sides = [
        f"{kind}: {code(side.name)}, {side.pictures} pictures, {side.boxes} boxes, "
        f"sha256 {code(side.digest[:12])}"
        for kind, side in (("Synthetic", metrics.synthetic), ("real", metrics.real))
    ]
    part = metrics.transfer
    detector = f"Detector {code(part.detector)}, {checksum(part.weights_sha256)}." if part else ""
    made = f"Made by {code(metrics.command)} on {code(metrics.machine)}."
    return " ".join(filter(None, ("; ".join(sides) + ".", detector, made)))


def _number(value: float | None) -> str:
    return "–" if value is None else number(value)
