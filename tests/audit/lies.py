"""Kinds of label lie, each a function that tells it in a copy of a good dataset.

Most are told as a clever forger, or a plain bug in a generator, would: checksums are right, and all
that follows from the lie follows it. `@lie(checks)` names checks of which each must find it.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from simgen.audit.camera import project, rotations
from simgen.dataset import CONFIG
from simgen.spec import Camera, Lens
from tests.audit.forgery import FRAMES, SIZE, Copy, coded

WIDTH, HEIGHT = SIZE


@dataclass(frozen=True)
class Lie:
    """A lie and the checks that must find it; `late` ones are told after the files were made."""

    tell: Callable[[Copy], None]
    checks: tuple[str, ...]
    late: bool


LIES: dict[str, Lie] = {}


def lie(*checks: str, late: bool = False):
    def listed(tell: Callable[[Copy], None]) -> Callable[[Copy], None]:
        assert tell.__name__ not in LIES
        LIES[tell.__name__] = Lie(tell, checks, late)
        return tell

    return listed


def biggest(copy: Copy, frame: int, nth: int = 0) -> int:
    """Returns the id of the nth largest object."""
    order = sorted(copy.labels(frame), key=lambda label: -label["area"])
    return order[nth]["id"]


def half_hidden(copy: Copy, frame: int) -> int:
    """Returns the largest object of which a good part is hidden."""
    hidden = (label for label in copy.labels(frame) if 0.2 < label["visible_fraction"] < 0.8)
    return max(hidden, key=lambda label: label["amodal_area"])["id"]


# Boxes, areas and masks


@lie("box")
def box_off_by_one(copy):
    copy.labels(0)[3]["box"][0] += 1


@lie("box")
def box_of_corners(copy):
    """x0, y0, x1, y1 instead of x, y, w, h."""
    label = copy.label(1, biggest(copy, 1))
    x, y, w, h = label["box"]
    label["box"] = [x, y, x + w, y + h]


@lie("area")
def area_of_the_box(copy):
    for label in copy.labels(2):
        label["area"] = label["box"][2] * label["box"][3]
        label["visible_fraction"] = label["area"] / label["amodal_area"]


@lie("map_masks")
def mirrored_mask(copy):
    number = biggest(copy, 1)
    mask, (x, y, w, h) = copy.mask(1, number), copy.label(1, number)["box"]
    mask[y : y + h, x : x + w] = mask[y : y + h, x : x + w][:, ::-1].copy()
    copy.put_mask(1, number, mask)


@lie("map_masks")
def eroded_mask(copy):
    number = biggest(copy, 1)
    copy.put_mask(1, number, cv2.erode(copy.mask(1, number).astype(np.uint8), None) > 0)


@lie("map_masks")
def dilated_mask(copy):
    number = biggest(copy, 3)
    copy.put_mask(3, number, cv2.dilate(copy.mask(3, number).astype(np.uint8), None) > 0)


@lie("map_masks")
def filled_hole(copy):
    number = biggest(copy, 1)
    copy.put_mask(1, number, filled(copy.mask(1, number)))


def filled(mask):
    outlines, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = cv2.drawContours(np.zeros(mask.shape, np.uint8), outlines, -1, 1, cv2.FILLED) > 0
    assert (whole & ~mask).any(), "nothing to fill"
    return whole


@lie("map_masks")
def mask_shifted(copy):
    number = biggest(copy, 1)
    copy.put_mask(1, number, np.roll(copy.mask(1, number), 1, axis=1))


@lie("mask")
def rle_of_wrong_size(copy):
    label = copy.labels(0)[0]
    label["mask"]["size"] = [HEIGHT * 2, WIDTH]


@lie("mask")
def rle_too_short(copy):
    label = copy.labels(0)[0]
    label["mask"]["counts"] = label["mask"]["counts"][:-2]


@lie("mask")
def rle_of_endless_runs(copy):
    copy.labels(0)[0]["mask"]["counts"] = "oooooooooooooooooooooo0"


@lie("mask")
def rle_of_rows(copy):
    """Transposed: pixels counted along rows, as other tools do."""
    label = copy.label(1, biggest(copy, 1))
    label["mask"] = coded(np.ascontiguousarray(copy.mask(1, label["id"]).T))[0]


# The instance map


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


# Which objects there are, and what they are


@lie("map_ids")
def dropped_object(copy):
    copy.labels(0).pop(5)


@lie("coco_objects", late=True)
def dropped_from_coco(copy):
    content = copy.coco()
    content["annotations"].pop(7)
    copy.put_coco(content)


@lie("label_ids")
def label_twice(copy):
    copy.labels(0).append(dict(copy.labels(0)[0]))


@lie("body")
def wrong_category(copy):
    label = copy.label(1, biggest(copy, 1))
    assert label["category"] == "forklift"
    label["category"] = "pallet_truck"


@lie("body", "semantic")
def wrong_category_everywhere(copy):
    """In label and COCO file; scene and semantic map know better."""
    for record in copy.records:
        for label in record["labels"]:
            label["category"] = {"pallet": "carton", "carton": "pallet"}.get(
                label["category"], label["category"]
            )
    copy.paint("semantic", 0, copy.pixels("semantic", 0)[::-1].copy())


@lie("coco_values", late=True)
def wrong_category_in_coco(copy):
    content = copy.coco()
    content["annotations"][3]["category_id"] %= len(content["categories"])
    content["annotations"][3]["category_id"] += 1
    copy.put_coco(content)


@lie("coco_values", late=True)
def unknown_category_id(copy):
    content = copy.coco()
    content["annotations"][3]["category_id"] = 99
    copy.put_coco(content)


@lie("coco_card", late=True)
def categories_renamed(copy):
    content = copy.coco()
    names = [category["name"] for category in content["categories"]]
    for category, name in zip(content["categories"], [names[-1], *names]):
        category["name"] = name
    copy.put_coco(content)


@lie("coco_objects", late=True)
def annotation_duplicated(copy):
    content = copy.coco()
    content["annotations"].append(content["annotations"][0] | {"id": 10**9})
    copy.put_coco(content)


@lie("coco_ids", "coco_values", late=True)
def annotation_ids_clash(copy):
    content = copy.coco()
    content["annotations"][1]["id"] = content["annotations"][0]["id"]
    copy.put_coco(content)


@lie("coco_ids", late=True)
def annotation_of_no_image(copy):
    content = copy.coco()
    content["annotations"][1]["image_id"] = 77
    copy.put_coco(content)


@lie("coco_image", late=True)
def orphan_record(copy):
    content = copy.coco()
    content["images"].pop(2)
    content["annotations"] = [a for a in content["annotations"] if a["image_id"] != 2]
    copy.put_coco(content)


@lie("coco_card", "frames", late=True)
def record_gone(copy):
    (copy.folder / "records/000002.json").unlink()


@lie("coco_image", late=True)
def wrong_image_size_in_coco(copy):
    content = copy.coco()
    content["images"][1]["width"], content["images"][1]["height"] = HEIGHT, WIDTH
    copy.put_coco(content)


@lie("coco_image", late=True)
def wrong_file_name_in_coco(copy):
    content = copy.coco()
    names = [image["file_name"] for image in content["images"]]
    for image, name in zip(content["images"], names[1:] + names[:1]):
        image["file_name"] = name
    copy.put_coco(content)


@lie("coco_image", late=True)
def wrong_intrinsics_in_coco(copy):
    content = copy.coco()
    content["images"][0]["intrinsics"][0][0] *= 1.01
    copy.put_coco(content)


@lie("coco_values", late=True)
def wrong_pose_in_coco(copy):
    content = copy.coco()
    w, x, y, z = content["annotations"][0]["pose"]["rotation"]
    content["annotations"][0]["pose"]["rotation"] = [x, y, z, w]
    copy.put_coco(content)


@lie("coco_values", late=True)
def stale_annotation_file(copy):
    """Made before the objects were moved: all boxes are a pixel off, masks are as they were."""
    content = copy.coco()
    for annotation in content["annotations"]:
        annotation["bbox"][1] += 1
    copy.put_coco(content)


# Whole silhouettes


@lie("amodal_on_mesh")
def amodal_is_modal(copy):
    number = half_hidden(copy, 3)
    copy.put_amodal(3, number, copy.mask(3, number))


@lie("amodal_on_mesh")
def amodal_is_the_box(copy):
    number = biggest(copy, 1)
    x, y, w, h = copy.label(1, number)["amodal_box"]
    whole = np.zeros((HEIGHT, WIDTH), bool)
    whole[y : y + h, x : x + w] = True
    copy.put_amodal(1, number, whole)


@lie("modal_in_amodal")
def amodal_too_small(copy):
    number = biggest(copy, 1)
    whole = copy.mask(1, number, "amodal_mask")
    copy.put_amodal(1, number, cv2.erode(whole.astype(np.uint8), None) > 0)


@lie("amodal_mask")
def amodal_rle_too_short(copy):
    label = copy.labels(0)[0]
    label["amodal_mask"]["counts"] = label["amodal_mask"]["counts"][:-1]


@lie("box_in_cuboid")
def amodal_beyond_the_cuboid(copy):
    number = biggest(copy, 1)
    whole = copy.mask(1, number, "amodal_mask").astype(np.uint8)
    copy.put_amodal(1, number, cv2.dilate(whole, np.ones((9, 9), np.uint8)) > 0)


@lie("amodal_box")
def amodal_box_is_the_visible(copy):
    label = copy.label(3, half_hidden(copy, 3))
    label["amodal_box"] = [*label["box"][:2], label["box"][2], label["box"][3] - 1]


@lie("amodal_area")
def amodal_area_of_the_box(copy):
    label = copy.label(1, biggest(copy, 1))
    label["amodal_area"] = label["amodal_box"][2] * label["amodal_box"][3]


@lie("visible_fraction")
def visibility_inverted(copy):
    for label in copy.labels(3):
        label["visible_fraction"] = 1 - label["visible_fraction"]


@lie("occluders")
def occluder_swapped(copy):
    hidden = copy.label(3, half_hidden(copy, 3))
    hidden["occluders"][0][0] += 1


@lie("truncation")
def truncated_in_the_middle(copy):
    inside = next(
        label
        for label in copy.labels(1)
        if all(at and 0 < at[0] < WIDTH and 0 < at[1] < HEIGHT for at in label["cuboid_px"])
    )
    assert inside["truncation"] == 0
    inside["truncation"] = 0.4


# Depth


@lie("depth_on_mesh")
def distance_as_depth(copy):
    v, u = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    focal = focal_px(copy, 0)
    stretch = np.sqrt(((u - WIDTH / 2) ** 2 + (v - HEIGHT / 2) ** 2) / focal**2 + 1)
    copy.put_exr("depth", 0, copy.exr("depth", 0) * stretch)


@lie("depth_in_cuboid", "depth_on_mesh")
def depth_in_millimetres(copy):
    copy.put_exr("depth", 1, copy.exr("depth", 1) * 1000)


@lie("depth_on_mesh")
def depth_a_centimetre_off(copy):
    copy.put_exr("depth", 1, copy.exr("depth", 1) + 0.01)


@lie("depth_on_mesh")
def depth_shifted(copy):
    copy.put_exr("depth", 1, np.roll(copy.exr("depth", 1), 1, axis=1))


@lie("depth_sound")
def nan_in_depth(copy):
    depth = copy.exr("depth", 2)
    depth[10, 10] = np.nan
    copy.put_exr("depth", 2, depth)


@lie("depth_where")
def depth_lost(copy):
    depth = copy.exr("depth", 2)
    depth[20:30, 20:30] = np.inf
    copy.put_exr("depth", 2, depth)


def focal_px(copy, frame):
    camera = copy.records[frame]["spec"]["camera"]
    return camera["focal_mm"] / camera["sensor_mm"] * camera["width"]


# Further layers


@lie("distance")
def depth_as_distance(copy):
    copy.put_exr("distance", 1, copy.exr("depth", 1))


@lie("normals")
def normals_backwards(copy):
    levels = copy.pixels("normals", 1)
    copy.paint("normals", 1, np.where(levels.any(2, keepdims=True), 65535 - levels, 0))


@lie("normals")
def normals_of_8_bits(copy):
    copy.paint("normals", 1, copy.pixels("normals", 1) // 257 * 257)


@lie("normals_world")
def normals_in_the_wrong_axes(copy):
    copy.path("normals_world", 1).write_bytes(copy.path("normals", 1).read_bytes())


@lie("normals_on_mesh")
def normals_of_a_wall(copy):
    """Of length 1, towards the camera, and alike in both axes."""
    shown = copy.pixels("instance", 1) > 0
    facing = np.array([0.0, 0.0, -1.0])
    world = rotations(camera_of(copy, 1).rotation)[0] @ facing
    for layer, vector in (("normals", facing), ("normals_world", world)):
        levels = np.rint((vector + 1) / 2 * 65535).astype(np.uint16)
        copy.paint(layer, 1, np.where(shown[:, :, None], levels[::-1], np.uint16(0)))


@lie("nocs")
def nocs_in_a_unit_cube(copy):
    """Each axis from 0 to 1, instead of the box's diagonal."""
    levels, number = copy.pixels("nocs", 3), biggest(copy, 3)
    mask = copy.mask(3, number)
    part = levels[mask].astype(float)
    part = (part - part.min(0)) / np.maximum(np.ptp(part, axis=0), 1) * 65535
    levels[mask] = np.rint(part).astype(np.uint16)
    copy.paint("nocs", 3, levels)


