"""panoptic.json: every frame once, with its own map, and categories that are those of the dataset.

What it says of single segments is held against the maps in assembled.py.
"""

from collections import Counter
from collections.abc import Iterator

from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.folder import PANOPTIC, Folder
from simgen.audit.frame import Frame


@check("record", "panoptic", "segments", file="panoptic")
def panoptic_entry(frame: Frame) -> Iterator[Case]:
    """Each frame's entry in panoptic.json names its map, and each segment once, none as a crowd."""
    expected = frame.layers.paths["panoptic"].removeprefix("panoptic/")
    found = frame.segments.get("file_name")
    if found == expected:
        yield fine(1)
    else:
        yield wrong(f"panoptic.json names the map {found!r}", expected=expected, found=found)
    parts = frame.segments.get("segments_info", ())
    for value, count in Counter(part.get("id") for part in parts).items():
        if count > 1:
            text = f"segment {value} is listed {count} times"
            yield wrong(text, instance=value, expected=1, found=count)
    for part in parts:
        if part.get("iscrowd", 0):
            text = "a segment is one object, and listed as a crowd"
            yield wrong(text, instance=part.get("id"), expected=0, found=part["iscrowd"])


@check("card", whole=True)
def panoptic_file(folder: Folder) -> Iterator[Case]:
    """panoptic.json has each frame's image and entry once, and the dataset's categories."""
    if not folder.panoptic:
        return
    yield from _images(folder)
    for number in folder.numbers:
        count = len(folder.panoptic.annotations.get(number, ()))
        if count == 1:
            yield fine(1)
        else:
            text = f"{count} entries of frame {number}"
            yield wrong(text, file=PANOPTIC, frame=number, expected=1, found=count)
    found, things = folder.panoptic.kinds, folder.source.categories
    for number, name in things.items():
        expected = {"id": number, "name": name, "isthing": 1}
        yield from _category(expected, found.get(number, {}))
    for number, entry in found.items():
        if number not in things:
            yield from _category({"id": number, "isthing": 0}, entry)


def _images(folder: Folder) -> Iterator[Case]:
    found = {entry["id"]: entry for entry in folder.panoptic.images}
    numbers = set(folder.numbers)
    for number in sorted(numbers | found.keys(), key=str):
        if number not in found or number not in numbers:
            text = "an image of no frame" if number in found else "no image of the frame"
            yield wrong(text, file=PANOPTIC, frame=number)
        elif number in folder.entries and found[number] != folder.entries[number]:
            text = "the image's entry is not that of the annotation file"
            yield wrong(text, file=PANOPTIC, frame=number, expected=folder.entries[number],
                        found=found[number])  # fmt: skip
        else:
            yield fine(1)


def _category(expected: dict, found: dict) -> Iterator[Case]:
    said = {name: found.get(name) for name in expected}
    if said == expected:
        yield fine(1)
    else:
        text = f"category {expected['id']} is {said}, not {expected}"
        yield wrong(text, file=PANOPTIC, expected=expected, found=said)
