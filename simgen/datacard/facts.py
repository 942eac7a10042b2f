"""What a finished dataset holds, counted in one pass over its records."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import msgspec

from simgen.card import Card
from simgen.codec import decode
from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError
from simgen.frame import Agreement
from simgen.mark import SOURCE_TYPE
from simgen.spec import Camera

IMAGES = "annotations/images.jsonl"


class _Spec(msgspec.Struct):
    camera: Camera


class _Label(msgspec.Struct):
    id: int
    category: str
    box: tuple[int, int, int, int]
    visible_fraction: float


class _Record(msgspec.Struct):
    """The parts of a record that the card needs: a tenth of the time that all of it takes."""

    frame: int
    spec: _Spec
    labels: tuple[_Label, ...]
    agreement: Agreement
    files: dict[str, str]

    @property
    def image(self) -> str:
        """The path of its image."""
        return next((path for path in self.files if path.startswith("images/")), "")


_decoder = msgspec.json.Decoder(_Record)


@dataclass
class Facts:
    """Figures of a dataset; their size does not grow with its frames.

    Attributes:
        scenes: that the frames show, some of them several times where the card says views.
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
    scenes: int = 0
    instances: Counter[str] = field(default_factory=Counter)
    empty: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    files: Counter[tuple[str, str]] = field(default_factory=Counter)
    agreement: float = 1.0
    first: str = ""
    marked: bool = False

    def __post_init__(self):
        self._scene = -1
        self.instances.update(dict.fromkeys((c.name for c in self.card.categories), 0))

    def add(self, record: _Record) -> None:
        """Counts one more frame; they come by rising number."""
        camera, scene = record.spec.camera, record.frame // self.card.views
        self.frames += 1
        self.scenes += scene != self._scene
        self._scene = scene
        self.instances.update(label.category for label in record.labels)
        self.empty += not record.labels
        self.sizes[camera.width, camera.height] += 1
        self.files.update((_folder(path), PurePosixPath(path).suffix) for path in record.files)
        self.agreement = min(self.agreement, record.agreement.pixels)


def image_lines(dataset: Dataset, facts: Facts) -> Iterator[bytes]:
    """Yields images.jsonl, one line for each image, and counts the frames on the way."""
    for record in _records(dataset):
        if not facts.first:
            facts.first = record.image
            facts.marked = SOURCE_TYPE.encode() in dataset.store.read(facts.first)
        facts.add(record)
        yield msgspec.json.encode(_line(record)) + b"\n"


def _records(dataset: Dataset) -> Iterator[_Record]:
    paths = [record_path(number) for number in sorted(dataset.done())]
    for path, data in zip(paths, dataset.store.read_each(paths)):
        yield decode(_decoder, data, path, _with_image)


def _with_image(record: _Record) -> _Record:
    if not record.image:
        raise SimgenError("it names no image")
    return record


def _line(record: _Record) -> dict:
    labels, camera = record.labels, record.spec.camera
    return {
        "file_name": PurePosixPath(record.image).name,
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
