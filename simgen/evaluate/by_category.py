"""Which figures are shown category by category: those of the largest training set of each kind."""

from collections.abc import Iterable

from simgen.evaluate.trainings import Training, largest

KINDS = {"real": "real only", "synthetic": "synthetic only", "mixed": "both, mixed"}
FIGURES = {"AP50": "classes", "AP": "classes_ap"}  # and the fields of Run that hold them


def compared(sets: tuple[Training, ...]) -> dict[str, Training]:
    """Returns the largest training set of each of the `KINDS` that there is."""
    found = {kind: largest(sets, kind) for kind in KINDS}
    return {kind: each for kind, each in found.items() if each}


def categories(sets: Iterable[Training]) -> list[str]:
    """Returns the names of the categories of which any of the sets has a figure."""
    every = tuple(sets)
    names = {name for each in every for run in each.runs for name in run.classes}
    return [name for name in sorted(names) if any(each.category(name) for each in every)]