@lie("nocs")
def nocs_mirrored(copy):
    levels, number = copy.pixels("nocs", 3), biggest(copy, 3)
    mask = copy.mask(3, number)
    levels[mask, 2] = 65535 - levels[mask, 2]
    copy.paint("nocs", 3, levels)


@lie("amodal_pages")
def amodal_pages_swapped(copy):
    path = copy.path("amodal", 3)
    pages = list(cv2.imreadmulti(str(path), flags=cv2.IMREAD_UNCHANGED)[1])
    pages[0], pages[1] = pages[1], pages[0]
    cv2.imwritemulti(str(path), pages)


@lie("panoptic")
def panoptic_merged(copy):
    a, b = biggest(copy, 3), biggest(copy, 3, 1)
    levels = copy.pixels("panoptic", 3)
    levels[copy.mask(3, a)] = levels[copy.mask(3, b)][0]
    copy.paint("panoptic", 3, levels)


@lie("panoptic_segments", late=True)
def panoptic_area(copy):
    path = copy.folder / "annotations/panoptic.json"
    content = json.loads(path.read_bytes())
    content["annotations"][1]["segments_info"][3]["area"] += 1
    path.write_text(json.dumps(content))


@lie("panoptic_segments", late=True)
def panoptic_category(copy):
    path = copy.folder / "annotations/panoptic.json"
    content = json.loads(path.read_bytes())
    content["annotations"][1]["segments_info"][0]["category_id"] += 1
    path.write_text(json.dumps(content))


