"""Pictures to compare and to train on: a dataset, a folder with a COCO file, or mere images."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec
import numpy as np

from simgen.errors import SimgenError, did_you_mean
from simgen.evaluate.folder import annotations_of, labelled, unlabelled
from simgen.evaluate.picture import Picture, named_with
from simgen.pictures import SUFFIXES
from simgen.store import folder_of


@dataclass(frozen=True, eq=False)
class Pictures:
    """Pictures of one folder in a fixed order.

    Attributes:
        name: what reports call them.
        categories: names; () where nothing is labelled.
        labelled: whether there is an annotation file.
        annotations: its path inside the folder; '' where there is none.
    """

    root: Path
    name: str
    pictures: tuple[Picture, ...]
    categories: tuple[str, ...] = ()
    labelled: bool = False
    annotations: str = ""

    @classmethod
    def open(cls, folder: str | Path, annotations: str = "", name: str = "") -> "Pictures":
        """Returns the pictures of a folder, ordered by name.

        Args:
            annotations: the COCO file, relative to the folder; '' looks for it.

        Raises:
            SimgenError: there is no such folder, or no picture in it, or the file is damaged.
        """
        root = folder_of(folder)
        if not root.is_dir():
            raise SimgenError(f"{folder} is no folder: name one that holds pictures")
        file = annotations or annotations_of(root)
        with named_with(root):
            pictures, categories = labelled(root, file) if file else (unlabelled(root), ())
        if not pictures:
            raise SimgenError(f"{folder} holds no picture ({', '.join(SUFFIXES)})")
        name = name or root.resolve().name
        return cls(root, name, pictures, categories, bool(file), file)

    def __len__(self) -> int:
        return len(self.pictures)

    def subset(self, indices: Sequence[int]) -> "Pictures":
        """Returns some of the pictures, in the order of `indices`."""
        return replace(self, pictures=tuple(self.pictures[i] for i in indices))

    def with_categories(self, wanted: Sequence[str]) -> "Pictures":
        """Returns the same with labels that are indices of `wanted`; others' labels are left out.

        Raises:
            SimgenError: none of the categories is among them.
        """
        ids = {name: i for i, name in enumerate(wanted)}
        if not set(ids) & set(self.categories):
            names = ", ".join(self.categories) or "none"
            raise SimgenError(
                f"{self.root}: its categories ({names}) have nothing in common with "
                f"{', '.join(wanted)}; {did_you_mean(wanted[0], self.categories)}"
            )
        table = np.array([ids.get(name, -1) for name in self.categories], np.int64)
        pictures = tuple(picture.relabelled(table) for picture in self.pictures)
        return replace(self, pictures=pictures, categories=tuple(wanted))

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the pictures' contents and boxes."""
        total = sha256(msgspec.json.encode(self.categories))
        for picture in self.pictures:
            total.update(picture.seen.encode())
            total.update(picture.boxes.tobytes() + picture.labels.tobytes())
            total.update(picture.crowd.tobytes())
        return total.hexdigest()
