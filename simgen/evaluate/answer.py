"""The answers in words, from the figures alone: how far, and does transfer work."""

from dataclasses import dataclass
from math import isnan

from simgen.evaluate.results import Distance, Metrics
from simgen.evaluate.trainings import (
    Training,
    best_together,
    gain,
    largest,
    trainings,
    whole_real,
)
from simgen.evaluate.wording import (
    checksum,
    known,
    scattered,
    seeds_and_pictures,
    tested,
    with_error,
)
from simgen.report.axes import number

UNTRAINED = "No detector has been trained and tested yet; that takes labels on both sides."
FEW = 50  # pictures a side; below, KID's own standard error is hardly known


@dataclass(frozen=True)
class Figure:
    """A large figure: `about` says of what, `known` what it rests on."""

    value: str
    about: str
    known: str = ""


@dataclass(frozen=True)
class Answer:
    """One question's answer: plain text, to be escaped where it is shown.

    Attributes:
        sources: what all its figures rest on.
    """

    question: str
    figures: tuple[Figure, ...]
    sentences: tuple[str, ...]
    sources: tuple[str, ...] = ()


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
        return Answer(question, (), (UNTRAINED,))
    real, synthetic = whole_real(sets), largest(sets, "synthetic")
    both = best_together(sets)
    figures = tuple(
        Figure(scattered(found.values()), f"AP50, {found.label}", seeds_and_pictures(found))
        for found in (real, synthetic, both)
        if found
    )
    said = [_together_in_words(sets), _synthetic_in_words(real, synthetic)]
    part = metrics.transfer
    sources = tested(part), part.detector, checksum(part.weights_sha256)
    return Answer(question, figures, tuple(said), sources)


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
