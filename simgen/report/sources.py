"""What a report is about: a dataset of simgen's, or any folder with a COCO file."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simgen.audit.coco_file import CocoFile
from simgen.audit.folder import Folder
from simgen.audit.reading import read
from simgen.audit.source import Source, Task
from simgen.card import Card, decode_card
from simgen.dataset import CARD, finished
from simgen.errors import SimgenError


@dataclass(frozen=True, eq=False)
class Input:
    """A folder that is reported on; of simgen's own, the records say all, and no COCO file is read.

    Attributes:
        name: what the report calls it.
        numbers: of its frames, or ids of its images, in their order.
        coco: None for simgen's.
    """

    name: str
    source: Source
    numbers: tuple[Any, ...]
    coco: CocoFile | None
    tasks: Callable[[], Iterator[Task]]

    @classmethod
    def open(cls, root: Path, annotations: str = "", images: str = "") -> "Input":
        """Returns what there is to report on.

        Raises:
            SimgenError: there is nothing.
        """
        if not root.is_dir():
            raise SimgenError(f"{root} is no folder: name one that holds a dataset")
        if (root / CARD).is_file() and not annotations:
            return cls._own(root)
        folder = Folder.open(root, annotations, images)
        if folder.source.card:
            raise SimgenError(f"{root} is a dataset of simgen's: leave --annotations out")
        numbers = tuple(entry["id"] for entry in folder.coco.images)
        return cls(root.resolve().name, folder.source, numbers, folder.coco, folder.tasks)

    @classmethod
    def _own(cls, root: Path) -> "Input":
        card = decode_card(read(root, CARD), CARD)
        numbers = tuple(sorted(finished(root)))
        names = {category.id: category.name for category in card.categories}
        source = Source(root, card, "", "images", names, {})

        def tasks() -> Iterator[Task]:
            return (Task(number, None, ()) for number in numbers)

        return cls(root.resolve().name, source, numbers, None, tasks)

    @property
    def root(self) -> Path:
        return self.source.root

    @property
    def card(self) -> Card | None:
        return self.source.card

    def some(self, wanted: Collection[Any]) -> Iterator[Task]:
        """Yields the frames with these numbers, in their order."""
        return (task for task in self.tasks() if task.number in wanted)
