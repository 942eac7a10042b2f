"""What is in a folder: a dataset of simgen's, or images and a COCO file from anywhere."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from simgen.audit.coco_file import CocoFile
from simgen.audit.find import annotation_file, image_folder
from simgen.audit.reading import Unreadable, locate, read
from simgen.audit.source import Source, Task
from simgen.card import decode_card
from simgen.dataset import CARD, CONFIG, CROISSANT, finished
from simgen.errors import SimgenError

OWN_FILE, PANOPTIC = "annotations/instances.json", "annotations/panoptic.json"
REPORT, CERTIFICATE = "audit.json", "certificate.json"
MIN_AGREEMENT = 0.999  # where a dataset does not say


@dataclass(frozen=True, eq=False)
class Folder:
    """A folder to be audited.

    Attributes:
        numbers: of the frames that have a record.
        coco: None where there is no annotation file. `panoptic`: the same of panoptic.json.
        problems: files of the whole folder that cannot be read.
    """

    source: Source
    numbers: tuple[int, ...]
    coco: CocoFile | None
    panoptic: CocoFile | None = None
    problems: tuple[Unreadable, ...] = ()

    @classmethod
    def open(cls, root: Path, annotations: str = "", images: str = "") -> "Folder":
        """Returns what there is to audit.

        Raises:
            SimgenError: there is nothing that can be audited, or not even an outline of it.
        """
        if not root.is_dir():
            raise SimgenError(f"{root} is no folder: name one that holds a dataset")
        card = decode_card(read(root, CARD), CARD) if (root / CARD).is_file() else None
        numbers = tuple(sorted(finished(root))) if card else ()
        file = annotations or (
            _own_file(root) if card else annotation_file(root, (REPORT, CERTIFICATE, CROISSANT))
        )
        problems: list[Unreadable] = []
        coco = _loaded(root, file, problems if card else None)
        panoptic = _loaded(root, PANOPTIC if (root / PANOPTIC).exists() and card else "", problems)
        names = {category.id: category.name for category in card.categories} if card else {}
        config = _config(root)
        settings = {
            "annotations": file if coco else "",
            "info": coco.info if coco else {},
            "kinds": coco.kinds if coco else {},
            "panoptic": panoptic.categories if panoptic else {},
            "min_agreement": _least_agreement(config),
            "writes_coco": _writes_coco(config),
        }
        base = "images" if card else images or image_folder(root, file, coco)
        names = names or (coco.categories if coco else {})
        source = Source(root, card, file if coco else "", base, names, settings)
        return cls(source, numbers, coco, panoptic, tuple(problems))

    @property
    def frames(self) -> int:
        return len(self.numbers) if self.source.card else len(self.coco.images)

    def tasks(self) -> Iterator[Task]:
        """Yields every frame there is to look at."""
        if not self.source.card:
            for entry, raws in self.coco.tasks():
                yield Task(entry["id"], entry, raws)
            return
        for number in self.numbers:
            entry = self.entries.get(number)
            raws = self.coco.annotations.get(number, ()) if self.coco else ()
            segments = self.panoptic.annotations.get(number, ()) if self.panoptic else ()
            yield Task(number, entry, tuple(map(bytes, raws)), b"".join(segments[:1]))

    def has(self, need: str) -> bool:
        """Tells whether a check that needs this can be asked; `need` is one of NEEDS."""
        return (self.coco if need == "annotations" else self.source.card) is not None

    def file(self, name: str) -> str:
        """Returns which file a finding names."""
        return self.source.annotations if name == "annotations" else CARD

    @cached_property
    def entries(self) -> dict[Any, dict[str, Any]]:
        """The images' entries in the annotation file, by id."""
        return {entry["id"]: entry for entry in self.coco.images} if self.coco else {}

    def listed(self, folder: str) -> frozenset[str]:
        """Returns the paths of the files that lie in one folder of the dataset."""
        try:
            there = locate(self.source.root, folder).iterdir()
            return frozenset(f"{folder}/{_as_text(path)}".removeprefix("./") for path in there)
        except (OSError, Unreadable):
            return frozenset()


def _as_text(path: Path) -> str:
    """Returns a file's name, which may be bytes of no text, such that it can be written down."""
    return os.fsencode(path.name).decode("utf-8", "backslashreplace")


def _config(root: Path) -> str:
    """Returns the config that a dataset was made with, '' if there is none."""
    try:
        return read(root, CONFIG, 1 << 20).decode("utf-8", "replace")
    except Unreadable:
        return ""


def _least_agreement(config: str) -> float:
    """Returns what the config of a dataset asks of the two engines, or else the usual."""
    found = re.search(r"^min_agreement: ([0-9.e-]{1,20})$", config, re.MULTILINE)
    with suppress(ValueError):
        return float(found[1]) if found else MIN_AGREEMENT
    return MIN_AGREEMENT


def _writes_coco(config: str) -> bool:
    target = r"^ +_target_: simgen\.writers\.coco\.Coco$"
    return re.search(target, config, re.MULTILINE) is not None


def _own_file(root: Path) -> str:
    return OWN_FILE if (root / OWN_FILE).exists() else ""


def _loaded(root: Path, file: str, problems: list[Unreadable] | None) -> CocoFile | None:
    try:
        return CocoFile.load(root, file) if file else None
    except Unreadable as error:
        if problems is None:
            raise
        problems.append(error)
        return None
