"""One object's labels, whether a record of simgen's says them or an annotation of any COCO file."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simgen.frame import Instance

Numbers = tuple[float, ...]
_MOST = 1e10


@dataclass(frozen=True)
class Label:
    """What is claimed of one object; None: nothing is.

    Attributes:
        id: of the instance in its frame, or of the annotation where there is no record.
        category: its name; None: not one of the dataset's.
        mask, amodal_mask: (size, counts) of a run-length code.
        polygons: outlines, x and y by turns.
        crowd: a group, whose mask is drawn loosely.
        flaws: fields that are not what the format says, in words.
    """

    id: Any
    category: str | None
    box: Numbers | None = None
    area: float | None = None
    mask: tuple[Any, Any] | None = None
    polygons: tuple[Numbers, ...] | None = None
    crowd: bool = False
    amodal_box: Numbers | None = None
    amodal_area: float | None = None
    amodal_mask: tuple[Any, Any] | None = None
    visible_fraction: float | None = None
    flaws: tuple[str, ...] = ()


def of_record(instance: Instance) -> Label:
    """Returns what a record says of an object."""
    return Label(
        id=instance.id,
        category=instance.category,
        box=instance.box,
        area=instance.area,
        mask=(instance.mask.size, instance.mask.counts),
        amodal_box=instance.amodal_box,
        amodal_area=instance.amodal_area,
        amodal_mask=(instance.amodal_mask.size, instance.amodal_mask.counts),
        visible_fraction=instance.visible_fraction,
    )


def of_annotation(entry: Any, categories: Mapping[Any, str]) -> Label:
    """Returns what a COCO annotation says, `amodal_*` and `visible_fraction` where it has them."""
    if not isinstance(entry, dict):
        return Label(None, None, flaws=("it is no JSON object",))
    fields = _Fields(entry)
    crowd = entry.get("iscrowd", 0)
    if crowd not in (0, 1):
        fields.flaw(f"iscrowd={crowd!r} is neither 0 nor 1")
    return Label(
        id=fields.hashable("id"),
        category=categories.get(fields.hashable("category_id")),
        box=fields.numbers("bbox", 4),
        area=fields.number("area"),
        **fields.segmentation("segmentation"),
        crowd=crowd == 1,
        amodal_box=fields.numbers("amodal_bbox", 4),
        amodal_area=fields.number("amodal_area"),
        amodal_mask=fields.segmentation("amodal_segmentation")["mask"],
        visible_fraction=fields.number("visible_fraction"),
        flaws=tuple(fields.flaws),
    )


class _Fields:
    """An annotation's fields, each as its type or None; what is neither is noted."""

    def __init__(self, entry: dict[str, Any]):
        self.entry, self.flaws = entry, []

    def flaw(self, text: str) -> None:
        self.flaws.append(text if len(text) < 200 else f"{text[:200]}...")

    def hashable(self, name: str) -> Any:
        value = self.entry.get(name)
        if isinstance(value, int | str) and not isinstance(value, bool):
            return value
        self.flaw(f"{name}={value!r} is no id")
        return None

    def number(self, name: str) -> float | None:
        value = self.entry.get(name)
        if value is None or _is_number(value):
            return value
        self.flaw(f"{name}={value!r} is no number")
        return None

    def numbers(self, name: str, count: int) -> Numbers | None:
        value = self.entry.get(name)
        if value is None or value == []:
            return None
        if isinstance(value, list) and len(value) == count and all(map(_is_number, value)):
            return tuple(value)
        self.flaw(f"{name}={value!r} is not {count} numbers")
        return None

    def segmentation(self, name: str) -> dict[str, Any]:
        """Returns {'mask': ...}, {'polygons': ...} or both None."""
        value = self.entry.get(name)
        if isinstance(value, dict) and {"size", "counts"} <= value.keys():
            return {"mask": (value["size"], value["counts"]), "polygons": None}
        if isinstance(value, list) and value and all(map(_is_outline, value)):
            return {"mask": None, "polygons": tuple(map(tuple, value))}
        if value not in (None, [], {}):
            self.flaw(f"{name} is neither outlines of 3 or more points nor a run-length code")
        return {"mask": None, "polygons": None}


def _is_number(value: Any) -> bool:
    """Tells whether a value may be a length or area in pixels."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _MOST


def _is_outline(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) >= 6
        and len(value) % 2 == 0
        and all(map(_is_number, value))
    )
