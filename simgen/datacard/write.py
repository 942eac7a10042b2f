"""The data card of a dataset whose frames and annotation files are all there."""

from contextlib import suppress
from hashlib import file_digest
from pathlib import Path

from simgen.datacard.croissant import croissant
from simgen.datacard.facts import IMAGES, Facts, image_lines
from simgen.datacard.readme import MARK, readme
from simgen.dataset import CARD, CROISSANT, README, Dataset
from simgen.scratch import replace_file


def write_data_card(dataset: Dataset) -> None:
    """Writes images.jsonl, croissant.json and README.md, the same bytes for the same frames.

    A README.md of someone else's stays.

    Raises:
        SimgenError: a record is damaged, or the folder refuses.
    """
    facts = Facts(dataset.card)
    replace_file(dataset.folder, IMAGES, image_lines(dataset, facts))
    common, told = _common(dataset), None
    while common != told:  # another run may be writing its annotations meanwhile
        replace_file(dataset.folder, CROISSANT, [croissant(facts, common)])
        if _ours(dataset.folder / README):
            replace_file(dataset.folder, README, [readme(facts, common)])
        common, told = _common(dataset), common


def _common(dataset: Dataset) -> dict[str, tuple[int, str]]:
    """Returns size and SHA-256 of the files that are one for all frames and do not say how the run
    was carried out, by path."""
    found = (dataset.folder / "annotations").iterdir()
    names = sorted(f"annotations/{path.name}" for path in found if path.suffix in _KINDS)
    return {name: _size_and_digest(dataset.path(name)) for name in (CARD, *names)}


_KINDS = (".json", ".jsonl")


def _size_and_digest(path: Path) -> tuple[int, str]:
    with open(path, "rb") as file:
        return path.stat().st_size, file_digest(file, "sha256").hexdigest()


def _ours(path: Path) -> bool:
    with suppress(FileNotFoundError), open(path, encoding="utf-8", errors="replace") as file:
        return file.readline().rstrip("\n") == MARK
    return True
