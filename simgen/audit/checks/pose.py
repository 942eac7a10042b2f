"""Poses, cuboids and keypoints against the scene, the camera and the picture's own maps."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from simgen.audit.camera import into_camera, project, rays, rotations
from simgen.audit.finding import Case, check, compare, fine, wrong
from simgen.audit.frame import Frame

METRES, PIXELS, TURN = 1e-6, 1e-4, 1e-9  # rounding, not error
_SAMPLES = 32  # pixels of each object
_BITS = (np.arange(8)[:, None] >> np.arange(3)) & 1


@check("record", "labels")
def body(frame: Frame) -> Iterator[Case]:
    """Each label's category, position, rotation and scale are those of its body in the scene."""
    bodies = frame.record.spec.bodies
    for label in frame.record.labels:
        of = bodies[label.id - 1] if 0 < label.id <= len(bodies) else None
        for name in ("category", "position", "rotation", "scale"):
            expected, found = getattr(of, name, None), getattr(label, name)
            if expected == found:
                yield fine(1)
            else:
                text = f"{name} {found}, the scene's body has {expected}"
                yield wrong(text, instance=label.id, expected=expected, found=found)


@check("record", "labels", unit="m")
def camera_position(frame: Frame) -> Iterator[Case]:
    """Each position in camera axes is the world's, seen from the camera."""
    labels = frame.record.labels
    expected = into_camera(frame.record.spec.camera, [label.position for label in labels])
    found = [label.camera_position for label in labels]
    text = "{found} in camera axes, the poses give {expected}"
    yield from compare(frame.ids, expected, found, text, tolerance=METRES)


@check("record", "labels")
def camera_rotation(frame: Frame) -> Iterator[Case]:
    """Each rotation in camera axes is a unit quaternion and the world's, seen from the camera."""
    labels = frame.record.labels
    given = np.array([label.camera_rotation for label in labels], float)
    text = "quaternion of length {found}"
    yield from compare(frame.ids, np.ones(len(given)), np.linalg.norm(given, axis=1), text, TURN)
    turn = rotations(frame.record.spec.camera.rotation)[0].T
    expected = turn @ rotations([label.rotation for label in labels])
    text = "the rotation is not what object and camera give, by {off} in a matrix element"
    yield from compare(frame.ids, expected, rotations(given), text, TURN)


@check("record", "labels", unit="m")
def cuboid_axes(frame: Frame) -> Iterator[Case]:
    """Each cuboid is a box along its object's axes, its corners in the stated order."""
    labels = frame.record.labels
    corners = _cuboids(labels)
    edges = corners[:, [1, 2, 4]] - corners[:, :1]
    expected = corners[:, :1] + _BITS @ edges
    text = "the corners are those of no box, by {off} m"
    yield from compare(frame.ids, expected, corners, text, METRES)
    signs = np.sign([label.scale for label in labels])[:, :, None]
    lengths = np.linalg.norm(edges, axis=2, keepdims=True)
    axes = rotations([label.camera_rotation for label in labels]).swapaxes(1, 2)
    text = "its edges are not along the object's axes, by {off} m"
    yield from compare(frame.ids, axes * signs * lengths, edges, text, METRES)


@check("record", "labels", unit="px")
def cuboid_px(frame: Frame) -> Iterator[Case]:
    """Each projected cuboid is where the lens puts the cuboid's corners."""
    labels = frame.record.labels
    expected = project(frame.record.spec.camera, _cuboids(labels)).reshape(-1, 8, 2)
    found = _corners_px(labels)
    ahead, shown = np.isfinite(expected[..., 0]), np.isfinite(found[..., 0])
    differ = ((ahead != shown) if frame.straight else shown & ~ahead).any(1)
    differ |= [len(label.cuboid_px) != 8 for label in labels]
    for i in np.flatnonzero(differ):
        yield wrong("a corner ahead has no pixel, or one behind has", instance=labels[i].id)
    expected, found = (np.where((shown & ahead)[..., None], uv, 0.0) for uv in (expected, found))
    text = "corners are {off} px from where the lens puts them"
    yield from compare(frame.ids, expected, found, text, PIXELS)


@check("record", "amodal", unit="px")
def box_in_cuboid(frame: Frame) -> Iterator[Case]:
    """Each amodal box lies inside the projected cuboid's extent."""
    corners = _corners_px(frame.record.labels)
    labels = [label for label, at in zip(frame.record.labels, corners) if np.isfinite(at).all()]
    if not labels or not frame.straight:
        return
    corners = _corners_px(labels)
    boxes = np.array([label.amodal_box for label in labels], float)
    first, last = boxes[:, :2] + 0.5, boxes[:, :2] + boxes[:, 2:] - 0.5
    beyond = np.maximum(corners.min(1) - first, last - corners.max(1)).max(1)
    ids = [label.id for label in labels]
    text = "pixels as far as {found} px outside the projected cuboid"
    yield from compare(ids, np.zeros(len(ids)), np.maximum(beyond, 0), text, PIXELS)


@check("record", "masks", "depth", file="depth", unit="m")
def depth_in_cuboid(frame: Frame) -> Iterator[Case]:
    """Pixels of each object, unprojected by their depth, lie inside its cuboid."""
    which = frame.whole
    if not len(which):
        return
    owner, v, u = frame.masks[0].pick(which).sample(_SAMPLES)
    points = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    depth = frame.layers.depth[v, u].astype(float)
    points *= (depth / points[:, 2])[:, None]
    corners = _cuboids([frame.record.labels[i] for i in which])
    centre, edges = corners.mean(1), corners[:, [1, 2, 4]] - corners[:, :1]
    half = np.linalg.norm(edges, axis=2) / 2
    axes = edges / np.maximum(2 * half, 1e-12)[:, :, None]
    along = np.einsum("nij,nj->ni", axes[owner], points - centre[owner])
    beyond = (np.abs(along) - half[owner]).max(1)
    beyond -= frame.layers.depth_step(depth) * _stretch(points)
    beyond = np.where(np.isfinite(depth), beyond, 0.0)  # which depth_where tells
    worst = np.full(len(which), -np.inf)
    np.maximum.at(worst, owner, np.nan_to_num(beyond, nan=0.0))
    ids = [frame.ids[i] for i in which]
    text = "pixels unproject to points {off} m outside its cuboid"
    yield from compare(ids, np.zeros(len(ids)), np.maximum(worst, 0), text, METRES)


def _corners_px(labels: Sequence[Any]) -> np.ndarray:
    """Returns (N, 8, 2); nan for corners that the lens does not show, and where not eight are."""
    hidden = (np.nan, np.nan)
    full = (label.cuboid_px if len(label.cuboid_px) == 8 else [None] * 8 for label in labels)
    return np.array([[at or hidden for at in corners] for corners in full], float)


def _stretch(points: np.ndarray) -> np.ndarray:
    """Returns how far a point moves along its ray if its depth changes by 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.linalg.norm(points, axis=1) / np.abs(points[:, 2])


def _cuboids(labels: Sequence[Any]) -> np.ndarray:
    """Returns (N, 8, 3); corners that are not eight are nan."""
    nothing = np.full((8, 3), np.nan)
    return np.array([c if len(c := label.cuboid) == 8 else nothing for label in labels], float)
