"""What a BOP dataset's lists say of a picture and of an object in it; millimetres, see bop.py."""

from dataclasses import replace
from typing import Any

import numpy as np

from simgen.export.bop_models import MM, checked
from simgen.export.sample import Label, Sample
from simgen.geometry import rotation_matrix
from simgen.spec import IDENTITY, PINHOLE, Body, SceneSpec
from simgen.truth.bent import BentView
from simgen.truth.view import View


def camera_entry(sample: Sample) -> dict[str, Any]:
    """Returns cam_K, cam_R_w2c and cam_t_w2c."""
    camera_from_world = np.linalg.inv(sample.world_from_camera)
    return {
        "cam_K": sample.centred_intrinsics.ravel().tolist(),
        "cam_R_w2c": camera_from_world[:3, :3].ravel().tolist(),
        "cam_t_w2c": (camera_from_world[:3, 3] * MM).tolist(),
    }


def pose_entry(label: Label) -> dict[str, list[float]]:
    """Returns cam_R_m2c and cam_t_m2c; the model's origin is the middle of its bounding box."""
    return {
        "cam_R_m2c": rotation_matrix(label.camera_rotation).ravel().tolist(),
        "cam_t_m2c": [MM * value for value in label.centre],
    }


def info_entry(sample: Sample, label: Label, valid: int) -> dict[str, Any]:
    """Returns boxes and counts; `valid`: pixels of the silhouette that have a depth.

    Raises:
        SimgenError: the mesh of a truncated object cannot be had.
    """
    whole = round(label.amodal_area / (1 - label.truncation))
    return {
        "bbox_obj": _box(*_whole_box(sample, label)),
        "bbox_visib": _box(*label.box),
        "px_count_all": whole,
        "px_count_valid": valid,
        "px_count_visib": label.area,
        "visib_fract": label.area / whole,
    }


def _box(x: int, y: int, w: int, h: int) -> list[int]:
    return [x, y, w - 1, h - 1]


def _whole_box(sample: Sample, label: Label) -> tuple[int, int, int, int]:
    """Returns x, y, w, h of the silhouette on the canvas; what leaves the picture is cast anew."""
    x, y, w, h = label.amodal_box
    if label.truncation == 0:
        return x, y, w, h
    pose = label.camera_position, label.camera_rotation
    camera = replace(sample.camera, position=(0.0, 0.0, 0.0), rotation=IDENTITY)
    alone = SceneSpec((Body("", checked(label.shape), *pose, label.scale),), camera=camera)
    view = View if camera.lens == PINHOLE else BentView
    runs = view.of(alone, sample.width, sample.height).around(np.array([0])).runs
    left, top = (int(each.min(initial=low)) for each, low in ((runs.start, x), (runs.row, y)))
    right = int(runs.stop.max(initial=x + w))
    bottom = int(runs.row.max(initial=y + h - 1)) + 1
    return left, top, right - left, bottom - top
