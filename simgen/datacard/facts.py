"""What a finished dataset holds, counted in one pass over its records."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import msgspec

from simgen.card import Card
from simgen.dataset import Dataset
from simgen.mark import SOURCE_TYPE
from simgen.record import Record

IMAGES = "annotations/images.jsonl"


@dataclass
class Facts:
    """Figures of a dataset; their size does not grow with its frames.

    Attributes:
        instances: labels by category, in the order of the ids; the ones without a label too.
        empty: frames without a label.
        sizes: frames by (width, height) of the image, pixels.
        files: how many there are by (folder, suffix): ('images', '.jpg').
        agreement: share of pixels on which the two engines agree, in the worst frame.
        first: path of the first image, '' without one.
        marked: whether that says in its metadata that it is synthetic.
    """

    card: Card
    frames: int = 0
    instances: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    files: Counter[tuple[str, str]] = field(default_factory=Counter)
    agreement: float = 1.0
    first: str = ""
    marked: bool = False

    def __post_init__(self):
        self.instances.update(dict.fromkeys((c.name for c in self.card.categories), 0))

    def add(self, record: Record) -> None:
        """Counts one more frame."""
        camera = record.spec.camera
        self.frames += 1
        self.instances.update(label.category for label in record.labels)
        self.empty += not record.labels
        self.sizes[camera.width, camera.height] += 1
        self.files.update((_folder(path), PurePosixPath(path).suffix) for path in record.files)
        self.agreement = min(self.agreement, record.agreement.pixels)


def image_lines(dataset: Dataset, facts: Facts) -> Iterator[bytes]:
    """Yields images.jsonl, one line for each image, and counts the frames on the way."""
    for record in dataset.records():
        if not facts.first:
            facts.first = image_of(record)
            facts.marked = SOURCE_TYPE.encode() in dataset.path(facts.first).read_bytes()
        facts.add(record)
        yield msgspec.json.encode(_line(record)) + b"\n"


def image_of(record: Record) -> str:
    """Returns the path of a frame's image."""
    return next(path for path in record.files if path.startswith("images/"))


def _line(record: Record) -> dict:
    labels, camera = record.labels, record.spec.camera
    return {
        "file_name": PurePosixPath(image_of(record)).name,
        "frame": record.frame,
        "width": camera.width,
        "height": camera.height,
        "boxes": [label.box for label in labels],
        "categories": [label.category for label in labels],
        "instances": [label.id for label in labels],
        "visible_fractions": [label.visible_fraction for label in labels],
    }


def _folder(path: str) -> str:
    return path.partition("/")[0]