@lie("pointcloud")
def pointcloud_without_last_points(copy):
    path = copy.path("pointcloud", 1)
    head, end, body = path.read_bytes().partition(b"end_header\n")
    count = int(head.split(b"element vertex ")[1].split()[0])
    head = head.replace(b"vertex %d" % count, b"vertex %d" % (count - 10))
    path.write_bytes(head + end + body[: -10 * 17])


@lie("pointcloud")
def pointcloud_upside_down(copy):
    """y up and z backwards."""
    path = copy.path("pointcloud", 1)
    head, end, body = path.read_bytes().partition(b"end_header\n")
    points = np.frombuffer(body, np.uint8).reshape(-1, 17).copy()
    xyz = points[:, :12].copy().view("<f4") * np.float32([1, -1, -1])
    points[:, :12] = xyz.view(np.uint8)
    path.write_bytes(head + end + points.tobytes())


@lie("flow")
def flow_backwards(copy):
    path = copy.path("flow", 1)
    data = path.read_bytes()
    path.write_bytes(data[:12] + (-np.frombuffer(data[12:], "<f4")).tobytes())


@lie("flow")
def flow_a_tenth_too_long(copy):
    path = copy.path("flow", 1)
    data = path.read_bytes()
    path.write_bytes(data[:12] + (np.frombuffer(data[12:], "<f4") * np.float32(1.1)).tobytes())


