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
from simgen.props import mesh_of
from simgen.spec import Body, SceneSpec, Vec3
from simgen.truth.rle import encode


def annotate(spec: SceneSpec, truth: Truth) -> tuple[Instance, ...]:
    """Returns the labels of each body that has a category and a visible pixel, by rising id."""
    extents = find_objects(truth.instance)
    camera_from_world = np.linalg.inv(world_from_camera(spec.camera))
    return tuple(
        Instance(
            id=i,
            category=spec.bodies[i - 1].category,
            **_masks(i, truth.instance, extents[i - 1], truth.amodal[i]),
            **_pose(spec.bodies[i - 1], camera_from_world),
        )
        for i in sorted(truth.amodal)
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


def _pose(body: Body, camera_from_world: np.ndarray) -> dict:
    """Returns the fields of Instance that say where the object is."""
    corners = transform(world_from_body(body), box_corners(*mesh_of(body.shape).bounds))
    turned = camera_from_world[:3, :3] @ rotation_matrix(body.rotation)
    return {
        "position": _plain(body.position),
        "rotation": _plain(body.rotation),
        "scale": _plain(body.scale),
        "camera_position": _plain(camera_from_world @ (*body.position, 1.0))[:3],
        "camera_rotation": quaternion(turned),
        "cuboid": tuple(_plain(corner) for corner in transform(camera_from_world, corners)),
    }


def _plain(values) -> Vec3:
    return tuple(float(value) for value in values)
