"""The report's pictures: both sides beside each other, and the nearest neighbours among them."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from simgen.audit.reading import Unreadable
from simgen.errors import SimgenError
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.report_parts import missing, section
from simgen.evaluate.results import Copies, Metrics, Pair, Side
from simgen.report.axes import number
from simgen.report.page import escape, picture_uri

EXAMPLES = 9
PAIRS = 6
_THUMB = 300  # px, the longer side
_SHEET = 1600
Finder = Callable[[str], Picture]
_COPIES = "Nearest neighbours and copies"
_READ_EXAMPLES = (
    "Pictures at even distances through each folder, in the order of their names, none chosen by "
    "hand. What can be told at a glance is what a network can tell too."
)
_READ_COPIES = (
    "The pairs that look nearest to the network, laid over each other: the distance says how much "
    "they differ where they differ most, in standard deviations of their brightness. Up to the "
    "threshold it is the same picture, perhaps cropped, brighter or encoded anew: copies of real "
    "ones are a matter of privacy, of synthetic ones of variety. Different scenes lie near 1."
)


def examples(metrics: Metrics) -> str:
    """Returns the section with examples of both sides as HTML."""
    sides = {"synthetic": metrics.synthetic, "real": metrics.real}
    shown = "".join(_side(kind, side) for kind, side in sides.items())
    source = "Folders: " + " and ".join(side.folder or "?" for side in sides.values())
    return section("Side by side", _READ_EXAMPLES, f'<div class="pair">{shown}</div>', source)


def copies(metrics: Metrics) -> str:
    """Returns the section with the nearest neighbours as HTML."""
    found = metrics.copies
    if found is None:
        return missing(_COPIES, "Copies have not been looked for yet.")
    inside = _verdict(found)
    ours, theirs = _finder(metrics.synthetic), _finder(metrics.real)
    for kind, pairs, other in (
        ("real", found.synthetic_of_real, theirs),
        ("synthetic", found.synthetic_of_synthetic, ours),
    ):
        cards = "".join(_pair(p, ours, other) for p in pairs[:PAIRS])
        title = f"Synthetic pictures and the nearest {kind} ones"
        inside += f'<h3>{title}</h3><div class="grid">{cards}</div>' if pairs else ""
    checked = f"N = {found.checked} checked, threshold {_said(found.threshold)}"
    return section(_COPIES, _READ_COPIES, inside, checked, metrics.command)


def sheet(out: Path, name: str) -> str:
    """Returns the contact sheet of the worst misses, '' where it is not there."""
    try:
        pixels = _scaled(Picture(out, name, *_nothing()).read(), _SHEET)
    except Unreadable:
        return ""
    return f'<img class="sheet" src="{picture_uri(pixels)}" alt="the worst misses">'


def _side(kind: str, side: Side) -> str:
    about = f"{kind}: {side.name or '?'}, {side.pictures} pictures"
    return f'<div class="side"><h3>{escape(about)}</h3>{_thumbs(side)}</div>'


def _thumbs(side: Side) -> str:
    if not side.folder:
        return ""
    try:
        found = _opened(side)
    except SimgenError as error:
        return f'<p class="note">{escape(error)}</p>'
    return f'<div class="thumbs">{"".join(_thumb(p) for p in _spaced(found.pictures))}</div>'


def _spaced(pictures: tuple[Picture, ...]) -> list[Picture]:
    count = min(EXAMPLES, len(pictures))
    return [pictures[(2 * i + 1) * len(pictures) // (2 * count)] for i in range(count)]


def _thumb(picture: Picture) -> str:
    try:
        uri = picture_uri(_scaled(picture.read(), _THUMB))
    except Unreadable as error:
        return f'<span class="muted">{escape(error.reason)}</span>'
    return f'<img src="{uri}" alt="" title="{escape(picture.name)}">'


def _pair(pair: Pair, ours: Finder, other: Finder) -> str:
    pictures = ours(pair.synthetic), other(pair.partner)
    names = f"{pair.synthetic} · {pair.partner}"
    return (
        f'<div class="card"><div class="twins">{"".join(_thumb(p) for p in pictures)}</div>'
        f'<p class="source">distance {_said(pair.distance)}<br>{escape(names)}</p></div>'
    )


def _verdict(found: Copies) -> str:
    pairs = found.synthetic_of_real, found.synthetic_of_synthetic
    counts = [len(found.close(each)) for each in pairs]
    if not any(counts):
        return '<p class="note good">No synthetic picture is a copy of another picture.</p>'
    said = f"{counts[0]} copies of real pictures, {counts[1]} of synthetic ones among the closest."
    return f'<p class="warning">{said}</p>'


def _said(value: float | None) -> str:
    return "unknown" if value is None else number(value)


def _finder(side: Side) -> Finder:
    """Returns what finds a side's pictures by name, turned as the labels have it, where any do."""
    try:
        pictures = _opened(side).pictures if side.folder else ()
    except SimgenError:  # each picture tells that it is missing
        pictures = ()
    known = {picture.name: picture for picture in pictures}
    return lambda name: known.get(name) or Picture(Path(side.folder), name, *_nothing())


def _opened(side: Side) -> Pictures:
    return Pictures.open(side.folder, side.annotations)


def _nothing() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)


def _scaled(rgb: np.ndarray, longer: int) -> np.ndarray:
    height, width = rgb.shape[:2]
    scale = longer / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return rgb if scale >= 1 else cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
