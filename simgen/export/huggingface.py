"""Hugging Face `datasets`: a folder that load_dataset reads, as pictures or as Parquet.

Source: https://huggingface.co/docs/datasets (image_dataset, object_detection,
about_dataset_features) and what the package `datasets` reads. README.md begins with the YAML that
says which files are which split; load_dataset follows it without a script.

imagefolder: <split>/000042.jpg, pictures as they are, and <split>/metadata.parquet with their rows:
    in a metadata.jsonl, `datasets` would guess the types, in a split without objects wrongly.
parquet: data/<split>-00000.parquet, ...; the pictures' files lie in the column `image`.

A row is a picture: image, image_id (the frame's number), width, height, and `objects`, whose lists
have one item for each object: id (in the frame), category (a ClassLabel, which counts from 0; in
the dataset from 1), bbox (x, y, width, height in pixels, as in COCO: exact), area (visible pixels),
mask (compressed RLE of COCO, its size is [height, width]), visible_fraction, truncation, keypoints
(x, y, visibility of each, as in COCO; empty where there are none). A split without frames is left
out; poses, cuboids and maps are too. The split val is called validation, as is usual there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import RawIOBase
from itertools import islice
from typing import Any

import msgspec
import yaml

from simgen.card import Card
from simgen.checks import require
from simgen.errors import one_of
from simgen.export.extra import require_package
from simgen.export.format import Exported, Part
from simgen.export.linked import Linked
from simgen.export.sample import Label, Sample
from simgen.export.shards import shards

IMAGEFOLDER, PARQUET = "imagefolder", "parquet"
_ROW_GROUP = 64  # pictures: what a reader has to hold at a time


class _Note(msgspec.Struct):
    picture: Linked
    size: int
    row: dict[str, Any]


_decoder = msgspec.json.Decoder(_Note)


@dataclass(frozen=True)
class Huggingface:
    """What load_dataset reads.

    Attributes:
        layout: 'imagefolder' or 'parquet'.
        shard_mb: how large a Parquet file may be, in millions of bytes of pictures.
    """

    layout: str = IMAGEFOLDER
    shard_mb: float = 500.0

    def __post_init__(self):
        one_of("layout", self.layout, (IMAGEFOLDER, PARQUET))
        require(0.001, fixed=True, shard_mb=self.shard_mb)
        require_package("datasets", "huggingface")

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns the picture for imagefolder, and its row for the end."""
        name = f"{sample.name}{sample.picture.suffix}"
        row = {
            "file_name": name,
            "image_id": sample.number,
            "width": sample.width,
            "height": sample.height,
            "objects": _objects(sample.labels),
        }
        picture = self.layout == IMAGEFOLDER
        size = 0 if picture else len(sample.picture.read(sample.root))
        note = msgspec.json.encode(_Note(sample.picture, size, row))
        return Part({f"{split}/{name}": sample.picture} if picture else {}, note)

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields README.md and the rows; raises SimgenError where a picture is missing."""
        yield "README.md", [_readme(exported.splits, self.layout)]
        for split in exported.splits:
            notes = map(_decoder.decode, exported.notes(split))
            if self.layout == IMAGEFOLDER:
                rows = (note.row for note in notes)
                yield f"{split}/metadata.parquet", _parquet(_schema(exported.card, False), rows)
                continue
            for number, shard in enumerate(shards(notes, self.shard_mb * 1e6)):
                rows = (_with_picture(exported, note) for note in shard)
                schema = _schema(exported.card, True)
                yield f"data/{split}-{number:05d}.parquet", _parquet(schema, rows)


def _objects(labels: tuple[Label, ...]) -> dict[str, list[Any]]:
    return {
        "id": [label.id for label in labels],
        "category": [label.category_id - 1 for label in labels],
        "bbox": [label.box for label in labels],
        "area": [label.area for label in labels],
        "mask": [label.mask.counts for label in labels],
        "visible_fraction": [label.visible_fraction for label in labels],
        "truncation": [label.truncation for label in labels],
        "keypoints": [[(k.x, k.y, k.visibility) for k in label.keypoints] for label in labels],
    }


def _readme(splits: Mapping[str, int], layout: str) -> bytes:
    data = {
        name: f"{name}/**" if layout == IMAGEFOLDER else f"data/{name}-*.parquet" for name in splits
    }
    files = [{"split": _SPLITS[name], "path": path} for name, path in data.items()]
    about = {
        "task_categories": ["object-detection"],
        "configs": [{"config_name": "default", "data_files": files}],
    }
    front = yaml.safe_dump(about, sort_keys=False, allow_unicode=True)
    return f"---\n{front}---\n\n{_TEXT}".encode()


_SPLITS = {"train": "train", "val": "validation", "test": "test"}
_TEXT = """# Synthetic images with exact labels

Made by simgen. LICENCES.txt says under which licences the things are that the images show.

```python
from datasets import load_dataset

row = load_dataset("path/of/this/folder", split="train")[0]
row["image"], row["objects"]["bbox"]  # a Pillow image; x, y, width, height in pixels
```
"""


def _schema(card: Card, pictures: bool) -> Any:
    """Returns the columns' types as Arrow has them, with what makes `datasets` decode them.

    Args:
        pictures: whether they are in a column of their own, not in files beside.
    """
    from datasets import ClassLabel, Features, Image, List, Value

    kinds = {
        "id": Value("int64"),
        "category": ClassLabel(names=[c.name for c in card.categories]),
        "bbox": List(Value("float32"), length=4),
        "area": Value("int64"),
        "mask": Value("string"),
        "visible_fraction": Value("float64"),
        "truncation": Value("float64"),
        "keypoints": List(List(Value("float32"), length=3)),
    }
    first = {"image": Image()} if pictures else {"file_name": Value("string")}
    numbers = {name: Value("int64") for name in ("image_id", "width", "height")}
    objects = {name: List(kind) for name, kind in kinds.items()}
    return Features({**first, **numbers, "objects": objects}).arrow_schema


def _parquet(schema: Any, rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Yields a file, some rows at a time."""
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    sink = Sink()
    with ParquetWriter(pyarrow.PythonFile(sink, mode="w"), schema) as writer:
        for group in grouped(rows, _ROW_GROUP):
            writer.write_table(pyarrow.Table.from_pylist(group, schema))
            yield sink.drained()
    yield sink.drained()


def grouped(rows: Iterable[Any], most: int) -> Iterator[list[Any]]:
    """Yields lists of at most so many."""
    rows = iter(rows)
    while group := list(islice(rows, most)):
        yield group


def _with_picture(exported: Exported, note: _Note) -> dict[str, Any]:
    picture = {"bytes": note.picture.read(exported.root), "path": note.row["file_name"]}
    return {"image": picture, **note.row}


class Sink(RawIOBase):
    """Holds what is written to it until it is taken away."""

    def __init__(self):
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Keeps a copy: a writer may use its buffer again."""
        self._pieces.append(bytes(data))
        return len(self._pieces[-1])

    def drained(self) -> bytes:
        """Returns what was written since the last call."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