@lie("flow_valid")
def flow_valid_everywhere(copy):
    for i in range(FRAMES):
        copy.paint("flow_valid", i, np.full((HEIGHT, WIDTH), 255, np.uint8))


@lie("disparity")
def disparity_of_the_left(copy):
    copy.put_exr("disparity", 1, -copy.exr("disparity", 1))


@lie("disparity_valid")
def disparity_valid_nowhere(copy):
    copy.paint("disparity_valid", 1, np.zeros((HEIGHT, WIDTH), np.uint8))


@lie("further_pictures")
def second_picture_blank(copy):
    copy.paint("images_next", 1, np.full((HEIGHT, WIDTH, 3), 127, np.uint8))


@lie("agreement")
def engines_disagree_on_a_further_view(copy):
    copy.records[2]["views"]["next"]["pixels"] = 0.9


# Poses, cuboids, keypoints


@lie("body", "camera_rotation")
def quaternion_order(copy):
    for label in copy.labels(1):
        w, x, y, z = label["rotation"]
        label["rotation"] = [x, y, z, w]


@lie("camera_rotation", "cuboid_axes")
def camera_quaternion_order(copy):
    for label in copy.labels(1):
        w, x, y, z = label["camera_rotation"]
        label["camera_rotation"] = [x, y, z, w]


