"""Draws the printed images that props carry and enters them in manifest.yaml.

    python assets/make_labels.py

Everything on them is invented: names, addresses, numbers, logos. The bars and matrices imitate
codes and encode nothing. The same run gives the same pixels.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import cv2
import numpy as np
import yaml

HERE = Path(__file__).resolve().parent
BLACK, WHITE, GREY = (25, 25, 25), (246, 247, 248), (120, 120, 120)  # sRGB as OpenCV's BGR
RED, BLUE, GREEN, KRAFT = (38, 38, 190), (110, 60, 20), (80, 105, 25), (106, 141, 172)
OVERSAMPLING = 4

Point = tuple[float, float]


class Sheet:
    """A sheet of paper, `width` x `height` pixels, drawn on in those pixels, y downwards."""

    def __init__(self, width: int, height: int, color=WHITE):
        self.size = width, height
        self.pixels = np.full((height * OVERSAMPLING, width * OVERSAMPLING, 3), color, np.uint8)

    def box(self, x: float, y: float, w: float, h: float, color=BLACK, line: float = 0) -> None:
        thick = round(line * OVERSAMPLING) if line else cv2.FILLED
        corners = _fine((x, y)), _fine((x + w, y + h))
        cv2.rectangle(self.pixels, *corners, color, thick)

    def polygon(self, *points: Point, color=BLACK) -> None:
        cv2.fillPoly(self.pixels, [np.array([_fine(p) for p in points])], color, cv2.LINE_AA)

    def line(self, *points: Point, color=BLACK, width: float = 1) -> None:
        thick = round(width * OVERSAMPLING)
        for a, b in zip(points, points[1:]):
            cv2.line(self.pixels, _fine(a), _fine(b), color, thick, cv2.LINE_AA)

    def disc(self, x: float, y: float, radii: Point, color=BLACK, line: float = 0) -> None:
        thick = round(line * OVERSAMPLING) if line else cv2.FILLED
        cv2.ellipse(self.pixels, _fine((x, y)), _fine(radii), 0, 0, 360, color, thick, cv2.LINE_AA)

    def text(self, x: float, y: float, words: str, height: float, color=BLACK, bold=0.14) -> None:
        """Writes on the base line y, capitals `height` high."""
        scale = height * OVERSAMPLING / 21
        thick = max(1, round(bold * height * OVERSAMPLING))
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(self.pixels, words, _fine((x, y)), font, scale, color, thick, cv2.LINE_AA)

    def bars(self, x: float, y: float, w: float, h: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        edges = rng.choice([1, 1, 2, 3], 2 * int(w / 3.4)).cumsum()
        edges = x + w * np.concatenate([[0], edges]) / edges[-1]
        for left, right in zip(edges[::2], edges[1::2]):
            self.box(left, y, right - left - 0.25, h)

    def matrix(self, x: float, y: float, side: float, seed: int, cells: int = 21) -> None:
        dark = np.random.default_rng(seed).random((cells, cells)) < 0.5
        for corner in ((0, 0), (0, cells - 7), (cells - 7, 0)):
            rows, cols = (slice(c, c + 7) for c in corner)
            ring = np.abs(np.indices((7, 7)) - 3).max(0)
            dark[rows, cols] = ring != 2
        step = side / cells
        for row, col in np.argwhere(dark):
            self.box(x + col * step, y + row * step, step - 0.25, step - 0.25)

    def png(self) -> bytes:
        small = cv2.resize(self.pixels, self.size, interpolation=cv2.INTER_AREA)
        return cv2.imencode(".png", small, [cv2.IMWRITE_PNG_COMPRESSION, 9])[1].tobytes()


def _fine(point: Point) -> tuple[int, int]:
    return tuple(round(v * OVERSAMPLING) for v in point)


def label_parcel() -> Sheet:
    """A parcel's label: sender, receiver, service letter, codes."""
    s = Sheet(256, 384)
    s.box(6, 6, 244, 372, line=2)
    s.box(6, 6, 244, 44)
    s.text(16, 38, "VELOPAR", 20, WHITE)
    s.text(204, 38, "P2", 20, WHITE)
    s.text(14, 68, "Tyra Lind, Hamngatan 4, 00107 Viksund", 6, GREY)
    for i, words in enumerate(("BERGMANN MONTAGE", "WERKSTR. 18", "00193 AHLBRUCK")):
        s.text(16, 98 + 22 * i, words, 13)
    s.line((6, 156), (250, 156), width=2)
    s.matrix(16, 166, 84, seed=1)
    s.text(112, 190, "2.40 KG", 13)
    s.text(112, 214, "1 / 3", 13)
    s.text(112, 244, "D-7019", 18)
    s.line((6, 260), (250, 260), width=2)
    s.bars(22, 270, 212, 78, seed=2)
    s.text(50, 368, "0043 7719 2050 8816", 9)
    return s


