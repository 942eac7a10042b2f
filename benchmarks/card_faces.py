"""Card faces as the photographed deck has them, from drawings of another deck.

The deck of the photos has smaller pips, and a nine's ninth pip in the middle, where the drawings
have it near the top: half of a hidden ten looks like that. So a nine and a ten are composed anew
of their drawing's own pip and corner marks.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import yaml

SIZE_M = (0.063, 0.088)
RANKS = {"9": "nine", "10": "ten", "J": "jack", "Q": "queen", "K": "king", "A": "ace"}
PIPS = (0.6, 0.7, 0.8)  # of the drawing's pip: one face for each
_SIDES = [(x, y) for x in (0.29, 0.71) for y in (0.17, 0.39, 0.61, 0.83)]  # shares of the card
_MIDDLES = {"9": [(0.5, 0.5)], "10": [(0.5, 0.28), (0.5, 0.72)]}
MARKS = 0.75  # of the drawing's rank and suit in the corners
_MARGIN = 0.03  # of those, shares of the card's width


def write(art: Path, out: Path) -> None:
    """Writes faces and their manifest, as `objects=` takes them."""
    out.mkdir(parents=True, exist_ok=True)
    files = {}
    for rank, category in RANKS.items():
        for suit in "CDHS":
            drawing = _drawing(art / f"{rank}{suit}.png")
            for number, face in enumerate(_faces(drawing, rank)):
                name = f"{rank}{suit}{number}.png"
                cv2.imwrite(str(out / name), face)
                files[name] = {"category": category}
    common = {"licence": "CC0-1.0", "source": "https://github.com/notpeter/Vector-Playing-Cards"}
    card = {"size_m": [*SIZE_M], "corner_radius_m": 0.0035, "thickness_m": 0.0003}
    (out / "manifest.yaml").write_text(yaml.safe_dump({"defaults": common | card, "files": files}))


def _drawing(path: Path) -> np.ndarray:
    """Returns a face on white paper."""
    drawing = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if drawing is None or drawing.shape[2:] != (4,):
        sys.exit(f"cards: {path} is not a PNG with transparency; name the folder of all faces")
    alpha = drawing[..., 3:] / 255
    return np.round(drawing[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)


def _faces(drawing: np.ndarray, rank: str) -> list[np.ndarray]:
    if rank not in _MIDDLES:
        return [drawing]
    return [_composed(drawing, rank, scale) for scale in PIPS]


def _composed(drawing: np.ndarray, rank: str, scale: float) -> np.ndarray:
    height, width = drawing.shape[:2]
    face = np.full_like(drawing, 255)
    pip = cv2.resize(_pip(drawing), None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    for x, y in _SIDES + _MIDDLES[rank]:
        mark = pip if y <= 0.5 else pip[::-1, ::-1]
        top, left = round(y * height - len(mark) / 2), round(x * width - mark.shape[1] / 2)
        place = face[top : top + len(mark), left : left + mark.shape[1]]
        np.minimum(place, mark, out=place)
    corner = cv2.resize(_corner(drawing), None, fx=MARKS, fy=MARKS, interpolation=cv2.INTER_AREA)
    inside = _at(corner, _MARGIN * width)
    for turned in (face, face[::-1, ::-1]):
        np.minimum(turned[inside], corner, out=turned[inside])
    return face


def _corner(drawing: np.ndarray) -> np.ndarray:
    """Returns rank and suit of the upper left corner, cut out of what else is near."""
    labels, boxes, middles = _inked(drawing)
    height, width = drawing.shape[:2]
    near = (middles[:, 0] < 0.16 * width) & (middles[:, 1] < 0.27 * height)
    near &= boxes[:, 4] > 0.0005 * width * height  # not what is left of the outline
    found = np.isin(labels, 1 + np.flatnonzero(near))
    rows, columns = (np.flatnonzero(found.any(axis)) for axis in (1, 0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    return np.where(found[..., None], drawing, 255)[box]


def _pip(drawing: np.ndarray) -> np.ndarray:
    """Returns the pip at the lower left, where none overlaps it, upright."""
    labels, boxes, middles = _inked(drawing)
    height, width = drawing.shape[:2]
    away = np.hypot(*(middles - (0.31 * width, 0.86 * height)).T)
    x, y, w, h, _ = boxes[away.argmin()]
    box = slice(y, y + h), slice(x, x + w)
    found = labels[box] == 1 + away.argmin()
    return np.where(found[..., None], drawing[box], 255)[::-1, ::-1]


def _inked(drawing: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns which mark each pixel is of, from 1 on, the marks' boxes with areas, and middles."""
    ink = (drawing.min(2) < 200).astype(np.uint8)
    ink[:2] = ink[-2:] = ink[:, :2] = ink[:, -2:] = 0  # the card's outline
    _, labels, boxes, middles = cv2.connectedComponentsWithStats(ink)
    return labels, boxes[1:], middles[1:]


def _at(mark: np.ndarray, margin: float) -> tuple[slice, slice]:
    start = round(margin)
    return slice(start, start + len(mark)), slice(start, start + mark.shape[1])
