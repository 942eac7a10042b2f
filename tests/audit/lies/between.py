"""Lies between the pictures of a frame's views, and in the files that list all frames."""

import json
import shutil

import numpy as np

from tests.audit.forgery import COCO, FRAMES
from tests.audit.lies.telling import lie


@lie("later_picture", "right_picture")
def further_pictures_are_the_first(copy):
    for i in range(FRAMES):
        for further in ("images_next", "images_right"):
            shutil.copy(copy.path("images", i), copy.path(further, i))


@lie("later_picture")
def later_pictures_of_each_others_frames(copy):
    a, b = copy.path("images_next", 1), copy.path("images_next", 2)
    first, second = a.read_bytes(), b.read_bytes()
    a.write_bytes(second)
    b.write_bytes(first)


@lie("later_picture", "right_picture")
def later_and_right_swapped(copy):
    for i in range(FRAMES):
        a, b = copy.path("images_next", i), copy.path("images_right", i)
        first, second = a.read_bytes(), b.read_bytes()
        a.write_bytes(second)
        b.write_bytes(first)


@lie("flow")
def flow_off_in_one_pixel(copy):
    path = copy.path("flow", 1)
    flow = np.frombuffer(path.read_bytes(), "<f4", offset=12).reshape(-1, 2).copy()
    shown = np.flatnonzero(copy.pixels("instance", 1))
    flow[shown[len(shown) // 3]] += 0.5
    path.write_bytes(path.read_bytes()[:12] + flow.tobytes())


@lie("disparity")
def disparity_off_in_one_pixel(copy):
    disparity = copy.exr("disparity", 1)
    shown = np.flatnonzero(copy.pixels("instance", 1))
    disparity.flat[shown[len(shown) // 3]] += 0.5
    copy.put_exr("disparity", 1, disparity)


@lie("nocs")
def nocs_off_in_one_pixel(copy):
    nocs = copy.pixels("nocs", 1)
    shown = np.flatnonzero(nocs.any(2))
    one = nocs.reshape(-1, 3)[shown[len(shown) // 3]]
    one[:] = np.where(one > 40_000, one - 5_000, one + 5_000)
    copy.paint("nocs", 1, nocs)


@lie("flow_valid")
def flow_valid_is_one(copy):
    copy.paint("flow_valid", 1, copy.pixels("flow_valid", 1) // 255)


@lie("pointcloud")
def some_points_twice(copy):
    path = copy.path("pointcloud", 1)
    head, end, body = path.read_bytes().partition(b"end_header\n")
    points = np.frombuffer(body, np.uint8).reshape(-1, 17).copy()
    points[:50] = points[50:100]
    path.write_bytes(head + end + points.tobytes())


def in_panoptic(change):
    """Returns a lie that changes panoptic.json."""

    def tell(copy):
        path = copy.folder / "annotations/panoptic.json"
        content = json.loads(path.read_bytes())
        change(content)
        path.write_text(json.dumps(content))

    tell.__name__ = change.__name__
    return tell


@lie("panoptic_file", late=True)
@in_panoptic
def panoptic_entry_dropped(content):
    del content["annotations"][1]


@lie("panoptic_file", late=True)
@in_panoptic
def panoptic_entry_twice(content):
    content["annotations"].append(content["annotations"][1])


@lie("panoptic_entry", late=True)
@in_panoptic
def panoptic_maps_swapped(content):
    a, b = content["annotations"][:2]
    a["file_name"], b["file_name"] = b["file_name"], a["file_name"]


@lie("panoptic_file", late=True)
@in_panoptic
def panoptic_images_swapped(content):
    a, b = content["images"][:2]
    a["file_name"], b["file_name"] = b["file_name"], a["file_name"]


@lie("panoptic_file", late=True)
@in_panoptic
def panoptic_image_dropped(content):
    del content["images"][2]


@lie("panoptic_file", late=True)
@in_panoptic
def thing_listed_as_stuff(content):
    content["categories"][0]["isthing"] = 0


@lie("panoptic_file", late=True)
@in_panoptic
def panoptic_categories_of_another_order(content):
    a, b = content["categories"][:2]
    for entry in content["annotations"]:
        for part in entry["segments_info"]:
            swapped = {a["id"]: b["id"], b["id"]: a["id"]}
            part["category_id"] = swapped.get(part["category_id"], part["category_id"])
    a["id"], b["id"] = b["id"], a["id"]


@lie("panoptic_entry", late=True)
@in_panoptic
def segment_listed_twice(content):
    parts = content["annotations"][0]["segments_info"]
    parts.append(parts[0])


@lie("panoptic_entry", late=True)
@in_panoptic
def segment_is_a_crowd(content):
    content["annotations"][0]["segments_info"][0]["iscrowd"] = 1


@lie("annotation_file", late=True)
def annotations_lost(copy):
    (copy.folder / COCO).unlink()


@lie("keypoint_list", late=True)
def names_of_keypoints_swapped(copy):
    content = copy.coco()
    names = next(kind["keypoints"] for kind in content["categories"] if "keypoints" in kind)
    names[0], names[1] = names[1], names[0]
    copy.put_coco(content)


@lie("keypoint_list", late=True)
def skeleton_of_other_keypoints(copy):
    content = copy.coco()
    next(kind for kind in content["categories"] if "keypoints" in kind)["skeleton"] = [[0, 99]]
    copy.put_coco(content)


@lie("fields", late=True)
def pose_left_out_once(copy):
    content = copy.coco()
    del content["annotations"][3]["pose"]
    copy.put_coco(content)