@lie("camera_position")
def opengl_axes(copy):
    """y up and z backwards, as Blender's and OpenGL's cameras have them."""
    for label in copy.labels(1):
        x, y, z = label["camera_position"]
        label["camera_position"] = [x, -y, -z]


@lie("camera_rotation")
def rotation_not_normalised(copy):
    label = copy.labels(1)[0]
    label["camera_rotation"] = [2 * value for value in label["camera_rotation"]]


@lie("depth_on_mesh", "seen_first")
def object_moved_everywhere(copy):
    """Scene and labels agree on a pose that the picture and the depth do not show."""
    number = biggest(copy, 3)
    moved = np.array([0.05, 0.03, 0.0])
    body, label = copy.body(3, number), copy.label(3, number)
    body["position"] = label["position"] = (np.array(body["position"]) + moved).tolist()
    camera = camera_of(copy, 3)
    shift = np.array(turned(camera, moved))
    label["camera_position"] = (np.array(label["camera_position"]) + shift).tolist()
    put_cuboid(copy, 3, number, np.array(label["cuboid"]) + shift)
    for point in label["keypoints"]:
        at = np.array(point["camera_position"]) + shift
        point["camera_position"] = at.tolist()
        if point["visibility"]:
            point["x"], point["y"] = project(camera, at)[0].tolist()


@lie("cuboid", "depth_in_cuboid")
def cuboid_scaled_down(copy):
    number = biggest(copy, 1)
    corners = np.array(copy.label(1, number)["cuboid"])
    put_cuboid(copy, 1, number, corners.mean(0) + 0.9 * (corners - corners.mean(0)))


@lie("cuboid")
def cuboid_scaled_up(copy):
    number = biggest(copy, 1)
    corners = np.array(copy.label(1, number)["cuboid"])
    put_cuboid(copy, 1, number, corners.mean(0) + 1.01 * (corners - corners.mean(0)))


@lie("cuboid_axes")
def cuboid_corners_reordered(copy):
    number = biggest(copy, 1)
    corners = np.array(copy.label(1, number)["cuboid"])
    put_cuboid(copy, 1, number, corners[[0, 1, 3, 2, 4, 5, 7, 6]])


@lie("cuboid_px")
def cuboid_px_from_pixel_centres(copy):
    """Half a pixel off, as where (0, 0) is the middle of the first pixel."""
    for label in copy.labels(1):
        label["cuboid_px"] = [at and [at[0] - 0.5, at[1] - 0.5] for at in label["cuboid_px"]]


@lie("keypoint_px")
def keypoint_moved(copy):
    point = next(p for p in copy.label(1, biggest(copy, 1))["keypoints"] if p["visibility"])
    point["x"] += 5


@lie("keypoint_place")
def keypoints_mirrored(copy):
    """Left and right swapped, names kept."""
    points = copy.label(1, biggest(copy, 1))["keypoints"]
    values = [{k: v for k, v in point.items() if k != "name"} for point in points]
    for point, value in zip(points, reversed(values)):
        point.update(value)


@lie("keypoint_seen")
def keypoint_visibility_flipped(copy):
    for point in copy.label(1, biggest(copy, 1))["keypoints"]:
        point["visibility"] = {1: 2, 2: 1}.get(point["visibility"], 0)


@lie("keypoint_seen")
def all_keypoints_seen(copy):
    for label in copy.labels(3):
        for point in label["keypoints"]:
            point["visibility"] = 2 if point["visibility"] else 0


@lie("keypoint_px")
def keypoint_outside_counts(copy):
    points = [p for label in copy.labels(2) for p in label["keypoints"] if not p["visibility"]]
    points[0]["visibility"] = 1


def camera_of(copy, frame):
    camera = dict(copy.records[frame]["spec"]["camera"])
    names = ("position", "rotation", "width", "height", "focal_mm", "sensor_mm")
    assert camera["lens"]["model"] == "pinhole"
    return Camera(**{name: camera[name] for name in names}, lens=Lens())


def turned(camera, vector):
    return vector @ rotations(camera.rotation)[0]


def put_cuboid(copy, frame, number, corners):
    label = copy.label(frame, number)
    label["cuboid"] = corners.tolist()
    uv = project(camera_of(copy, frame), corners)
    label["cuboid_px"] = [at.tolist() if np.isfinite(at).all() else None for at in uv]


# Pictures


@lie("edges")
def picture_shifted(copy):
    copy.paint("images", 0, np.roll(copy.pixels("images", 0), 2, axis=1))


