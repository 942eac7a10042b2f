"""Lies about poses, cuboids and keypoints."""

import numpy as np

from simgen.audit.camera import project, rotations
from simgen.spec import Camera, Lens
from tests.audit.lies.telling import biggest, lie


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
