"""What COCO's file says of an image, an object and a category."""

from collections.abc import Collection, Iterable
from typing import Any

from simgen.errors import SimgenError
from simgen.frame import Instance, Rle
from simgen.geometry import intrinsics
from simgen.props import skeleton
from simgen.record import Record
from simgen.spec import Camera

IDS_PER_FRAME = 65536  # instance ids are 16-bit


def image_entry(record: Record) -> dict[str, Any]:
    """Returns the entry of a frame's image."""
    name = next(path for path in record.files if path.startswith("images/"))
    return picture_entry(record.frame, name.removeprefix("images/"), record.spec.camera)


def picture_entry(frame: int, name: str, camera: Camera) -> dict[str, Any]:
    """Returns the entry of a frame's image that has this file name."""
    return {
        "id": frame,
        "file_name": name,
        "width": camera.width,
        "height": camera.height,
        "intrinsics": intrinsics(camera).tolist(),
        "lens": camera.lens,
    }


def annotation_entry(
    frame: int, label: Instance, category: int, include: Collection[str]
) -> dict[str, Any]:
    """Returns the entry of an object, with the EXTRAS that are named."""
    entry = {
        "id": frame * IDS_PER_FRAME + label.id,
        "image_id": frame,
        "category_id": category,
        "bbox": label.box,
        "area": label.area,
        "iscrowd": 0,
        "segmentation": _rle(label.mask),
        "instance_id": label.id,
        "visible_fraction": label.visible_fraction,
        "truncation": label.truncation,
    }
    if label.attributes:
        entry["attributes"] = label.attributes
    for name in include:
        entry |= EXTRAS[name](label)
    return entry


def _rle(mask: Rle) -> dict[str, Any]:
    return {"size": mask.size, "counts": mask.counts}


def _amodal(label: Instance) -> dict[str, Any]:
    return {
        "amodal_bbox": label.amodal_box,
        "amodal_area": label.amodal_area,
        "amodal_segmentation": _rle(label.amodal_mask),
    }


def _keypoints(label: Instance) -> dict[str, Any]:
    if not label.keypoints:
        return {"num_keypoints": 0}  # COCOeval asks it of every annotation
    return {
        "keypoints": [value for k in label.keypoints for value in (k.x, k.y, k.visibility)],
        "num_keypoints": sum(k.visibility > 0 for k in label.keypoints),
    }


def _cuboid(label: Instance) -> dict[str, Any]:
    return {"cuboid": label.cuboid, "cuboid_px": label.cuboid_px}


def _pose(label: Instance) -> dict[str, Any]:
    pose = {"position": label.camera_position, "rotation": label.camera_rotation}
    return {"pose": pose, "scale": label.scale}


def _occluders(label: Instance) -> dict[str, Any]:
    return {"occluders": label.occluders}


EXTRAS = {
    "amodal": _amodal,
    "keypoints": _keypoints,
    "cuboid": _cuboid,
    "pose": _pose,
    "occluders": _occluders,
}


class Keypoints:
    """The keypoints that the objects of each category have, seen one by one: the same for all."""

    def __init__(self):
        self._found: dict[str, tuple[str, tuple[str, ...]]] = {}

    def add(self, category: str, prop: str, names: Iterable[str]) -> None:
        """Raises SimgenError where another object of the category had others."""
        names = tuple(names)
        other, known = self._found.setdefault(category, (prop, names))
        if names != known:
            raise SimgenError(
                f"category {category!r} has objects of the props {other!r} and {prop!r} with other "
                f"keypoints, and COCO has one list for a category: give the props categories of "
                f"their own, or leave keypoints out of writer.coco.include"
            )

    def of(self, category: str) -> dict[str, Any]:
        """Returns what COCO's entry of a category says of them: nothing where there are none."""
        prop, names = self._found.get(category, ("", ()))
        if not names:
            return {}
        place = {name: i for i, name in enumerate(names, 1)}
        lines = [[place[a], place[b]] for a, b in skeleton(prop)]
        return {"keypoints": names, "skeleton": lines}
