"""The data card of a dataset whose frames and annotation files are all there."""

from pathlib import PurePosixPath

from simgen.datacard.croissant import croissant
from simgen.datacard.facts import IMAGES, Facts, image_lines
from simgen.datacard.readme import MARK, readme
from simgen.dataset import CARD, CROISSANT, README, Dataset
from simgen.store import Store, measured


def write_data_card(dataset: Dataset) -> None:
    """Writes images.jsonl, croissant.json and README.md, the same bytes for the same frames.

    A README.md of someone else's stays.

    Raises:
        SimgenError: a record is damaged, or the folder refuses.
    """
    facts, store = Facts(dataset.card), dataset.store
    store.replace(IMAGES, image_lines(dataset, facts))
    common, told = _common(store), None
    while common != told:  # another run may be writing its annotations meanwhile
        store.replace(CROISSANT, [croissant(facts, common)])
        if _ours(store):
            store.replace(README, [readme(facts, common)])
        common, told = _common(store), common


def _common(store: Store) -> dict[str, tuple[int, str]]:
    """Returns size and SHA-256 of the files that are one for all frames and do not say how the run
    was carried out, by path."""
    found = sorted(n for n in store.names("annotations") if PurePosixPath(n).suffix in _KINDS)
    return {name: measured(store, name) for name in (CARD, *(f"annotations/{n}" for n in found))}


_KINDS = (".json", ".jsonl")


def _ours(store: Store) -> bool:
    if README not in store.names(""):
        return True
    return store.read(README).decode(errors="replace").partition("\n")[0] == MARK