def label_freight() -> Sheet:
    """A freight label: a large routing code and two bar codes."""
    s = Sheet(256, 384)
    s.box(6, 6, 244, 372, line=2)
    s.text(14, 26, "FROM: KALTER & SOHN GMBH", 8)
    s.text(14, 42, "INDUSTRIEWEG 3, 0404 REUTHAL", 8)
    s.line((6, 52), (250, 52), width=2)
    s.text(14, 72, "TO: HALLE 4, TOR 12", 10)
    s.text(14, 92, "LOGISTIKPARK SUED", 10)
    s.line((6, 104), (250, 104), width=2)
    s.box(6, 104, 100, 66)
    s.text(16, 156, "R7", 42, WHITE)
    s.text(116, 128, "CONTENT 04012345000092", 6)
    s.text(116, 144, "COUNT 24   LOT 8A21", 6)
    s.text(116, 160, "BEST BEFORE 31.12.", 6)
    s.line((6, 170), (250, 170), width=2)
    s.bars(20, 182, 216, 66, seed=3)
    s.text(40, 264, "(02)04012345000092(37)24", 7)
    s.bars(20, 278, 216, 76, seed=4)
    s.text(52, 370, "(00)340123450000000184", 7)
    return s


def label_return() -> Sheet:
    """A label with a coloured head, a matrix code and one address."""
    s = Sheet(256, 384)
    s.box(0, 0, 256, 84, GREEN)
    s.disc(42, 42, (26, 26), WHITE)
    s.polygon((30, 42), (46, 26), (46, 36), (58, 36), (58, 48), (46, 48), (46, 58), color=GREEN)
    s.text(82, 38, "retour", 22, WHITE)
    s.text(84, 66, "free of charge", 10, WHITE)
    for i, words in enumerate(("Varmo Returns Centre", "Dock 7, Canal Road", "XH9 4QT Harwick")):
        s.text(18, 114 + 20 * i, words, 11)
    s.matrix(64, 178, 128, seed=5, cells=25)
    s.bars(28, 322, 200, 38, seed=6)
    s.text(70, 376, "RX 881 204 7 GB", 8)
    return s


def label_crate() -> Sheet:
    """The card in a crate's label holder: 210 x 74 mm, fields as on a goods tag."""
    s = Sheet(384, 135)
    s.box(3, 3, 378, 129, line=1.5)
    for y in (38, 78):
        s.line((3, y), (381, y), width=1.5)
    for x, y, h in ((190, 3, 75), (250, 78, 54)):
        s.line((x, y), (x, y + h), width=1.5)
    for x, y, words in (
        (8, 12, "RECEIVER"), (195, 12, "DOCK"), (8, 47, "PART NO"),
        (195, 47, "QUANTITY"), (8, 87, "SERIAL NO"), (255, 87, "SUPPLIER"),
    ):  # fmt: skip
        s.text(x, y, words, 5, bold=0.1)
    s.text(10, 31, "WERK 12 AHLBRUCK", 11)
    s.text(200, 32, "B-07", 15)
    s.text(10, 72, "K40 812 77", 18)
    s.text(200, 72, "480 PC", 18)
    s.bars(12, 92, 220, 34, seed=7)
    s.text(258, 108, "KALTER", 13)
    s.text(258, 126, "0098817", 10)
    return s


def _glass(s: Sheet, x: float, y: float, size: float, color) -> None:
    u = size / 10
    bowl = ((-2.6, -4), (2.6, -4), (2.2, 0), (1, 1.3), (-1, 1.3), (-2.2, 0))
    s.polygon(*((x + dx * u, y + dy * u) for dx, dy in bowl), color=color)
    s.box(x - 0.4 * u, y + u, 0.8 * u, 2.4 * u, color)
    s.box(x - 2.2 * u, y + 3.3 * u, 4.4 * u, 0.8 * u, color)


def _arrows(s: Sheet, x: float, y: float, size: float, color) -> None:
    u = size / 10
    for cx in (x - 2.2 * u, x + 2.2 * u):
        s.polygon(
            (cx, y - 4 * u), (cx + 1.8 * u, y - 1.2 * u), (cx - 1.8 * u, y - 1.2 * u), color=color
        )
        s.box(cx - 0.6 * u, y - 1.4 * u, 1.2 * u, 4 * u, color)
    s.box(x - 4.2 * u, y + 3.3 * u, 8.4 * u, 0.8 * u, color)


