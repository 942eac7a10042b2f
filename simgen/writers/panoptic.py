"""panoptic/ and annotations/panoptic.json: COCO's panoptic format, every pixel in one segment.

An object with a category is a thing, and a segment of its own; all else is stuff, and what is made
by one prop (floor, wall, ...) is one segment.
"""

import colorsys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import msgspec
import numpy as np
from scipy.ndimage import find_objects

from simgen import props
from simgen.audit.reading import Unreadable
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.frame import Frame, Instance
from simgen.record import Record
from simgen.writers.coco import joined
from simgen.writers.coco_entries import image_entry
from simgen.writers.png import encode_rgb_png

FILE = "annotations/panoptic.json"
_STUFF = 1000  # stuff's categories are counted from here, or from the last thing's
_SEGMENTS = 1 << 16  # a thing's segment has its instance id, 16-bit; stuff's ids follow
_GOLDEN = 0.618034  # turns of hue from one category to the next: none comes near another soon
_REMEDY = "remove the frame's record and run again: the frame is made anew"


@dataclass(frozen=True)
class Panoptic:
    """8-bit RGB PNG, segment id = R + 256 G + 65536 B, 0 = nothing there; and one JSON file."""

    def files(self, frame: Frame, categories: Sequence[str]) -> dict[str, bytes]:
        """Returns one segment map."""
        stuff = _stuff(len(categories))
        ids = np.zeros(len(frame.spec.bodies) + 1, np.uint32)
        for i, body in enumerate(frame.spec.bodies, 1):
            ids[i] = i if body.category else _SEGMENTS + stuff[body.shape.prop]
        segment = ids[frame.truth.instance]
        rgb = np.stack([segment >> shift & 255 for shift in (0, 8, 16)], axis=-1)
        return {_path(frame.index): encode_rgb_png(rgb.astype(np.uint8), level=6)}

    def finish(self, dataset: Dataset) -> None:
        """Counts the segments of each map, one at a time."""
        dataset.store.replace(FILE, _chunks(dataset))


def _chunks(dataset: Dataset) -> Iterator[bytes]:
    yield b'{"categories":' + msgspec.json.encode(panoptic_categories(dataset.categories))
    yield b',\n"licenses":[],\n"images":['
    yield from joined(image_entry(record) for record in dataset.records())
    yield b'],\n"annotations":['
    yield from joined(_annotation(dataset, record) for record in dataset.records())
    yield b"]}\n"


def _stuff(things: int) -> dict[str, int]:
    """Returns the category id of each prop's stuff, after those of the things."""
    return {prop: i for i, prop in enumerate(props.known(), max(_STUFF, things) + 1)}


def panoptic_categories(names: Sequence[str]) -> list[dict[str, Any]]:
    """Returns the entries of things, by the names of the dataset's categories, and of stuff."""
    things = [_category(i, name, 1) for i, name in enumerate(names, 1)]
    stuff = [_category(i, f"{prop}-stuff", 0) for prop, i in _stuff(len(names)).items()]
    return things + stuff


def _category(i: int, name: str, isthing: int) -> dict[str, Any]:
    color = colorsys.hsv_to_rgb(i * _GOLDEN % 1, 0.7 if isthing else 0.2, 0.9)
    return {
        "id": i,
        "name": name,
        "supercategory": "object" if isthing else "stuff",
        "isthing": isthing,
        "color": [round(255 * v) for v in color],
    }


def _annotation(dataset: Dataset, record: Record) -> dict[str, Any]:
    path = _path(record.frame)
    try:
        data = dataset.store.read(path)
    except Unreadable as error:
        raise SimgenError(f"{error}; {_REMEDY}") from error
    name = path.removeprefix("panoptic/")
    return picture_segments(record.frame, path, name, data, record.labels, dataset.categories)


def picture_segments(
    frame: int,
    path: str,
    name: str,
    data: bytes,
    labels: Iterable[Instance],
    categories: Sequence[str],
) -> dict[str, Any]:
    """Returns the entry of a segment map.

    Args:
        path: the map's in the dataset, for messages.
        name: the map's in the entry.
        data: its file.
        categories: the dataset's, by rising id.

    Raises:
        SimgenError: it is no picture, or shows a segment that the frame does not have.
    """
    segment = _segments(data, path)
    area = np.bincount(segment.ravel())
    ids = np.flatnonzero(area)
    ids = ids[ids > 0]
    place = np.zeros(len(area), np.int32)
    place[ids] = np.arange(1, len(ids) + 1)
    thing = {name: i for i, name in enumerate(categories, 1)}
    category = {label.id: thing[label.category] for label in labels}
    category |= {_SEGMENTS + i: i for i in _stuff(len(thing)).values()}
    info = [
        {
            "id": int(i),
            "category_id": _known(category, int(i), path),
            "area": int(area[i]),
            "bbox": [x.start, y.start, x.stop - x.start, y.stop - y.start],
            "iscrowd": 0,
        }
        for i, (y, x) in zip(ids, find_objects(place[segment]))
    ]
    return {"image_id": frame, "file_name": name, "segments_info": info}


def _segments(data: bytes, path: str) -> np.ndarray:
    """Returns (H, W) int32 ids."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise SimgenError(f"{path} is no picture; {_REMEDY}")
    return bgr.astype(np.int32) @ np.int32([65536, 256, 1])


def _known(category: dict[int, int], i: int, path: str) -> int:
    if i not in category:
        raise SimgenError(f"{path} shows segment {i}, which its record does not; {_REMEDY}")
    return category[i]


def _path(frame: int) -> str:
    return f"panoptic/{frame:06d}.png"
