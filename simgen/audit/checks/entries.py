"""What annotation files say besides boxes and shapes: image sizes, keypoints, further fields."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from simgen.audit.finding import WARNING, Case, check, fine, wrong
from simgen.audit.frame import Frame

_NOT_ALL_HAVE = {"keypoints", "attributes"}  # fields that depend on the object


@check("annotations", file="annotations")
def image_entry(frame: Frame) -> Iterator[Case]:
    """Each image's entry states its width and height in whole pixels."""
    if frame.record or frame.entry is None:
        return
    for name in ("width", "height"):
        value = frame.entry.get(name)
        sound = isinstance(value, int | float) and not isinstance(value, bool)
        if sound and value > 0 and value == int(value):
            yield fine(1)
        elif value is None:
            yield wrong(f"it states no {name}", expected=name, severity=WARNING)
        else:
            text = f"its {name} is no number of pixels: {str(value)[:80]!r}"
            yield wrong(text, expected="a whole number above 0", found=value)


@check("annotations", file="annotations")
def keypoint_list(frame: Frame) -> Iterator[Case]:
    """Keypoints are u, v and 0, 1 or 2 each, those that their category names, and counted right."""
    names = _names(frame)
    for entry in frame.annotations:
        if not isinstance(entry, dict) or entry.get("keypoints") in (None, []):
            continue
        known = frame.settings["kinds"].get(entry.get("category_id"), {})
        expected = names.get(entry.get("instance_id"))
        flaw = _flaw(entry, known, expected)
        if flaw:
            yield wrong(flaw, instance=entry.get("instance_id", entry.get("id")))
        else:
            yield fine(1)


def _names(frame: Frame) -> dict[int, list[str]]:
    labels = frame.record.labels if frame.record else ()
    return {label.id: [point.name for point in label.keypoints] for label in labels}


def _flaw(entry: Mapping[str, Any], kind: Mapping[str, Any], expected: list[str] | None) -> str:
    """Returns what is wrong with an annotation's keypoints; '' if nothing is."""
    values, named = entry["keypoints"], kind.get("keypoints")
    if not isinstance(values, list) or len(values) % 3 or not all(map(_is_number, values)):
        return "its keypoints are not u, v and visibility of each"
    seen = values[2::3]
    if not set(seen) <= {0, 1, 2}:
        return f"a keypoint's visibility is {next(v for v in seen if v not in (0, 1, 2))}"
    if not isinstance(named, list) or len(named) != len(seen):
        return f"{len(seen)} keypoints, its category does not name as many"
    if expected is not None and named != expected:
        return "its category names other keypoints than the record, or in another order"
    if not _joins(kind.get("skeleton") or [], len(named)):
        return f"its category's skeleton is not of pairs from 1 to {len(named)}"
    counted = sum(v > 0 for v in seen)
    if entry.get("num_keypoints", counted) != counted:
        return f"num_keypoints={entry['num_keypoints']!s:.80}, {counted} are in the picture"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _joins(skeleton: Any, count: int) -> bool:
    return isinstance(skeleton, list) and all(
        isinstance(pair, list)
        and len(pair) == 2
        and all(type(end) is int and 1 <= end <= count for end in pair)
        for pair in skeleton
    )


def _same_fields(notes: list[tuple[int, tuple[str, dict[Any, frozenset[str]]]]]) -> Iterator[Case]:
    every = [fields for _, (_, objects) in notes for fields in objects.values()]
    counts = Counter(name for fields in every for name in fields)
    usual = {name for name, count in counts.items() if 2 * count > len(every)} - _NOT_ALL_HAVE
    for number, (file, objects) in notes:
        for instance, fields in objects.items():
            missing = sorted(usual - fields)
            if missing:
                text = f"it lacks {', '.join(missing)}, which most others have"
                yield wrong(text, file=file, frame=number, instance=instance, expected=missing)
            else:
                yield fine(1)


@check("record", "annotations", file="annotations", conclude=_same_fields)
def fields(frame: Frame) -> tuple[str, dict[Any, frozenset[str]]]:
    """Each annotation has the fields that the others have."""
    entries = [entry for entry in frame.annotations if isinstance(entry, dict)]
    found = {str(entry.get("instance_id")): frozenset(entry) for entry in entries}
    return frame.file("annotations"), found