@lie("edges")
def all_pictures_shifted_a_pixel(copy):
    for i in range(FRAMES):
        copy.paint("images", i, np.roll(copy.pixels("images", i), -1, axis=0))


@lie("edges")
def picture_mirrored(copy):
    copy.paint("images", 0, copy.pixels("images", 0)[:, ::-1].copy())


@lie("edges")
def pictures_swapped(copy):
    a, b = copy.pixels("images", 0), copy.pixels("images", 3)
    copy.paint("images", 0, b)
    copy.paint("images", 3, a)


@lie("duplicates", "edges")
def stale_picture(copy):
    copy.path("images", 3).write_bytes(copy.path("images", 0).read_bytes())


@lie("duplicates")
def near_duplicate(copy):
    """Another frame's picture with noise on it."""
    noise = np.random.default_rng(0).normal(0, 4, (HEIGHT, WIDTH, 3))
    copy.paint("images", 3, np.clip(copy.pixels("images", 0) + noise, 0, 255).astype(np.uint8))


@lie("image_pink")
def missing_texture(copy):
    pixels = copy.pixels("images", 1)
    pixels[copy.pixels("instance", 1) == biggest(copy, 1)] = (220, 4, 225)
    copy.paint("images", 1, pixels)


@lie("image_shows")
def blank_picture(copy):
    copy.paint("images", 1, np.full((HEIGHT, WIDTH, 3), 127, np.uint8))


@lie("image_shows")
def black_picture(copy):
    copy.paint("images", 1, copy.pixels("images", 1) // 64)


@lie("image_shows")
def blown_picture(copy):
    bright = copy.pixels("images", 1).astype(int) * 6
    copy.paint("images", 1, np.clip(bright, 0, 255).astype(np.uint8))


@lie("image_size")
def picture_of_another_size(copy):
    copy.paint("images", 1, cv2.resize(copy.pixels("images", 1), (2 * WIDTH, 2 * HEIGHT)))


# Files


@lie("readable")
def jpeg_cut_off(copy):
    cut(copy, "images")


@lie("readable")
def png_cut_off(copy):
    cut(copy, "instance")


@lie("readable")
def png_damaged(copy):
    path = copy.path("semantic", 2)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)


@lie("readable")
def exr_cut_off(copy):
    cut(copy, "depth")


@lie("readable", late=True)
def record_cut_off(copy):
    path = copy.folder / "records/000001.json"
    path.write_bytes(path.read_bytes()[:-200])


@lie("readable", late=True)
def coco_cut_off(copy):
    path = copy.folder / "annotations/instances.json"
    path.write_bytes(path.read_bytes()[:-200])


@lie("readable", late=True)
def record_of_another_frame(copy):
    data = (copy.folder / "records/000000.json").read_bytes()
    (copy.folder / "records/000001.json").write_bytes(data)


@lie("files", "readable", late=True)
def picture_missing(copy):
    copy.path("images", 2).unlink()


@lie("files", late=True)
def file_edited(copy):
    """One level of one pixel of a map that is in range everywhere."""
    copy.paint("images", 2, copy.pixels("images", 2) ^ 1)


@lie("layers")
def depth_left_out_once(copy):
    path = copy.path("depth", 2)
    del copy.records[2]["files"][path.relative_to(copy.folder).as_posix()]
    path.unlink()


@lie("agreement")
def engines_disagree(copy):
    copy.records[2]["agreement"] |= {"pixels": 0.93, "depth_pixels": 0.93, "id_pixels": 0.94}


@lie("agreement")
def impossible_agreement(copy):
    copy.records[2]["agreement"] |= {"pixels": 1.0, "depth_pixels": 0.5}


@lie("agreement")
def agreement_above_one(copy):
    copy.records[2]["agreement"] |= {"pixels": 1.2, "depth_pixels": 1.2, "id_pixels": 1.2}


@lie("agreement")
def negative_difference_of_depth(copy):
    copy.records[2]["agreement"]["depth_max"] = -0.1


@lie("agreement")
def agreement_on_a_further_view_left_out(copy):
    del copy.records[1]["views"]["right"]


@lie("agreement_asked")
def config_that_asks_for_little(copy):
    path = copy.folder / CONFIG
    text = path.read_text()
    asked = re.sub("^min_agreement: .*$", "min_agreement: 0.01", text, flags=re.MULTILINE)
    assert asked != text
    path.write_text(asked)


def cut(copy, layer):
    path = copy.path(layer, 2)
    path.write_bytes(path.read_bytes()[:-150])
