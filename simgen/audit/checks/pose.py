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
    for label in frame.record.labels:
        if len(label.cuboid_px) != 8:
            yield wrong(f"{len(label.cuboid_px)} corners", instance=label.id, expected=8)
            continue
        expected = project(frame.record.spec.camera, label.cuboid)
        shown = [corner is not None for corner in label.cuboid_px]
        if frame.straight and (np.isfinite(expected[:, 0]) != shown).any():
            yield wrong("a corner ahead has no pixel, or one behind has", instance=label.id)
            continue
        found = [corner or (np.nan, np.nan) for corner in label.cuboid_px]
        text = "corners are {off} px from where the lens puts them"
        which = [label.id] * sum(shown)
        yield from compare(which, expected[shown], np.array(found)[shown], text, PIXELS)


@check("record", "amodal", unit="px")
def box_in_cuboid(frame: Frame) -> Iterator[Case]:
    """Each amodal box lies inside the projected cuboid's extent."""
    for label in frame.record.labels:
        corners = [corner for corner in label.cuboid_px if corner]
        if len(corners) < 8 or not frame.straight:
            continue
        x, y, w, h = label.amodal_box
        lower, upper = np.min(corners, 0), np.max(corners, 0)
        beyond = max(*(lower - (x + 0.5, y + 0.5)), *((x + w - 0.5, y + h - 0.5) - upper))
        if beyond <= PIXELS:
            yield fine(1, max(beyond, 0.0))
        else:
            yield wrong(
                f"pixels as far as {beyond:.3g} px outside the projected cuboid", instance=label.id,
                expected=[*lower, *upper], found=[x, y, w, h], off=float(beyond),
            )  # fmt: skip


@check("record", "masks", "depth", file="depth", unit="m")
def depth_in_cuboid(frame: Frame) -> Iterator[Case]:
    """Pixels of each object, unprojected by their depth, lie inside its cuboid."""
    which = frame.whole()
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


def _stretch(points: np.ndarray) -> np.ndarray:
    """Returns how far a point moves along its ray if its depth changes by 1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.linalg.norm(points, axis=1) / np.abs(points[:, 2])


def _cuboids(labels: Sequence[Any]) -> np.ndarray:
    """Returns (N, 8, 3); corners that are not eight are nan."""
    nothing = np.full((8, 3), np.nan)
    return np.array([c if len(c := label.cuboid) == 8 else nothing for label in labels], float)
