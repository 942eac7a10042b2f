"""Lies in the instance map."""

import cv2
import numpy as np

from tests.audit.lies.telling import biggest, lie


@lie("map_masks")
def swapped_ids(copy):
    paint_instance(copy, 1, {biggest(copy, 1): biggest(copy, 1, 1)}, both=True)


@lie("seen_first", "depth_on_mesh", "depth_in_cuboid")
def swapped_ids_everywhere(copy):
    """The masks go along: only geometry can tell."""
    a, b = biggest(copy, 3), biggest(copy, 3, 1)
    paint_instance(copy, 3, {a: b}, both=True)
    names = ("mask", "box", "area", "amodal_mask", "amodal_box", "amodal_area",
             "visible_fraction", "truncation")  # fmt: skip
    one, other = copy.label(3, a), copy.label(3, b)
    for name in names:
        one[name], other[name] = other[name], one[name]
    for label in copy.labels(3):
        copy.put_occluders(3, label["id"])


@lie("seen_first", "depth_on_mesh")
def merged_instances(copy):
    """Two objects become one, whose masks, figures and neighbours all agree to it."""
    a, b = neighbours(copy, 3)
    paint_instance(copy, 3, {b: a})
    visible = copy.mask(3, a) | copy.mask(3, b)
    whole = copy.mask(3, a, "amodal_mask") | copy.mask(3, b, "amodal_mask")
    copy.labels(3).remove(copy.label(3, b))
    copy.put_mask(3, a, visible)
    copy.put_amodal(3, a, whole)
    for label in copy.labels(3):
        copy.put_occluders(3, label["id"])


@lie("depth_on_mesh", "seen_first")
def grown_object_everywhere(copy):
    """An object takes a pixel all around from its neighbours, in mask and map."""
    number = biggest(copy, 3)
    grown = cv2.dilate(copy.mask(3, number).astype(np.uint8), None) > 0
    shown = copy.pixels("instance", 3)
    shown[grown] = number
    copy.paint("instance", 3, shown)
    keep = {value for value in np.unique(shown).tolist()}
    copy.records[3]["labels"] = [each for each in copy.labels(3) if each["id"] in keep]
    for label in copy.labels(3):
        copy.put_mask(3, label["id"], shown == label["id"])
    copy.put_amodal(3, number, copy.mask(3, number, "amodal_mask") | grown)
    for label in copy.labels(3):
        copy.put_occluders(3, label["id"])


@lie("map_masks", "map_ids")
def eight_bit_instance_map(copy):
    shown = copy.pixels("instance", 0)
    assert shown.max() > 255
    copy.paint("instance", 0, (shown & 0xFF).astype(np.uint8))


@lie("map_ids")
def stranger_in_the_map(copy):
    shown = copy.pixels("instance", 1)
    shown[shown == 1] = len(copy.records[1]["spec"]["bodies"]) + 1
    copy.paint("instance", 1, shown)


@lie("semantic")
def semantic_off_by_one(copy):
    shown = copy.pixels("semantic", 2)
    copy.paint("semantic", 2, np.where(shown > 0, shown + 1, 0).astype(shown.dtype))


def paint_instance(copy, frame, to, both=False):
    shown = copy.pixels("instance", frame)
    swapped = shown.copy()
    for a, b in to.items():
        swapped[shown == a] = b
        if both:
            swapped[shown == b] = a
    copy.paint("instance", frame, swapped)


def neighbours(copy, frame):
    """Returns two objects of one category, the second the largest but one of its kind."""
    first = copy.label(frame, biggest(copy, frame))
    others = [each for each in copy.labels(frame) if each["category"] == first["category"]]
    return first["id"], max((o for o in others if o is not first), key=lambda o: o["area"])["id"]
