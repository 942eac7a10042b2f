"""Pictures of one size with boxes and captions, set in a sheet."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

Color = tuple[int, int, int]

TRUE, DETECTED = (30, 190, 96), (255, 84, 28)  # sRGB
_INK, _SOFT, _BACK, _EMPTY = (28, 30, 34), (108, 112, 120), (255, 255, 255), (233, 234, 237)
_SIDE, _GAP, _LINE = 264, 16, 20  # px
_AROUND, _LEAST = 2.2, 0.4  # what is shown, in longer sides of the box and at least of the picture
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_SHIFT = 4  # cv2 takes fractions of a pixel as integers, times two to the power of this


@dataclass(frozen=True, eq=False)
class Drawn:
    """A box to draw: (4,) x, y, width, height, pixels; `main`: what the tile is about."""

    box: np.ndarray
    color: Color
    main: bool = False


def tile(
    rgb: np.ndarray, about: np.ndarray, drawn: Iterable[Drawn], captions: Sequence[str]
) -> np.ndarray:
    """Returns a square that shows a box and what is around it, above its captions.

    Args:
        rgb: (H, W, 3) uint8.
        about: (4,) x, y, width, height, pixels.
    """
    left, top, right, bottom = _window(rgb.shape, about)
    scale = _SIDE / max(right - left, bottom - top)
    size = max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    shown = cv2.resize(np.ascontiguousarray(rgb[top:bottom, left:right]), size, interpolation=how)
    for each in sorted(drawn, key=lambda each: each.main):
        _outline(shown, (each.box - [left, top, 0, 0]) * scale, each)
    square = np.full((_SIDE, _SIDE, 3), _EMPTY, np.uint8)
    x, y = (_SIDE - size[0]) // 2, (_SIDE - size[1]) // 2
    square[y : y + size[1], x : x + size[0]] = shown
    inks = _INK, *[_SOFT] * len(captions)
    lines = [_text(text, _SIDE, 0.46, ink) for text, ink in zip(captions, inks)]
    return np.vstack([square, *lines])


def sheet(
    sections: Sequence[tuple[str, Sequence[np.ndarray]]],
    columns: int,
    legend: Sequence[tuple[Color, str]],
) -> np.ndarray:
    """Returns one picture of equal tiles below their headings, (H, W, 3) uint8."""
    width = columns * (_SIDE + _GAP) + _GAP
    rows = [_legend(legend, width)]
    for heading, tiles in sections:
        rows += [_gap(width), _text(heading, width, 0.7, _INK, _GAP)]
        rows += [_row(tiles[i : i + columns], width) for i in range(0, len(tiles), columns)]
    return np.vstack([*rows, _gap(width)])


def _window(shape: tuple[int, ...], about: np.ndarray) -> tuple[int, int, int, int]:
    """Returns left, top, right, bottom of what is shown, inside the picture."""
    side = max(_AROUND * about[2:].max(), _LEAST * max(shape[:2]))
    bounds = []
    for start, length, whole in zip(about[:2], about[2:], shape[1::-1]):
        shown = min(max(1, round(float(side))), whole)
        low = float(np.clip(start + length / 2 - shown / 2, 0, whole - shown))
        bounds.append((int(low), int(low) + shown))
    (left, right), (top, bottom) = bounds
    return left, top, right, bottom


def _outline(pixels: np.ndarray, box: np.ndarray, drawn: Drawn) -> None:
    corners = np.stack([box[:2], box[:2] + box[2:]]) - 0.5  # cv2 counts from pixel centres
    corners = np.clip(corners, -_SIDE, 2 * _SIDE)
    low, high = (tuple(int(v) for v in corner) for corner in np.round(corners * 2**_SHIFT))
    width = 3 if drawn.main else 2
    for color, line in (((0, 0, 0), width + 1), (drawn.color, width)):
        cv2.rectangle(pixels, low, high, color, line, cv2.LINE_AA, _SHIFT)


def _legend(legend: Sequence[tuple[Color, str]], width: int) -> np.ndarray:
    strip = np.full((_GAP * 3, width, 3), _BACK, np.uint8)
    x = _GAP
    for color, text in legend:
        cv2.rectangle(strip, (x, _GAP), (x + 20, 2 * _GAP), color, 3, cv2.LINE_AA)
        _write(strip, text, (x + 30, 2 * _GAP), 0.5, _INK)
        x += 60 + cv2.getTextSize(_plain(text), _FONT, 0.5, 1)[0][0]
    return strip


def _text(text: str, width: int, size: float, ink: Color, left: int = 0) -> np.ndarray:
    """Returns one line of text, cut where it is too long."""
    text = _plain(text)
    while text and cv2.getTextSize(text, _FONT, size, 1)[0][0] > width - left:
        text = text.removesuffix("...")[:-1] + "..." if text != "..." else ""
    strip = np.full((round(_LINE * size / 0.46), width, 3), _BACK, np.uint8)
    _write(strip, text, (left, round(0.75 * len(strip))), size, ink)
    return strip


def _write(pixels: np.ndarray, text: str, at: tuple[int, int], size: float, ink: Color) -> None:
    cv2.putText(pixels, _plain(text), at, _FONT, size, ink, 1, cv2.LINE_AA)


def _plain(text: str) -> str:
    """Returns what cv2's font can draw: ASCII."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)


def _row(tiles: Sequence[np.ndarray], width: int) -> np.ndarray:
    row = np.full((len(tiles[0]) + _GAP, width, 3), _BACK, np.uint8)
    for i, each in enumerate(tiles):
        x = _GAP + i * (_SIDE + _GAP)
        row[: len(each), x : x + _SIDE] = each
    return row


def _gap(width: int) -> np.ndarray:
    return np.full((_GAP // 2, width, 3), _BACK, np.uint8)
