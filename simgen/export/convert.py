"""A block of frames, from records to files: what one process is given at a time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

import msgspec

from simgen.audit.reading import Unreadable, read
from simgen.card import Card
from simgen.checks import require
from simgen.dataset import record_path
from simgen.errors import SimgenError, one_of
from simgen.export.format import Format, Part
from simgen.export.journal import STATE, Entry, Journal
from simgen.export.linked import ENCODINGS, Linked
from simgen.export.place import COPY, LINK, Placer
from simgen.export.sample import Label, Sample, decode_sample

RESERVED = ("export.json", "LICENCES.txt", STATE)


@dataclass(frozen=True)
class Choices:
    """What every export may be asked for.

    Attributes:
        image: 'link' (a hard link, or a copy on another disk), 'copy', or encoded anew as 'png' or
            'jpg' (quality 95) where it is not one already.
        min_visible_px: visible pixels that an object must have.
        min_visible_fraction: share of its silhouette inside the frame that must be visible.
        verify: whether each file of a frame is held against its SHA-256 first.
    """

    image: str = LINK
    min_visible_px: int = 1
    min_visible_fraction: float = 0.0
    verify: bool = False

    def __post_init__(self):
        one_of("image", self.image, (LINK, COPY, *ENCODINGS))
        require(1, whole=True, fixed=True, min_visible_px=self.min_visible_px)
        require(0, 1, fixed=True, min_visible_fraction=self.min_visible_fraction)
        if not isinstance(self.verify, bool):
            raise SimgenError(f"verify={self.verify} must be true or false")


@dataclass(frozen=True)
class Job:
    """What is the same for all blocks of an export."""

    root: Path
    card: Card
    out: Path
    format: Format
    choices: Choices


@dataclass(frozen=True)
class Block:
    """Frames by rising number, and the split of each."""

    number: int
    frames: tuple[tuple[int, str], ...]


def export_block(job: Job, block: Block) -> int:
    """Puts a block's files into the export and returns how many frames it has.

    Raises:
        SimgenError: a frame is damaged, or lacks what the format needs, naming it; or the disk
            refuses.
    """
    journal = Journal(job.out)
    made = [_converted(job, number, split) for number, split in block.frames]
    paths = [path for _, part in made for path in part.files]
    _check(paths)
    journal.begin(block.number, paths)
    placer = Placer(job.root, job.out, journal.aside, link=job.choices.image != COPY)
    journal.end(block.number, [_placed(placer, entry, part) for entry, part in made])
    return len(block.frames)


def stamp_of(root: Path, number: int) -> tuple[int, int]:
    """Returns size and time of change of a frame's record, in bytes and nanoseconds."""
    try:
        about = (root / record_path(number)).stat()
    except OSError as error:
        raise Unreadable(record_path(number), error.strerror) from error
    return about.st_size, about.st_mtime_ns


def _converted(job: Job, number: int, split: str) -> tuple[Entry, Part]:
    try:
        stamp = stamp_of(job.root, number)
        path = record_path(number)
        sample = decode_sample(read(job.root, path), job.root, job.card, path)
        if sample.number != number:
            raise SimgenError(f"{path} is the record of frame {sample.number}")
        sample, lost = _chosen(job.choices, sample)
        part = job.format.convert(sample, split)
    except SimgenError as error:
        raise SimgenError(f"frame {number}: {error}") from error
    lost = {name: n for name, n in (lost + Counter(part.lost)).items()}
    entry = Entry(number, split, stamp, len(sample.labels), {}, 0, lost, msgspec.Raw(part.note))
    return entry, part


def _chosen(choices: Choices, sample: Sample) -> tuple[Sample, Counter[str]]:
    """Returns the sample as it is to be exported, and how many labels were left out of it."""
    if choices.verify:
        _verify(sample)
    why = [_too_little(choices, label) for label in sample.labels]
    if choices.image in ENCODINGS:
        sample = replace(sample, picture=Linked(sample.picture.path, choices.image))
    labels = tuple(label for label, reason in zip(sample.labels, why) if not reason)
    left_out = tuple(label for label, reason in zip(sample.labels, why) if reason)
    return replace(sample, labels=labels, left_out=left_out), Counter(filter(None, why))


def _too_little(choices: Choices, label: Label) -> str:
    """Returns why an object is left out, '' where it is not."""
    if label.area < choices.min_visible_px:
        return "objects left out: below min_visible_px"
    below = label.visible_fraction < choices.min_visible_fraction
    return "objects left out: below min_visible_fraction" if below else ""


def _verify(sample: Sample) -> None:
    for path, digest in sample.digests.items():
        if sha256(read(sample.root, path)).hexdigest() != digest:
            raise Unreadable(
                path,
                "its bytes are not those that were generated (SHA-256): "
                "remove its record and generate its frame anew",
            )


def _check(paths: Sequence[str]) -> None:
    """Checks that a format's paths are its own."""
    for path in paths:
        parts = PurePosixPath(path)
        plain = path.isprintable() and parts.as_posix() == path and "\\" not in path
        if not plain or parts.is_absolute() or ".." in parts.parts:
            raise SimgenError(f"the format makes {path!a}, which is no path inside an export")
        if parts.parts[0] in RESERVED:
            raise SimgenError(f"the format makes {path!r}, a name that is the export's own")
    if len(set(paths)) < len(paths):
        raise SimgenError(f"two frames make {Counter(paths).most_common(1)[0][0]!r}")


def _placed(placer: Placer, entry: Entry, part: Part) -> Entry:
    for path, content in part.files.items():
        try:
            placed = placer.put(path, content)
        except Unreadable as error:
            raise SimgenError(f"frame {entry.frame}: {error}") from error
        entry.files[path] = placed.size
        entry.copied += placed.how == COPY
    return entry
