"""One frame of the gallery: a small picture, small layers, and its labels as vectors."""

from pathlib import PurePosixPath
from typing import Any, NamedTuple

import cv2
import numpy as np

from simgen.audit.frame import Frame
from simgen.audit.reading import Unreadable
from simgen.audit.runs import Runs
from simgen.audit.source import Source, Task
from simgen.report.combinations import sights_of, sizes_of
from simgen.report.layers import LAYERS, layer_picture
from simgen.report.outlines import of_mask, of_polygons
from simgen.report.page import picture_uri
from simgen.report.seen import Objects

SIDE = 400  # pixels, the longer side of a thumbnail; of a layer the half
_QUALITY = 74
_OBJECTS = 300  # drawn of one frame, the largest


class Sizes(NamedTuple):
    """How large a frame is, and its thumbnail: (width, height)."""

    whole: tuple[int, int]
    small: tuple[int, int]

    @classmethod
    def of(cls, frame: Frame) -> "Sizes":
        height, width = frame.size
        scale = min(1.0, SIDE / max(height, width))
        return cls((width, height), (max(1, round(width * scale)), max(1, round(height * scale))))

    @property
    def scale(self) -> float:
        return self.small[0] / self.whole[0]


def thumbnail(source: Source, task: Task) -> dict[str, Any] | None:
    """Returns what the gallery needs of a frame, plain data; None where it has no picture.

    Its names are what the files say: the page shows them as text and nothing else.
    """
    try:
        frame, _ = source.frame(task)
        if frame.layers.image is None:
            return None
        sizes = Sizes.of(frame)
        picture = shrunk(cv2.cvtColor(frame.layers.pixels, cv2.COLOR_BGR2RGB), sizes.small)
        return {
            "name": _name(frame),
            "size": sizes.whole,
            "small": sizes.small,
            "image": picture_uri(picture, _QUALITY),
            **_layers(frame, sizes),
            "objects": _objects(frame, sizes.scale),
        }
    except Exception:  # whatever a stranger's files hold: the statistics tell of it
        return None


def shrunk(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns a picture at (width, height), as large or smaller."""
    same = rgb.shape[1::-1] == tuple(size)
    return rgb if same else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)


def _name(frame: Frame) -> str:
    return f"{frame.number:06d}" if frame.record else PurePosixPath(frame.layers.image).name


def _layers(frame: Frame, sizes: Sizes) -> dict[str, Any]:
    half = (max(1, sizes.small[0] // 2), max(1, sizes.small[1] // 2))
    found = {}
    for name in LAYERS:
        try:
            made = layer_picture(frame.layers, name)
        except Unreadable:
            continue
        if made:
            found[name] = [picture_uri(shrunk(made[0], half), _QUALITY), made[1]]
    return found


def _objects(frame: Frame, scale: float) -> list[list[Any]]:
    """Returns, largest first: class, box, area, visible, size, sight, mask and amodal outline.

    An outline is '' where there is none, and the amodal one 1 where it is the mask's.
    """
    objects = Objects.of(frame)
    drawn = np.argsort(-objects.area, kind="stable")[:_OBJECTS]
    sizes, sights = sizes_of(objects), sights_of(objects)
    rows = []
    for i in drawn.tolist():
        place, seen = objects.places[i], float(objects.visible[i])
        rows.append([
            objects.category[i], np.round(objects.box[i], 1).tolist(), round(objects.area[i]),
            round(seen, 3) if np.isfinite(seen) else None, int(sizes[i]), int(sights[i]),
            _mask(frame, place, scale), _amodal(frame, place, scale),
        ])  # fmt: skip
    return rows


def _mask(frame: Frame, place: int, scale: float) -> str:
    label = frame.labels[place]
    if label.polygons:
        return of_polygons(label.polygons, scale)
    return _run_outline(frame.masks[0], place, scale) if label.mask else ""


def _amodal(frame: Frame, place: int, scale: float) -> str | int:
    label = frame.labels[place]
    if label.amodal_mask is None:
        return ""
    if label.mask == label.amodal_mask:
        return 1
    return _run_outline(frame.amodals[0], place, scale)


def _run_outline(runs: Runs, place: int, scale: float) -> str:
    one = runs.pick([place])
    x, y, w, h = one.boxes[0].tolist()
    if not (w and h):
        return ""
    before, columns = x * one.size[0], (one.size[0], w)  # only its own columns are painted
    cut = Runs(one.owner, one.start - before, one.stop - before, 1, columns)
    return of_mask(cut.mask(0)[y : y + h], (x, y), scale)
