"""A COCO file as an index: annotations stay bytes until their image's turn comes."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from simgen.audit.reading import Unreadable, read_json


class _Wire(msgspec.Struct):
    images: list[Any]
    annotations: list[msgspec.Raw] = []
    categories: list[Any] = []
    info: Any = None
    licenses: Any = None


class _Key(msgspec.Struct):
    id: Any = None
    image_id: Any = None


_keys = msgspec.json.Decoder(_Key)


@dataclass(frozen=True)
class CocoFile:
    """What a file of annotations says, by image.

    Attributes:
        file: its path inside the folder.
        images: entries in the file's order that have an id; `damaged`: how many have none.
        annotations: JSON texts by image id.
        categories: names by id. `kinds`: the whole entries.
        repeated: by 'image id', 'annotation id', 'file_name', 'category id': values used twice.
        licences: entries of its `licenses`.
        strays: (annotation id, image id) whose image is not in the file.
    """

    file: str
    images: tuple[dict[str, Any], ...]
    annotations: Mapping[Any, tuple[bytes, ...]]
    categories: Mapping[Any, str]
    kinds: Mapping[Any, Mapping[str, Any]] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    repeated: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    licences: tuple[Any, ...] = ()
    strays: tuple[tuple[Any, Any], ...] = ()
    damaged: int = 0

    @classmethod
    def load(cls, root: Path, file: str) -> "CocoFile":
        """Returns the index of a file; raises Unreadable."""
        wire = read_json(root, file, _Wire)
        images = tuple(entry for entry in wire.images if _is_entry(entry))
        known = {entry["id"] for entry in images}
        by_image: dict[Any, list[bytes]] = {}
        ids, strays = Counter(), []
        for raw in wire.annotations:
            key = _key(raw, file)
            ids[key.id] += 1
            if key.image_id in known:
                by_image.setdefault(key.image_id, []).append(raw)
            else:
                strays.append((key.id, key.image_id))
        categories = [entry for entry in wire.categories if _is_entry(entry)]
        return cls(
            file=file,
            images=images,
            annotations={image: tuple(raws) for image, raws in by_image.items()},
            categories={entry["id"]: str(entry.get("name")) for entry in categories},
            kinds={entry["id"]: entry for entry in categories},
            info=wire.info if isinstance(wire.info, dict) else {},
            licences=tuple(wire.licenses) if isinstance(wire.licenses, list) else (),
            repeated={
                "image id": _twice(Counter(entry["id"] for entry in images)),
                "file_name": _twice(Counter(str(entry.get("file_name")) for entry in images)),
                "annotation id": _twice(ids),
                "category id": _twice(Counter(entry["id"] for entry in categories)),
            },
            strays=tuple(strays),
            damaged=len(wire.images) - len(images),
        )

    def tasks(self) -> Iterator[tuple[dict[str, Any], tuple[bytes, ...]]]:
        """Yields each image's entry and its annotations' texts."""
        for entry in self.images:
            yield entry, tuple(bytes(raw) for raw in self.annotations.get(entry["id"], ()))


def _is_entry(entry: Any) -> bool:
    return isinstance(entry, dict) and type(entry.get("id")) in (int, str)


def _key(raw: bytes, file: str) -> _Key:
    try:
        key = _keys.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unreadable(file, f"an annotation is no JSON object: {error}") from error
    plain = (value if type(value) in (int, str) else str(value) for value in (key.id, key.image_id))
    return _Key(*plain)


def _twice(counts: Counter) -> tuple[Any, ...]:
    return tuple(value for value, count in counts.items() if count > 1)
