"""Keypoints against the lens, the assets that define them, and what stands before them."""

from collections.abc import Iterator

import numpy as np

from simgen.audit.camera import project
from simgen.audit.finding import Case, check, compare, fine, wrong
from simgen.audit.frame import Frame
from simgen.frame import Keypoint
from simgen.props import keypoints_of

PIXELS, METRES = 1e-4, 1e-6  # rounding, not error
NEARER_M = 0.005  # what is nearer by no more than this does not hide a keypoint
_UNSURE_M = 1e-5  # about that limit


@check("record", "labels", unit="px")
def keypoint_px(frame: Frame) -> Iterator[Case]:
    """Each keypoint is where the lens puts it, and 0, 0 and not visible if outside the picture."""
    ids, points = _flat(frame)
    uv = project(frame.record.spec.camera, [point.camera_position for point in points])
    height, width = frame.size
    with np.errstate(invalid="ignore"):
        inside = ((uv >= 0) & (uv < (width, height))).all(1)
        border = (np.abs(uv) < PIXELS) | (np.abs(uv - (width, height)) < PIXELS)
    visible = np.array([point.visibility > 0 for point in points], bool)
    expected = np.where(visible[:, None], uv, 0.0)
    found = [(point.x, point.y) for point in points]
    text = "a keypoint at {found}, the lens puts it at {expected}"
    yield from compare(ids, expected, found, text, PIXELS)
    for i in np.flatnonzero((inside != visible) & ~border.any(1)):
        if frame.straight or visible[i]:  # a bent lens may show nothing there
            text = f"{points[i].name} is {'in' if inside[i] else 'out'}side the picture"
            yield wrong(text, instance=ids[i], expected=int(inside[i]), found=points[i].visibility)


@check("record", "labels", "meshes", unit="m", meshes=True)
def keypoint_place(frame: Frame) -> Iterator[Case]:
    """Each object has its asset's keypoints, in their order, where its pose puts them."""
    for label in frame.record.labels:
        defined = keypoints_of(frame.posed.shapes[label.id - 1])
        names = [point.name for point in label.keypoints]
        if names != list(defined):
            yield wrong("keypoints that its asset does not define, or not all",
                        instance=label.id, expected=list(defined), found=names)  # fmt: skip
        elif names:
            matrix, offset = frame.posed.matrix[label.id - 1], frame.posed.offset[label.id - 1]
            expected = np.array(list(defined.values())) @ matrix.T + offset
            found = [point.camera_position for point in label.keypoints]
            text = "a keypoint is {off} m from where its asset and pose put it"
            yield from compare([label.id] * len(names), expected, found, text, METRES)


@check("record", "labels", "meshes", meshes=True)
def keypoint_seen(frame: Frame) -> Iterator[Case]:
    """Each keypoint counts as hidden exactly if a ray to it meets something before it."""
    ids, points = _flat(frame)
    shown = [i for i, point in enumerate(points) if point.visibility > 0]
    rays = np.array([points[i].camera_position for i in shown], float).reshape(-1, 3)
    away = np.linalg.norm(rays, axis=1)
    hit = frame.posed.first(rays)
    limit = 1 - NEARER_M / away
    surely = (hit.far < limit - _UNSURE_M / away) & (hit.wide_far < limit)
    perhaps = (hit.wide_far < limit + _UNSURE_M / away) | (hit.far < limit + _UNSURE_M / away)
    hidden = np.array([points[i].visibility == 1 for i in shown], bool)
    bad = (surely & ~hidden) | (hidden & ~perhaps)
    yield fine(int((~bad).sum()))
    for i in np.flatnonzero(bad):
        point = points[shown[i]]
        text = f"{point.name} is said to be {'hidden' if hidden[i] else 'seen'}, but a ray to it "
        text += "is free" if hidden[i] else f"meets body {hit.body[i] + 1} before it"
        yield wrong(
            text, instance=ids[shown[i]], expected=3 - point.visibility, found=point.visibility
        )


def _flat(frame: Frame) -> tuple[list[int], list[Keypoint]]:
    """Returns the ids and keypoints of all objects, one after the other."""
    pairs = [(label.id, point) for label in frame.record.labels for point in label.keypoints]
    return [number for number, _ in pairs], [point for _, point in pairs]
