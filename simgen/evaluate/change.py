"""What to change, from the gaps and the weak spots that were found."""

import shlex

from simgen.evaluate.answer import Answer
from simgen.evaluate.results import Gap, Metrics, Prescription, Slice
from simgen.evaluate.wording import part_name

TOP = 3  # gaps that are named


def what_to_change(metrics: Metrics) -> Answer:
    """Returns why the widest gaps should be narrowed, and the weakest part of the test."""
    question = "What should be changed?"
    weak = _weakest(metrics.transfer.slices) if metrics.transfer else ""
    said = [weak, _gaps_in_words(metrics.gap)]
    return Answer(question, (), tuple(filter(None, said)))


def prescriptions(gaps: tuple[Gap, ...]) -> list[tuple[Gap, Prescription]]:
    """Returns all prescriptions, which are meant together; those of the widest gaps first."""
    return [(gap, prescription) for gap in by_distance(gaps) for prescription in gap.prescriptions]


def by_distance(gaps: tuple[Gap, ...]) -> list[Gap]:
    """Returns the gaps, the widest first, those of unknown size last."""
    return sorted(gaps, key=lambda gap: -1 if gap.distance is None else gap.distance, reverse=True)


def overrides(found: list[tuple[Gap, Prescription]]) -> str:
    """Returns the overrides as a shell takes them: quoted, on one line, one for each setting."""
    each: dict[str, str] = {}
    for _, prescription in found:
        each.setdefault(prescription.override.partition("=")[0], prescription.override)
    return " ".join(shlex.quote(text) for text in each.values() if text.isprintable())


def _gaps_in_words(gaps: tuple[Gap, ...]) -> str:
    if not gaps:
        return "The statistics have not been compared yet."
    found = prescriptions(gaps)
    if not found:
        return "No setting is known that would narrow the gaps found."
    names = list(dict.fromkeys(gap.statistic.replace("_", " ") for gap, _ in found))
    return (
        f"The widest gaps that settings can narrow: {', '.join(names[:TOP])}. "
        "Add all of this to the command that makes the pictures:"
    )


def _weakest(slices: tuple[Slice, ...]) -> str:
    """Returns what part of the test loses most, of those where it is no chance."""
    found = [(each, one) for each in slices for one in each.bins if one.stands_out]
    known = [(each, one) for each, one in found if None not in (each.ap50, one.ap50)]
    if not known:
        return ""
    each, one = min(known, key=lambda pair: pair[1].ap50 - pair[0].ap50)
    return (
        f"Weaker than chance would have it: AP50 {one.ap50:.3f} instead of {each.ap50:.3f} in "
        f"{each.of} pictures with {each.by} {part_name(one)} ({one.pictures} pictures, {one.boxes} "
        f"boxes)."
    )