def _umbrella(s: Sheet, x: float, y: float, size: float, color, paper) -> None:
    u = size / 10
    s.disc(x, y, (4.2 * u, 3 * u), color)
    s.box(x - 4.4 * u, y, 8.8 * u, 3.2 * u, paper)
    s.box(x - 0.3 * u, y - 3.4 * u, 0.6 * u, 6.6 * u, color)
    s.line(
        (x, y + 3.2 * u),
        (x + 0.7 * u, y + 4 * u),
        (x + 1.6 * u, y + 3.2 * u),
        color=color,
        width=0.6 * u,
    )
    for dx, dy in ((-3.2, -3.4), (3.2, -3.4), (-1.4, -4.3), (1.8, -4.3)):
        s.line(
            (x + dx * u, y + dy * u),
            (x + (dx - 0.3) * u, y + (dy + 0.9) * u),
            color=color,
            width=0.4 * u,
        )


def print_handling() -> Sheet:
    """Three handling symbols side by side: fragile, this way up, keep dry."""
    s = Sheet(384, 192)
    for i in range(3):
        s.box(10 + 124 * i, 10, 116, 172, line=5)
    _glass(s, 68, 96, 140, BLACK)
    _arrows(s, 192, 96, 118, BLACK)
    _umbrella(s, 316, 100, 112, BLACK, WHITE)
    return s


def print_fragile() -> Sheet:
    """A red sticker with a glass."""
    s = Sheet(384, 192, RED)
    s.box(10, 10, 364, 172, WHITE, line=4)
    _glass(s, 78, 96, 130, WHITE)
    s.text(142, 92, "FRAGILE", 38, WHITE, bold=0.18)
    s.text(146, 142, "handle with care", 17, WHITE)
    return s


def print_brand_a() -> Sheet:
    """An invented maker's block print: three peaks and a name."""
    s = Sheet(384, 192, BLUE)
    for x, h in ((64, 84), (104, 112), (144, 70)):
        s.polygon((x - 44, 140), (x, 140 - h), (x + 44, 140), color=KRAFT)
        s.polygon((x - 18, 140), (x, 140 - 0.45 * h), (x + 18, 140), color=BLUE)
    s.text(196, 92, "HALDUR", 30, KRAFT, bold=0.2)
    s.text(198, 126, "TOOLS & PARTS", 14, KRAFT)
    s.box(20, 152, 344, 8, KRAFT)
    return s


def print_brand_b() -> Sheet:
    """An invented shipper's block print: a ring and a name."""
    s = Sheet(384, 192, BLACK)
    s.disc(86, 96, (58, 58), KRAFT, line=14)
    s.disc(86, 96, (22, 22), KRAFT)
    s.text(166, 100, "orbino", 44, KRAFT, bold=0.2)
    s.text(170, 140, "everyday things", 15, KRAFT)
    return s


def stamp_pallet() -> Sheet:
    """The outer face of a pressed-wood block, branded with an oval and a mark."""
    s = Sheet(256, 134)
    rng = np.random.default_rng(8)
    shape = s.pixels.shape[:2]
    chips = sum(
        cv2.resize(rng.normal(0, a, (shape[0] // c, shape[1] // (2 * c))), shape[::-1])
        for c, a in ((8, 9), (20, 9), (64, 5))
    )
    s.pixels[:] = np.clip(np.array((108, 145, 172)) + chips[..., None], 0, 255)
    burnt = (38, 52, 70)
    s.disc(128, 67, (96, 47), burnt, line=6)
    s.text(52, 84, "TPX", 36, burnt, bold=0.2)
    s.text(168, 64, "HT", 13, burnt)
    s.text(160, 88, "04-7", 10, burnt)
    return s


DRAWINGS: dict[str, Callable[[], Sheet]] = {
    make.__name__: make
    for make in (
        label_parcel, label_freight, label_return, label_crate,
        print_handling, print_fragile, print_brand_a, print_brand_b, stamp_pallet,
    )
}  # fmt: skip


def main() -> None:
    manifest = HERE / "manifest.yaml"
    entries = yaml.safe_load(manifest.read_text()) if manifest.is_file() else {}
    for name, draw in DRAWINGS.items():
        data = draw().png()
        (HERE / f"{name}.png").write_bytes(data)
        entries[f"{name}.png"] = {
            "title": draw.__doc__.split("\n")[0].rstrip("."),
            "license": "CC0-1.0",
            "source": "drawn for this project by make_labels.py",
            "sha256": sha256(data).hexdigest(),
        }
    text = yaml.safe_dump(entries, width=100, allow_unicode=True)
    manifest.write_text(
        "# Each file of this folder that a render may carry, and whose it is.\n" + text
    )


if __name__ == "__main__":
    main()
