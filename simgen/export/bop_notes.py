"""A BOP dataset's lists of cameras, poses and targets, gathered from what each frame notes."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from typing import Any

import msgspec

from simgen.export.format import Exported

SCENE = 1000  # frames
TARGET = 0.1  # visib_fract of what is to be found
Ids = dict[bytes, int]  # obj_id by model


class Object(msgspec.Struct):
    """What `finish` needs of an object.

    Attributes:
        model: its place in the frame's `models`.
        pose, info: its entries in scene_gt.json, but for obj_id, and scene_gt_info.json.
    """

    model: int
    pose: dict[str, list[float]]
    info: dict[str, Any]


class _Models(msgspec.Struct):
    """Of a frame: one for each shape and scale, in the order of the objects."""

    number: int
    models: list[msgspec.Raw]


class Note(_Models):
    """What `finish` needs of a frame; `camera` is its entry in scene_camera.json."""

    size: tuple[int, int]
    camera: dict[str, Any]
    objects: list[Object]


_models_decoder, _note_decoder = msgspec.json.Decoder(_Models), msgspec.json.Decoder(Note)


def ids_of(exported: Exported) -> Ids:
    """Returns the obj_id of each model, from 1, in the order in which frames show them first."""
    first: dict[bytes, tuple[int, int]] = {}
    for split in exported.splits:
        for data in exported.notes(split):
            note = _models_decoder.decode(data)
            for place, model in enumerate(map(bytes, note.models)):
                found = (note.number, place)
                first[model] = min(first.get(model, found), found)
    return {model: i for i, model in enumerate(sorted(first, key=first.__getitem__), 1)}


def scenes(exported: Exported, split: str) -> Iterator[tuple[int, list[bytes]]]:
    """Yields each scene's number and its frames' notes."""
    notes = exported.notes(split)
    for scene, group in groupby(notes, lambda data: _models_decoder.decode(data).number // SCENE):
        yield scene, list(group)


def table(notes: Iterable[bytes], entry: Callable[[Note], Any]) -> Iterator[bytes]:
    """Yields a list with an entry for each frame."""
    decoded = map(_note_decoder.decode, notes)
    return keyed((note.number, entry(note)) for note in decoded)


def poses(note: Note, ids: Ids) -> list[dict[str, Any]]:
    """Returns a frame's entry in scene_gt.json."""
    return [{**each.pose, "obj_id": ids[bytes(note.models[each.model])]} for each in note.objects]


def infos(note: Note) -> list[dict[str, Any]]:
    """Returns a frame's entry in scene_gt_info.json."""
    return [each.info for each in note.objects]


def targets(exported: Exported, ids: Ids) -> Iterator[bytes]:
    """Yields test_targets_bop19.json: how many of each object are to be found in a test picture."""
    found = []
    for note in map(_note_decoder.decode, exported.notes("test")):
        shown = [each for each in note.objects if each.info["visib_fract"] >= TARGET]
        counts = Counter(ids[bytes(note.models[each.model])] for each in shown)
        picture = {"scene_id": note.number // SCENE, "im_id": note.number}
        found += [picture | {"obj_id": i, "inst_count": n} for i, n in sorted(counts.items())]
    yield msgspec.json.encode(found) + b"\n"


def usual_camera(exported: Exported) -> Iterator[bytes]:
    """Yields camera.json: the first frame's; each frame has its own in scene_camera.json."""
    note = _note_decoder.decode(next(exported.notes(next(iter(exported.splits)))))
    fx, _, cx, _, fy, cy, *_ = note.camera["cam_K"]
    width, height = note.size
    scale = note.camera["depth_scale"]
    camera = {"cx": cx, "cy": cy, "depth_scale": scale, "fx": fx, "fy": fy}
    yield msgspec.json.encode(camera | {"height": height, "width": width}) + b"\n"


def keyed(entries: Iterable[tuple[int, Any]]) -> Iterator[bytes]:
    """Yields a JSON object whose keys are whole numbers, an entry on each line."""
    separator = b"{\n"
    for key, entry in entries:
        yield separator + b'"%d": ' % key + msgspec.json.encode(entry)
        separator = b",\n"
    yield b"{}\n" if separator == b"{\n" else b"\n}\n"
