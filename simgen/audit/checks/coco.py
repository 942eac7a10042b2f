"""The annotation file of a dataset against its records: the same objects, no more, no fewer."""

from collections.abc import Iterator
from math import isclose
from typing import Any

from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.folder import Folder
from simgen.audit.frame import Frame
from simgen.frame import Instance
from simgen.spec import Camera

_IDS_PER_FRAME = 65536


@check("record", "annotations", file="annotations")
def coco_image(frame: Frame) -> Iterator[Case]:
    """The annotation file names each frame's image, with the size and camera of its record."""
    if frame.entry is None:
        yield wrong(f"it has no image of frame {frame.number}", expected=frame.number)
        return
    camera = frame.record.spec.camera
    expected = {
        "file_name": (frame.layers.image or "").removeprefix("images/"),
        "width": camera.width,
        "height": camera.height,
    } | {name: value for name, value in _optics(camera).items() if name in frame.entry}
    for name, value in expected.items():
        found = frame.entry.get(name)
        if _same(value, found):
            yield fine(1)
        else:
            text = f"image {frame.number} has {name}={_short(found)}, the record {_short(value)}"
            yield wrong(text, expected=value, found=found)


@check("record", "annotations", file="annotations")
def coco_objects(frame: Frame) -> Iterator[Case]:
    """Each labelled object has one annotation, and each annotation is one of them."""
    entries = [entry for entry in frame.annotations if isinstance(entry, dict)]
    found = [entry.get("instance_id") for entry in entries]
    for label in frame.record.labels:
        wanted = int(_wanted(label, frame.settings["info"]))
        if found.count(label.id) == wanted:
            yield fine(1)
        else:
            text = f"{found.count(label.id)} annotations of an object that should have {wanted}"
            yield wrong(text, instance=label.id, expected=wanted, found=found.count(label.id))
    known = {label.id for label in frame.record.labels}
    for number in found:
        if number not in known:
            yield wrong("an annotation of no object in the record", instance=number)


@check("record", "annotations", file="annotations")
def coco_values(frame: Frame) -> Iterator[Case]:
    """Each value in the annotation file is the record's."""
    labels = {label.id: label for label in frame.record.labels}
    ids = {name: number for number, name in frame.categories.items()}
    for entry in frame.annotations:
        label = labels.get(entry.get("instance_id")) if isinstance(entry, dict) else None
        if not label:
            continue
        expected = _required(frame.number, label, ids.get(label.category))
        expected |= {name: of(label) for name, of in _EXTRAS.items() if name in entry}
        wrongs = [name for name, value in expected.items() if not _same(value, entry.get(name))]
        yield fine(len(expected) - len(wrongs))
        for name in wrongs:
            value, found = expected[name], entry.get(name)
            text = f"{name}={_short(found)}, the record has {_short(value)}"
            yield wrong(text, instance=label.id, expected=value, found=found)


@check("annotations", file="annotations", whole=True)
def coco_ids(folder: Folder) -> Iterator[Case]:
    """Ids are used once in the annotation file, and refer to what is there."""
    coco = folder.coco
    for kind, values in coco.repeated.items():
        yield fine(1)
        for value in values:
            yield wrong(f"{kind} {value!r} is used more than once", found=value)
    for annotation, image in coco.strays:
        text = f"annotation {annotation!r} is of image {image!r}, which the file does not have"
        yield wrong(text, instance=annotation, found=image)
    if coco.damaged:
        yield wrong(f"{coco.damaged} images have no id that is a whole number or a text")


@check("card", "annotations", file="annotations", whole=True)
def coco_card(folder: Folder) -> Iterator[Case]:
    """The annotation file has the dataset's categories, and images of its frames alone."""
    if folder.coco.categories == folder.source.categories:
        yield fine(len(folder.coco.categories))
    else:
        yield wrong("its categories are not those of dataset.json",
                    expected=folder.source.categories, found=folder.coco.categories)  # fmt: skip
    known = set(folder.numbers)
    for entry in folder.coco.images:
        if entry["id"] in known:
            yield fine(1)
        else:
            yield wrong(f"image {entry['id']!r} has no record", found=entry["id"])


def _wanted(label: Instance, info: dict[str, Any]) -> bool:
    """Tells whether the thresholds that the file states let an object in."""
    pixels, share = info.get("min_visible_px", 1), info.get("min_visible_fraction", 0)
    return label.area >= pixels and label.visible_fraction >= share


def _required(frame: int, label: Instance, category: int | None) -> dict[str, Any]:
    return {
        "id": frame * _IDS_PER_FRAME + label.id,
        "image_id": frame,
        "category_id": category,
        "bbox": label.box,
        "area": label.area,
        "iscrowd": 0,
        "segmentation": {"size": label.mask.size, "counts": label.mask.counts},
        "visible_fraction": label.visible_fraction,
        "truncation": label.truncation,
    }


_EXTRAS = {
    "amodal_bbox": lambda label: label.amodal_box,
    "amodal_area": lambda label: label.amodal_area,
    "amodal_segmentation": lambda label: {
        "size": label.amodal_mask.size,
        "counts": label.amodal_mask.counts,
    },
    "keypoints": lambda label: [v for k in label.keypoints for v in (k.x, k.y, k.visibility)],
    "num_keypoints": lambda label: sum(k.visibility > 0 for k in label.keypoints),
    "cuboid": lambda label: label.cuboid,
    "cuboid_px": lambda label: label.cuboid_px,
    "pose": lambda label: {"position": label.camera_position, "rotation": label.camera_rotation},
    "scale": lambda label: label.scale,
    "occluders": lambda label: label.occluders,
}


def _optics(camera: Camera) -> dict[str, Any]:
    focal = camera.focal_mm / camera.sensor_mm * camera.width
    matrix = [[focal, 0, camera.width / 2], [0, focal, camera.height / 2], [0, 0, 1]]
    lens = {"model": camera.lens.model, "coefficients": camera.lens.coefficients}
    return {"intrinsics": matrix, "lens": lens}


def _same(expected: Any, found: Any) -> bool:
    """Tells whether two values are one in JSON: a list is a tuple, an int a float."""
    if isinstance(expected, dict):
        return (
            isinstance(found, dict)
            and expected.keys() == found.keys()
            and all(_same(value, found[name]) for name, value in expected.items())
        )
    if isinstance(expected, list | tuple):
        return (
            isinstance(found, list)
            and len(expected) == len(found)
            and (list(expected) == found or all(map(_same, expected, found)))
        )
    if isinstance(expected, float) and isinstance(found, int | float):
        return isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    return expected == found


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 80 else f"{text[:77]}..."
