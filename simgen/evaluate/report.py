"""metrics.json as a page to look at, report.html, and as tables for a README, report.md."""

from importlib.resources import files
from pathlib import Path

from simgen.evaluate import report_examples, report_parts
from simgen.evaluate.answer import Answer, how_far, transfer
from simgen.evaluate.change import overrides, prescriptions, what_to_change
from simgen.evaluate.markdown import markdown
from simgen.evaluate.report_distances import distances
from simgen.evaluate.report_gap import gap
from simgen.evaluate.report_slices import slices
from simgen.evaluate.report_transfer import transfer as transfer_section
from simgen.evaluate.results import Metrics, load
from simgen.report.page import escape, page
from simgen.report.parts import table
from simgen.scratch import replace_file


def write(out: Path) -> None:
    """Writes OUT/report.html and OUT/report.md from OUT/metrics.json; both appear whole or not.

    The page needs no other file and no network. Example pictures come from the two folders; where
    these are gone, the page says so.

    Raises:
        SimgenError: metrics.json is missing or damaged, or `out` cannot be written.
    """
    metrics = load(out)
    replace_file(out, "report.md", [markdown(metrics).encode()])
    replace_file(out, "report.html", [html(metrics, out).encode()])


def html(metrics: Metrics, out: Path) -> str:
    """Returns the page; `out` is where the picture of the worst misses lies."""
    sections = (
        _head(metrics),
        _answers(metrics),
        report_examples.examples(metrics),
        transfer_section(metrics),
        slices(metrics, out),
        gap(metrics),
        distances(metrics),
        report_examples.copies(metrics),
        _made_with(metrics),
    )
    style, script = ((files(__package__) / f"report.{k}").read_text("utf-8") for k in ("css", "js"))
    return page(_title(metrics), "".join(sections), style, script)


def _title(metrics: Metrics) -> str:
    return f"{metrics.synthetic.name or 'synthetic'} against {metrics.real.name or 'real'}"


def _head(metrics: Metrics) -> str:
    sides = " against ".join(
        f"{side.pictures} {kind} pictures with {side.boxes or 'no'} boxes"
        for kind, side in (("synthetic", metrics.synthetic), ("real", metrics.real))
    )
    return f'<h1>{escape(_title(metrics))}</h1><p class="muted">{escape(sides)}</p>'


def _answers(metrics: Metrics) -> str:
    change = what_to_change(metrics)
    line = overrides(prescriptions(metrics.gap))
    cards = (
        _answer(how_far(metrics)),
        _answer(transfer(metrics)),
        _answer(change, report_parts.copyable(line) if line else ""),
    )
    return f'<div class="answers">{"".join(cards)}</div>'


def _answer(answer: Answer, after: str = "") -> str:
    figures = "".join(
        f'<div class="big"><b>{escape(f.value)}</b>'
        f"<span>{escape(f.about)}<small>{escape(f.known)}</small></span></div>"
        for f in answer.figures
    )
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in answer.sentences)
    about = report_parts.rests_on(*answer.sources)
    return (
        f'<div class="card"><h2>{escape(answer.question)}</h2>{figures}{said}{after}{about}</div>'
    )


def _made_with(metrics: Metrics) -> str:
    rows = [
        ("command", metrics.command),
        ("machine", metrics.machine),
        *(("version", f"{name} {version}") for name, version in metrics.versions.items()),
        ("synthetic", f"{metrics.synthetic.folder} · sha256 {metrics.synthetic.digest[:12]}"),
        ("real", f"{metrics.real.folder} · sha256 {metrics.real.digest[:12]}"),
    ]
    return "<h2>Made with</h2>" + table(("", ""), rows)
