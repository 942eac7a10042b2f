"""The page about a dataset, or about two side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from simgen.credits import UNKNOWN
from simgen.progress import track
from simgen.report import gallery
from simgen.report.axes import number
from simgen.report.choose import Choice
from simgen.report.cost_section import cost_section
from simgen.report.label_section import label_section
from simgen.report.licences import Licence, licences
from simgen.report.page import escape, page
from simgen.report.pair_section import pair_section
from simgen.report.parallel import ordered
from simgen.report.parameter_section import parameter_section
from simgen.report.parts import duration, section, size_of
from simgen.report.seen import look
from simgen.report.sources import Input
from simgen.report.statistics import Statistics
from simgen.report.thumbnail import thumbnail
from simgen.report.trust_section import audit_section, licence_section, verdict_line
from simgen.report.verdict import Verdict, verdict


@dataclass(frozen=True, eq=False)
class Report:
    """All that a page says of one dataset."""

    given: Input
    statistics: Statistics
    shelf: gallery.Shelf
    verdict: Verdict
    licences: tuple[Licence, ...]


def report(given: Input, jobs: int = 1, pictures: int = gallery.MOST, share: int = 1) -> Report:
    """Returns what there is to say of a dataset: statistics of all its frames, pictures of some.

    Args:
        jobs: processes.
        pictures: frames in the gallery, at most; fewer where they would make the page too large.
        share: how many datasets share the page.
    """
    statistics, choice = Statistics(), Choice(pictures)
    frames = len(given.numbers)
    looked = ordered(partial(look, given.source), given.tasks(), jobs)
    for seen in track(looked, frames, 0):
        statistics.add(seen)
        choice.add(seen.number, set(seen.objects.category) if seen.objects else set())
    ranked = choice.numbers()
    made = _thumbnails(given, ranked, jobs)
    frames_shown = gallery.fitting(made, ranked, gallery.MOST_BYTES // share)
    counts = {name: kind.objects for name, kind in statistics.kinds.items()}
    return Report(
        given,
        statistics,
        gallery.Shelf(given.name, frames_shown, frames, counts),
        verdict(given, statistics.stands),
        licences(given),
    )


def _thumbnails(given: Input, ranked: Sequence[Any], jobs: int) -> dict[Any, Mapping[str, Any]]:
    """Returns thumbnails by number, in the order of the dataset."""
    wanted = set(ranked)
    order = [number for number in given.numbers if number in wanted]
    made = ordered(partial(thumbnail, given.source), given.some(wanted), jobs)
    return {n: one for n, one in zip(order, track(made, len(order), 0)) if one is not None}


def as_html(reports: Sequence[Report]) -> str:
    """Returns the page; of two datasets the first is the one compared."""
    named = dict(zip(_names(reports), reports))
    statistics = {name: each.statistics for name, each in named.items()}
    title = " and ".join(named)
    shelves = [gallery.Shelf(name, r.shelf.frames, r.shelf.of, r.shelf.classes)
               for name, r in named.items()]  # fmt: skip
    parts = (
        f"<header><h1>{escape(title)}</h1>{''.join(_warnings(named))}{_figures(named)}</header>",
        section("gallery", "Gallery", gallery.gallery(shelves)),
        label_section(statistics),
        pair_section(statistics),
        parameter_section(statistics),
        cost_section(statistics),
        audit_section({name: each.verdict for name, each in named.items()}),
        licence_section({name: each.licences for name, each in named.items()}),
    )
    return page(title, "".join(parts), gallery.style(), gallery.script())


def _names(reports: Sequence[Report]) -> Iterator[str]:
    names = [each.given.name for each in reports]
    for i, name in enumerate(names):
        yield f"{name} ({i + 1})" if names.count(name) > 1 else name


def _warnings(named: Mapping[str, Report]) -> Iterator[str]:
    """Yields what a reader must know before anything else."""
    for name, each in named.items():
        who = f"{name}: " if len(named) > 1 else ""
        for licence in (licence for licence in each.licences if licence.flag):
            kind = "warning" if licence.flag == UNKNOWN else "warning bad"
            what = licence.flag if licence.flag == UNKNOWN else f"{licence.flag}: {licence.licence}"
            yield f'<p class="{kind}"><b>{escape(who + what)}</b> – {escape(licence.told)}</p>'
        yield from _troubles(who, each)


def _troubles(who: str, each: Report) -> Iterator[str]:
    statistics = each.statistics
    line, kind = verdict_line(each.verdict)
    if kind == "bad":
        yield f'<p class="warning bad">{escape(who)}audit: {escape(line)}</p>'
    if statistics.unreadable:
        told = "<br>".join(escape(problem) for problem in statistics.problems)
        head = f"{who}{statistics.unreadable:,} frames cannot be read whole"
        yield f'<p class="warning bad"><b>{escape(head)}</b><br>{told}</p>'
    if statistics.changed:
        head = f"{who}{statistics.changed:,} pictures are not the bytes that their records name"
        yield f'<p class="warning bad">{escape(head)}</p>'


def _figures(named: Mapping[str, Report]) -> str:
    rows = []
    for name, each in named.items():
        title = f"<h3>{escape(name)}</h3>" if len(named) > 1 else ""
        cells = "".join(
            f"<div><b>{escape(value)}</b><span>{what}</span></div>" for what, value in _facts(each)
        )
        rows.append(f'{title}{_origin(each)}<div class="figures">{cells}</div>')
    return "".join(rows)


def _origin(each: Report) -> str:
    """Returns who made it, and what the audit says, in a line."""
    card, (line, kind) = each.given.card, verdict_line(each.verdict)
    made = (
        ", ".join(f"{name} {version}" for name, version in card.made_with.items()) if card else ""
    )
    said = (
        f"made with {escape(made)}, seed {card.seed} · " if card else "a folder with a COCO file · "
    )
    return f'<p class="muted">{said}audit: <span class="{kind}">{escape(line)}</span></p>'


def _facts(each: Report) -> Iterator[tuple[str, str]]:
    """Yields what it is, and the value."""
    statistics = each.statistics
    yield "pictures", f"{statistics.frames:,}"
    if statistics.sizes:
        (height, width), _ = statistics.sizes.most_common(1)[0]
        yield "pixels" if len(statistics.sizes) == 1 else "pixels, most often", f"{width}×{height}"
    yield "objects", f"{statistics.objects:,}"
    yield "in a picture", number(statistics.objects / max(statistics.frames, 1))
    yield "classes", f"{len(statistics.kinds):,}"
    yield "pictures of none", f"{statistics.empty:,}"
    if statistics.seconds:
        yield "of one worker", duration(statistics.seconds)
    yield "on the disk", size_of(sum(statistics.bytes.values()))
