"""The gallery: pictures with their labels drawn over them by the reader's browser."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import msgspec

from simgen.report.combinations import SIGHTS, SIZES
from simgen.report.outlines import FINE
from simgen.report.page import escape

MOST = 600  # frames, and bytes of them, in all datasets of a page together
MOST_BYTES = 24_000_000
OVERLAYS = {"boxes": "Boxes", "masks": "Masks", "amodal": "Amodal", "names": "Names"}
SHOWN = {"image": "Picture", "depth": "Depth", "normals": "Normals"}


@dataclass(frozen=True)
class Shelf:
    """The frames of one dataset that a page shows.

    Attributes:
        frames: as `thumbnail` returns them, in the order of the dataset.
        of: how many there are in all.
        classes: how many objects of each class there are in all.
    """

    name: str
    frames: tuple[Mapping[str, Any], ...]
    of: int
    classes: Mapping[str, int]


def fitting(made: Mapping[Any, Mapping[str, Any]], ranked: Sequence[Any], limit: int) -> tuple:
    """Returns as many frames as fit into `limit` bytes, the first ranked, ordered as `made` is."""
    kept, total = set(), 0
    for number in (n for n in ranked if n in made):
        total += len(msgspec.json.encode(made[number]))
        if total > limit:
            break
        kept.add(number)
    return tuple(frame for number, frame in made.items() if number in kept)


def gallery(shelves: Sequence[Shelf]) -> str:
    """Returns the HTML of the controls, and the frames as JSON for gallery.js."""
    classes = _classes(shelves)
    there = {key for shelf in shelves for frame in shelf.frames for key in frame}
    objects = [row for shelf in shelves for frame in shelf.frames for row in frame["objects"]]
    overlays = {"boxes", "names"} | ({"masks"} if any(row[6] for row in objects) else set())
    overlays |= {"amodal"} if any(row[7] for row in objects) else set()
    data = {
        "fine": FINE,
        "classes": list(classes),
        "shelves": [_packed(shelf, list(classes)) for shelf in shelves],
    }
    said = " · ".join(_said(shelf) for shelf in shelves)
    return (
        f'<p class="muted">{said}</p>'
        '<div class="bar" id="bar">'
        f"{_group('overlay', 'Labels', {k: v for k, v in OVERLAYS.items() if k in overlays})}"
        f"{_group('show', 'Show', {k: v for k, v in SHOWN.items() if k in there})}"
        f"{_group('size', 'Size', dict(enumerate(SIZES)))}"
        f"{_group('sight', 'Visibility', _sights(objects))}"
        f"{_group('class', 'Class', _counted(classes))}"
        "</div>"
        '<div class="pages"><button id="back" aria-label="previous page">‹</button>'
        '<span id="where" class="number" role="status"></span>'
        '<button id="next" aria-label="next page">›</button>'
        '<button id="clear" hidden>Show all</button></div>'
        f'<div id="shelves" class="shelves n{len(shelves)}"></div>'
        '<dialog id="large" aria-label="one picture"></dialog>'
        f'<script type="application/json" id="frames">{_json(data)}</script>'
    )


def style() -> str:
    return (files(__package__) / "gallery.css").read_text("utf-8")


def script() -> str:
    return (files(__package__) / "gallery.js").read_text("utf-8")


def _classes(shelves: Iterable[Shelf]) -> dict[str, int]:
    """Returns all classes with their counts, most frequent first."""
    total: dict[str, int] = {}
    for shelf in shelves:
        for name, count in shelf.classes.items():
            total[name] = total.get(name, 0) + count
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0])))


def _packed(shelf: Shelf, classes: list[str]) -> dict[str, Any]:
    place = {name: i for i, name in enumerate(classes)}
    frames = [
        {**frame, "objects": [[place[row[0]], *row[1:]] for row in frame["objects"]]}
        for frame in shelf.frames
    ]
    return {"name": shelf.name, "frames": frames}


def _said(shelf: Shelf) -> str:
    if len(shelf.frames) == shelf.of:
        return f"{escape(shelf.name)}: all {shelf.of:,} pictures"
    return (
        f"{escape(shelf.name)}: {len(shelf.frames):,} of {shelf.of:,} pictures, drawn by lot, "
        "with some of each class"
    )


def _sights(objects: Sequence[Sequence[Any]]) -> dict[int, str]:
    found = {row[5] for row in objects}
    known = {i: name for i, name in enumerate(SIGHTS) if i in found}
    return known if len(known) > 1 else {}


def _counted(classes: Mapping[str, int]) -> dict[int, str]:
    return {i: f"{name} {count:,}" for i, (name, count) in enumerate(classes.items())}


def _group(kind: str, title: str, buttons: Mapping[Any, str]) -> str:
    if not buttons:
        return ""
    inside = "".join(
        f'<button data-kind="{kind}" data-key="{key}" aria-pressed="false">{escape(text)}</button>'
        for key, text in buttons.items()
    )
    return f'<div role="group" aria-label="{title}"><span>{title}</span>{inside}</div>'


def _json(data: Any) -> str:
    """Returns JSON that cannot end the element it stands in."""
    text = msgspec.json.encode(data).decode()
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text
