"""WebDataset: <split>-000000.tar, <split>-000001.tar, ...: shards of whole samples, to be streamed.

Source: https://github.com/webdataset/webdataset (its README, and TarWriter, which writes them). All
files of a sample lie side by side and share their name up to the first dot, the key: the frame's
number. What follows the dot is the name under which a loader finds it:

jpg or png: the picture. json: `image` and `annotations` as COCO's file of the dataset has them
    (ids, boxes in pixels, masks as compressed RLE), each annotation with its `category` by name.
depth.exr, instance.png, ...: the frame's other files as they are, by folder; dataset.json says how
    to read them.

Frames come by rising number; shuffle when loading. Equal datasets make equal bytes: no times, users
or modes of this machine are in the shards. A shard is at most `shard_mb` large, unless one sample
is larger. Nothing is lost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO

import msgspec

from simgen.audit.reading import Unreadable, locate, read
from simgen.checks import require
from simgen.distributions import written
from simgen.errors import SimgenError, one_of
from simgen.export.extra import require_package
from simgen.export.format import Exported, Part
from simgen.export.linked import Linked
from simgen.export.sample import Sample
from simgen.export.shards import shards
from simgen.writers.coco_entries import EXTRAS, annotation_entry, picture_entry

_BLOCK, _END = 512, 22 * 512  # bytes: a member is padded to the first; at most ends a shard


class _Note(msgspec.Struct):
    """A sample: its picture, its other files by extension, its labels, and how large all are."""

    key: str
    picture: Linked
    others: dict[str, str]
    labels: msgspec.Raw
    size: int


_decoder = msgspec.json.Decoder(_Note)


@dataclass(frozen=True)
class Webdataset:
    """Tar shards.

    Attributes:
        shard_mb: how large a shard may be, in millions of bytes.
        files: folders of the dataset whose files go along; None: all but images/.
        include: what annotations say beyond COCO, as the writer coco has it.
    """

    shard_mb: float = 300.0
    files: tuple[str, ...] | None = None
    include: tuple[str, ...] = ("amodal", "keypoints")

    def __post_init__(self):
        require_package("webdataset", "webdataset")
        require(0.001, fixed=True, shard_mb=self.shard_mb)
        for name in ("files", "include"):
            if not isinstance(getattr(self, name), tuple | None):
                value = written(getattr(self, name))
                raise SimgenError(f"{name}={value} must be a list, such as [depth]")
        for name in self.include:
            one_of("include", name, EXTRAS)

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns no file: shards hold many frames, and come at the end."""
        others = {f"{folder}.{path.rpartition('.')[2]}": path for folder, path in self._of(sample)}
        labels = self._labels(sample)
        sizes = [_size(sample, Linked(path)) for path in others.values()]
        sizes += [_size(sample, sample.picture), len(labels)]
        size = sum(_BLOCK + -(-size // _BLOCK) * _BLOCK for size in sizes)
        note = _Note(sample.name, sample.picture, others, msgspec.Raw(labels), size)
        return Part(note=msgspec.json.encode(note))

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields the shards; raises SimgenError where a file is missing."""
        limit = self.shard_mb * 1e6 - _END
        for split in exported.splits:
            notes = map(_decoder.decode, exported.notes(split))
            for number, shard in enumerate(shards(notes, limit)):
                yield f"{split}-{number:06d}.tar", _tar(exported, shard)

    def _of(self, sample: Sample) -> Iterator[tuple[str, str]]:
        wanted = self.files if self.files is not None else sorted({*sample.files} - {"images"})
        for folder in wanted:
            sample.path(folder)  # says which writer is lacking
            yield folder, sample.files[folder]

    def _labels(self, sample: Sample) -> bytes:
        annotations = [
            {
                **annotation_entry(sample.number, label, label.category_id, self.include),
                "category": label.category,
            }
            for label in sample.labels
        ]
        name = f"{sample.name}{sample.picture.suffix}"
        image = picture_entry(sample.number, name, sample.camera)
        return msgspec.json.encode({"image": image, "annotations": annotations})


def _size(sample: Sample, file: Linked) -> int:
    if file.recoded:
        return len(file.read(sample.root))
    try:
        return locate(sample.root, file.path).stat().st_size
    except OSError as error:
        raise Unreadable(file.path, error.strerror or str(error)) from error


def _tar(exported: Exported, notes: Iterable[_Note]) -> Iterator[bytes]:
    """Yields a shard, sample by sample."""
    from webdataset import TarWriter

    stream = BytesIO()
    with TarWriter(stream, "simgen", "simgen", compress=False, encoder=False, mtime=0) as tar:
        for note in notes:
            tar.write(_sample(exported, note))
            yield _drained(stream)
    yield _drained(stream)


def _sample(exported: Exported, note: _Note) -> dict[str, bytes | str]:
    return {
        "__key__": note.key,
        note.picture.suffix[1:]: note.picture.read(exported.root),
        "json": bytes(note.labels),
        **{name: read(exported.root, path) for name, path in note.others.items()},
    }


def _drained(stream: BytesIO) -> bytes:
    data = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    return data
