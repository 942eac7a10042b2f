"""Which frames an export has, in which split and block, and what of the dataset they stand for."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from hashlib import sha256
from itertools import groupby
from typing import Any

import msgspec

import simgen
from simgen.audit.reading import read
from simgen.card import digest_of
from simgen.codec import decode
from simgen.dataset import Dataset, record_path
from simgen.errors import SimgenError
from simgen.export.convert import Block, Choices, stamp_of
from simgen.export.format import Format
from simgen.export.splits import CLASS, Splits

_FRAMES_A_BLOCK = 64


def settings(dataset: Dataset, format: Format, splits: Splits, choices: Choices) -> dict[str, Any]:
    """Returns what decides an export's bytes, by the name that the user gives it."""
    return {
        "dataset": digest_of(dataset.card),
        "simgen": simgen.__version__,
        "format": type(format).__module__.rpartition(".")[2],
        **{f"format.{field.name}": getattr(format, field.name) for field in fields(format)},
        "split": [float(share) for share in splits.shares],
        "split_by": splits.by,
        "image": choices.image,
        "min_visible_px": choices.min_visible_px,
        "min_visible_fraction": float(choices.min_visible_fraction),
    }


def blocks_of(dataset: Dataset, splits: Splits) -> list[Block]:
    """Returns all frames of a dataset in blocks of neighbours.

    Raises:
        SimgenError: there is no frame; or by class, and a record is damaged.
    """
    numbers = sorted(dataset.done())
    if not numbers:
        raise SimgenError(f"{dataset.folder} has no frame: generate some first")
    seed, views = dataset.card.seed, dataset.card.views
    if splits.by == CLASS:
        of = splits.by_class(seed, _shown(dataset, numbers), views)
    else:
        of = {number: splits.of(seed, number // views) for number in numbers}
    return [
        Block(block, tuple((number, of[number]) for number in group))
        for block, group in groupby(numbers, lambda number: number // _FRAMES_A_BLOCK)
    ]


def stamps_of(dataset: Dataset, blocks: Sequence[Block]) -> dict[int, tuple[int, int]]:
    """Returns the stamp of each frame's record."""
    return {n: stamp_of(dataset.folder, n) for block in blocks for n, _ in block.frames}


def digest(blocks: Sequence[Block], stamps: Mapping[int, tuple[int, int]]) -> str:
    """Returns SHA-256 of the frames, their splits and their records' stamps."""
    rows = [(n, split, stamps[n]) for block in blocks for n, split in block.frames]
    return sha256(msgspec.json.encode(rows)).hexdigest()


class _Named(msgspec.Struct):
    category: str


class _Labelled(msgspec.Struct):
    labels: tuple[_Named, ...]


_decoder = msgspec.json.Decoder(_Labelled)


def _shown(dataset: Dataset, numbers: Sequence[int]) -> Iterator[tuple[int, Counter[str]]]:
    """Yields each frame's number and how many instances of each class it shows."""
    for number in numbers:
        path = record_path(number)
        data = read(dataset.folder, path)
        record = decode(_decoder, data, path, lambda record: record)
        yield number, Counter(label.category for label in record.labels)
