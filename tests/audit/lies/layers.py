"""Lies in layers that are not written by default."""

import json

import cv2
import numpy as np

from simgen.audit.camera import rotations
from tests.audit.forgery import FRAMES
from tests.audit.lies.poses import camera_of
from tests.audit.lies.telling import HEIGHT, WIDTH, biggest, lie


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
