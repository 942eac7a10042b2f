"""A contact sheet: frames with their labels drawn, as one picture for terminals and READMEs."""

from collections.abc import Callable, Mapping, Sequence
from math import ceil, sqrt
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from simgen.audit.frame import Frame
from simgen.color import hsv
from simgen.errors import SimgenError
from simgen.report.choose import lot
from simgen.report.layers import layer_picture
from simgen.report.seen import NAMELESS, Objects
from simgen.report.sources import Input
from simgen.scratch import replace_file

TILES = 12
_WIDTH = 1600  # pixels of the sheet, about
_GAP = 6
_PALETTE = ((31, 155, 255), (255, 122, 26), (20, 201, 154), (240, 107, 184), (255, 198, 26),
            (143, 216, 255))  # fmt: skip
_HUE = 0.618034  # of a turn from one class to the next
_ROOMY = 12  # pixels of a box that has room for a dark edge
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def sheet(given: Input, wanted: Sequence[str] | None, shown: Sequence[str]) -> np.ndarray:
    """Returns (H, W, 3) uint8 RGB: a tile for each frame, or with several layers a row for each.

    Args:
        wanted: numbers of frames, or ids of images; None: some, drawn by lot.
        shown: of SHOWN.

    Raises:
        SimgenError: there is no such frame, or it lacks what is to be shown.
    """
    chosen = _chosen(given, wanted)
    if not chosen:
        raise SimgenError(f"{given.root} has no frame to show")
    columns = len(shown) if len(shown) > 1 else ceil(sqrt(len(chosen)))
    size = _tile(given, chosen[0], columns)
    colors = _colors(given)
    tiles = [
        _tile_of(SHOWN[name](frame, size, colors), size)
        for frame in (given.source.frame(task)[0] for task in given.some(set(chosen)))
        for name in shown
    ]
    rows = [tiles[i : i + columns] for i in range(0, len(tiles), columns)]
    return _laid(rows, size, columns)


def write_sheet(picture: np.ndarray, target: Path) -> None:
    """Writes the sheet as .png or .jpg; raises SimgenError."""
    suffix = target.suffix.lower()
    if suffix not in (".png", ".jpg", ".jpeg"):
        raise SimgenError(f"--out {target}: a sheet is a .png or .jpg")
    _, data = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    replace_file(target.parent, target.name, [data.tobytes()])


def _chosen(given: Input, wanted: Sequence[str] | None) -> list[Any]:
    if wanted is None:
        return sorted(given.numbers, key=lot)[:TILES]
    there = {str(number): number for number in given.numbers}
    for text in wanted:
        if text not in there:
            raise SimgenError(f"--frames {text}: {given.root} has no such frame")
    return [there[text] for text in wanted]


def _tile(given: Input, first: Any, columns: int) -> tuple[int, int]:
    """Returns the width and height of all tiles."""
    frame, _ = given.source.frame(next(given.some({first})))
    width = min(frame.size[1], (_WIDTH - _GAP) // columns - _GAP)
    return width, round(width * frame.size[0] / frame.size[1])


def _tile_of(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns a picture on black, as large as a tile."""
    tile = np.zeros((size[1], size[0], 3), np.uint8)
    top, left = ((np.array(tile.shape) - picture.shape) // 2)[:2]
    tile[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return tile


def _laid(rows: Sequence[Sequence[np.ndarray]], size: tuple[int, int], columns: int) -> np.ndarray:
    width, height = size[0] + _GAP, size[1] + _GAP
    whole = np.full((len(rows) * height + _GAP, columns * width + _GAP, 3), 255, np.uint8)
    for r, row in enumerate(rows):
        for c, tile in enumerate(row):
            top, left = r * height + _GAP, c * width + _GAP
            whole[top : top + size[1], left : left + size[0]] = tile
    return whole


def _colors(given: Input) -> dict[str, tuple[int, int, int]]:
    names = sorted({*given.source.categories.values(), NAMELESS})
    if len(names) - 1 <= len(_PALETTE):
        return dict(zip(names, (*_PALETTE, _PALETTE[0])))
    return {name: _hue(i) for i, name in enumerate(names)}


def _hue(i: int) -> tuple[int, int, int]:
    return tuple(round(255 * v**0.45) for v in hsv(i * _HUE % 1, 0.7, 1.0))


def _fitted(rgb: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Returns a picture that fits into (width, height)."""
    scale = min(size[0] / rgb.shape[1], size[1] / rgb.shape[0])
    small = tuple(max(1, min(limit, round(scale * n))) for n, limit in zip(rgb.shape[1::-1], size))
    return cv2.resize(rgb, small, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)


def _image(frame: Frame, size: tuple[int, int], _: Mapping) -> np.ndarray:
    if frame.layers.image is None:
        raise SimgenError(f"frame {frame.number} has no picture")
    return _fitted(cv2.cvtColor(frame.layers.pixels, cv2.COLOR_BGR2RGB), size)


def _layer(name: str) -> Callable:
    def picture(frame: Frame, size: tuple[int, int], _: Mapping) -> np.ndarray:
        made = layer_picture(frame.layers, name)
        if made is None:
            raise SimgenError(f"frame {frame.number} has no {name}: leave it out of --show")
        return _fitted(made[0], size)

    return picture


def _masks(frame: Frame, size: tuple[int, int], _: Mapping) -> np.ndarray:
    """Returns each object in a colour of its own, black elsewhere."""
    ids = frame.painted
    table = np.uint8([(0, 0, 0), *(_hue(k) for k in range(1, int(ids.max()) + 1))])
    return _fitted(table[ids], size)


def _boxes(frame: Frame, size: tuple[int, int], colors: Mapping[str, tuple]) -> np.ndarray:
    drawn = _image(frame, size, colors).copy()
    scale = drawn.shape[1] / frame.size[1]
    objects = Objects.of(frame)
    for i in np.argsort(-objects.area, kind="stable").tolist():
        color = colors.get(objects.category[i], colors[NAMELESS])
        x, y, w, h = np.clip(objects.box[i] * scale, -4096, 4096).round().astype(int).tolist()
        if min(w, h) > _ROOMY:
            cv2.rectangle(drawn, (x, y), (x + w - 1, y + h - 1), (0, 0, 0), 3)
        cv2.rectangle(drawn, (x, y), (x + w - 1, y + h - 1), color, 1)
        _name(drawn, objects.category[i], (x, y), w, color)
    return drawn


def _name(drawn: np.ndarray, name: str, at: tuple[int, int], room: int, color: tuple) -> None:
    """Writes a class's name at a box's corner if the box is wide enough for it."""
    said = name.encode("ascii", "replace").decode()
    (width, height), _ = cv2.getTextSize(said, _FONT, 0.38, 1)
    if width + 6 > room:
        return
    x, y = max(at[0], 0), max(at[1], 0)
    cv2.rectangle(drawn, (x, y), (x + width + 5, y + height + 6), color, cv2.FILLED)
    cv2.putText(drawn, said, (x + 3, y + height + 2), _FONT, 0.38, (0, 0, 0), 1, cv2.LINE_AA)


SHOWN: Mapping[str, Callable[[Frame, tuple[int, int], Mapping], np.ndarray]] = {
    "image": _image,
    "boxes": _boxes,
    "masks": _masks,
    "depth": _layer("depth"),
    "normals": _layer("normals"),
}
