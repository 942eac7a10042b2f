"""The answer in words, from the figures alone: how far, does transfer work, what to change."""

import shlex
from dataclasses import dataclass
from math import isnan, nan

from simgen.evaluate.results import Bin, Distance, Gap, Metrics, Prescription, Slice
from simgen.evaluate.trainings import Training, chosen, largest, trainings
from simgen.report.axes import number

UNTRAINED = "No detector has been trained and tested yet; that takes labels on both sides."
TOP = 3  # gaps that are named
FEW = 50  # pictures a side; below, KID's own standard error is hardly known


@dataclass(frozen=True)
class Figure:
    """A large figure: `about` says of what, `known` what it rests on."""

    value: str
    about: str
    known: str = ""


@dataclass(frozen=True)
class Answer:
    """One question's answer: plain text, to be escaped where it is shown."""

    question: str
    figures: tuple[Figure, ...]
    sentences: tuple[str, ...]


def headline(distances: tuple[Distance, ...]) -> Distance | None:
    """Returns the KID of whole pictures, the first where several backbones looked."""
    found = (d for d in distances if d.name.startswith("kid") and d.of == "images")
    return next((distance for distance in found if distance.value is not None), None)


def how_far(metrics: Metrics) -> Answer:
    """Returns what the headline distance says."""
    question, kid = "How different do they look?", headline(metrics.distances)
    if kid is None:
        return Answer(question, (), ("No distance between the two has been measured yet.",))
    of = {"images": "KID of whole pictures", "crops": "KID of objects alone"}
    looked = [d for d in metrics.distances if d.name == kid.name and d.value is not None]
    shown = tuple(
        Figure(with_error(d.value, d.error), f"{of.get(d.of, d.of)}, {d.name}", known(d))
        for d in looked
    )
    said = [_kid_in_words(kid)]
    if min(kid.synthetic, kid.real) < FEW:
        said.append(f"Fewer than {FEW} pictures on a side: take this as a first look only.")
    return Answer(question, shown, tuple(said))


def transfer(metrics: Metrics) -> Answer:
    """Returns what training on either side and on both reached on real test pictures."""
    question = "Does a detector trained on it work on real pictures?"
    sets = trainings(metrics.transfer.runs) if metrics.transfer else ()
    if not sets:
        return Answer(
            question,
            (),
            (UNTRAINED,),
        )
    real, synthetic = whole_real(sets), largest(sets, "synthetic")
    both = best_together(sets)
    figures = tuple(
        Figure(f"{found.mean():.3f}", f"AP50, {found.label}", seeds_and_pictures(found))
        for found in (real, synthetic, both)
        if found
    )
    said = [_together_in_words(sets), _synthetic_in_words(real, synthetic)]
    return Answer(question, figures, tuple(filter(None, said)))


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


def whole_real(sets: tuple[Training, ...]) -> Training | None:
    """Returns real only, all of it."""
    found = largest(sets, "real")
    return found if found and found.real_share >= 1 else None


def best_together(sets: tuple[Training, ...]) -> Training | None:
    """Returns the best training set that holds both kinds."""
    both = [found for found in sets if found.real and found.synthetic]
    return max(both, key=lambda found: found.mean(), default=None)


def gain(sets: tuple[Training, ...], both: Training) -> tuple[float, float] | None:
    """Returns by how much AP50 of `both` is above the better of its two parts alone, and by how
    much it would have to be for the ranges of their seeds to lie apart (nan with one seed).

    The parts are the largest synthetic set, and the same real pictures, or more of them where these
    were not trained alone; None where there is no such set.
    """
    real = [found for found in chosen(sets, "real") if found.real >= both.real]
    synthetic = largest(sets, "synthetic")
    if not real or synthetic is None:
        return None
    alone = max(min(real, key=lambda found: found.real), synthetic, key=lambda found: found.mean())
    spreads = both.spread(), alone.spread()
    return both.mean() - alone.mean(), nan if None in spreads else sum(spreads)


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
    seeds = ", ".join(str(run.seed) for run in found.runs)
    return f"{' + '.join(filter(None, parts))} · seed{'s'[: len(found.runs) - 1]} {seeds}"


def _power(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


def _kid_in_words(kid: Distance) -> str:
    name = kid.backbone or "the backbone"
    if not kid.error:
        return f"To {name} their distance is {number(kid.value)}, where 0 is no difference."
    ratio = kid.value / kid.error
    if abs(ratio) <= 2:
        return (
            f"To {name} they cannot be told apart with this many pictures: the distance is within "
            "two standard errors of 0."
        )
    if ratio < 0:
        return "The distance lies below 0 by more than chance: look for copies or too few pictures."
    return f"{name} tells them apart: the distance is {ratio:.0f} standard errors above 0."


def _synthetic_in_words(real: Training | None, synthetic: Training | None) -> str:
    if synthetic is None:
        return "Synthetic only has not been trained yet."
    if real is None:
        return "Real only has not been trained yet, so there is nothing to hold it against."
    if not real.mean():
        return "Real only finds nothing: the detector or the labels do not work."
    share = synthetic.mean() / real.mean()
    return f"Synthetic only reaches {100 * share:.0f} % of the AP50 of all real pictures."


def _together_in_words(sets: tuple[Training, ...]) -> str:
    found = [(both, gain(sets, both)) for both in sets if both.real and both.synthetic]
    held = [(both, *won) for both, won in found if won]
    if not held:
        return "No training set with both kinds can be held against its two parts yet."
    wins = [(both, by, spread) for both, by, spread in held if by > 0 and not by <= spread]
    if not wins:
        return (
            f"Of {len(held)} training sets with both kinds, none beats real only and "
            "synthetic only by more than the seeds scatter."
        )
    both, by, spread = max(wins, key=lambda won: won[1])
    sure = f"the seeds account for {spread:.3f}"
    if isnan(spread):
        sure = "one seed: it may be chance"
    return (
        f"Both together beat either alone in {len(wins)} of {len(held)} cases; most with "
        f"{both.label}: {by:+.3f} AP50 ({sure})."
    )


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
        f"{each.of} pictures with {each.by} {part_name(one)}."
    )


def part_name(part: Bin) -> str:
    """Returns the range or the value that a part of the test has."""
    if part.start is not None and part.end is not None:
        return f"{number(part.start)} to {number(part.end)}"
    return number(part.value) if isinstance(part.value, float) else str(part.value)
