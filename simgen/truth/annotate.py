"""Labels of each object, counted from the exact masks."""

import numpy as np
from scipy.ndimage import find_objects

from simgen.frame import AmodalMask, Instance, Truth
from simgen.geometry import (
    box_corners,
    quaternion,
    rotation_matrix,
    transform,
    world_from_body,
    world_from_camera,
)
from simgen.lens import pixels
from simgen.props import mesh_of
from simgen.spec import Body, Camera, SceneSpec, Vec3
from simgen.truth.points import keypoints
from simgen.truth.rle import encode


def annotate(spec: SceneSpec, truth: Truth) -> tuple[Instance, ...]:
    """Returns the labels of each body that has a category and a visible pixel, by rising id."""
    extents = find_objects(truth.instance)
    camera_from_world = np.linalg.inv(world_from_camera(spec.camera))
    bodies = {i: spec.bodies[i - 1] for i in sorted(truth.amodal)}
    cuboids = {i: transform(camera_from_world, _corners(body)) for i, body in bodies.items()}
    cuboids_px = _pixels(spec.camera, cuboids)
    points = keypoints(spec, bodies)
    return tuple(
        Instance(
            id=i,
            category=body.category,
            **_masks(i, truth.instance, extents[i - 1], truth.amodal[i]),
            **_pose(body, camera_from_world),
            cuboid=tuple(_plain(corner) for corner in cuboids[i]),
            cuboid_px=cuboids_px[i],
            occluders=_occluders(i, truth.instance, truth.amodal[i]),
            keypoints=points[i],
            attributes=body.attributes,
        )
        for i, body in bodies.items()
    )


def _masks(i: int, instance: np.ndarray, extent: tuple[slice, slice], amodal: AmodalMask) -> dict:
    """Returns the fields of Instance that are counted from pixels; `extent` holds all of id i."""
    visible = instance[extent] == i
    rows, columns = extent
    box = (columns.start, rows.start, visible.shape[1], visible.shape[0])
    area, whole = int(visible.sum()), int(amodal.mask.sum())
    return {
        "box": box,
        "area": area,
        "mask": encode(visible, *box[:2], instance.shape),
        "amodal_box": amodal.box,
        "amodal_area": whole,
        "amodal_mask": encode(amodal.mask, *amodal.box[:2], instance.shape),
        "visible_fraction": area / whole,
        "truncation": amodal.outside / (whole + amodal.outside),
    }


def _occluders(i: int, instance: np.ndarray, amodal: AmodalMask) -> tuple[tuple[int, int], ...]:
    """Returns what hides how many pixels of id i, most first, of equals the lower id."""
    x, y, w, h = amodal.box
    pixels_of = np.bincount(instance[y : y + h, x : x + w][amodal.mask])
    pixels_of[i : i + 1] = 0
    order = np.argsort(-pixels_of, kind="stable")[: np.count_nonzero(pixels_of)]
    return tuple((int(k), int(pixels_of[k])) for k in order)


def _corners(body: Body) -> np.ndarray:
    """Returns (8, 3): the corners of the object's oriented bounding box in the world."""
    return transform(world_from_body(body), box_corners(*mesh_of(body.shape).bounds))


def _pixels(
    camera: Camera, cuboids: dict[int, np.ndarray]
) -> dict[int, tuple[tuple[float, float] | None, ...]]:
    """Returns where the lens puts the corners of each, None where it cannot show one."""
    uv = pixels(camera, np.concatenate([np.empty((0, 3)), *cuboids.values()]))
    shown = np.isfinite(uv).all(1)
    flat = [tuple(at) if good else None for at, good in zip(uv.tolist(), shown)]
    return {i: tuple(flat[8 * k : 8 * k + 8]) for k, i in enumerate(cuboids)}


def _pose(body: Body, camera_from_world: np.ndarray) -> dict:
    """Returns the fields of Instance that say where the object is."""
    turned = camera_from_world[:3, :3] @ rotation_matrix(body.rotation)
    return {
        "position": _plain(body.position),
        "rotation": _plain(body.rotation),
        "scale": _plain(body.scale),
        "camera_position": _plain(camera_from_world @ (*body.position, 1.0))[:3],
        "camera_rotation": quaternion(turned),
    }


def _plain(values) -> Vec3:
    return tuple(float(value) for value in values)
