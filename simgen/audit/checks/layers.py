"""Further layers of a frame against depth, masks and poses: no mesh is needed for these."""

from collections.abc import Iterator

import cv2
import numpy as np

from simgen.audit.camera import rays, rotations
from simgen.audit.finding import Case, check, compare, fine, wrong
from simgen.audit.frame import Frame

_ROUNDED = 2.0 / 65535  # of a vector's length, by 16 bits along each axis
_SAMPLES = 32  # pixels of each object, where masks lie on each other


@check("record", "distance", "depth", file="distance", unit="m")
def distance(frame: Frame) -> Iterator[Case]:
    """Distance is depth times the length of the pixel's ray, in every pixel."""
    v, u = np.indices(frame.size)
    through = rays(frame.record.spec.camera, np.column_stack([u.ravel(), v.ravel()]) + 0.5)
    depth, found = frame.layers.depth.ravel(), frame.layers.distance.ravel()
    both = np.isfinite(depth) & np.isfinite(found)
    if (np.isfinite(depth) != np.isfinite(found)).any():
        yield wrong("distance and depth are not finite in the same pixels", expected=depth.size)
    stretch = np.linalg.norm(through[both], axis=1) / np.abs(through[both, 2])
    expected = np.abs(depth[both].astype(float)) * stretch
    off = np.abs(found[both] - expected)
    worst = float(off.max(initial=0.0))
    bad = int((off > 2 * frame.layers.depth_step(depth[both]) * stretch + 1e-6).sum())
    yield fine(int(both.sum()) - bad, 0.0 if bad else worst)
    if bad:
        text = f"{bad} pixels are not depth along their ray, by up to {worst:.4g} m"
        yield wrong(text, expected=0, found=worst, off=worst)


@check("record", "normals", "instance", file="normals")
def normals(frame: Frame) -> Iterator[Case]:
    """Normals are of length 1 where something is shown, 0, 0, 0 elsewhere, and face the camera."""
    yield from _unit(frame, "normals")
    v, u = (axis[frame.layers.instance > 0] for axis in np.indices(frame.size))
    step = 1 + len(v) // 20_000
    v, u = v[::step], u[::step]
    through = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    through /= np.linalg.norm(through, axis=1, keepdims=True)
    facing = (frame.layers.vectors("normals")[v, u] * through).sum(1)
    away = float((facing > 0.5).mean()) if len(v) else 0.0  # shading may bend them a little
    if away > 0.01:
        yield wrong(f"{away:.0%} of them point away from the camera", expected=0, found=away)


@check("record", "normals_world", "instance", file="normals_world")
def normals_world(frame: Frame) -> Iterator[Case]:
    """Normals in world axes are of length 1, and those in camera axes turned by the camera."""
    yield from _unit(frame, "normals_world")
    if frame.has("normals"):
        turn = rotations(frame.record.spec.camera.rotation)[0]
        shown = frame.layers.instance > 0
        expected = frame.layers.vectors("normals")[shown] @ turn.T
        off = np.abs(frame.layers.vectors("normals_world")[shown] - expected).max(initial=0.0)
        if off > 2 * _ROUNDED:
            yield wrong(f"they are not normals/ turned, by up to {off:.3g}", expected=0, found=off)


@check("record", "nocs", "depth", "masks", file="nocs")
def nocs(frame: Frame) -> Iterator[Case]:
    """Object coordinates are the unprojected depth's in the object's cuboid, in every pixel."""
    shown = frame.layers.levels("nocs").any(2)
    strangers = int((shown & ~np.isin(frame.painted, frame.ids)).sum())
    if strangers:
        yield wrong(f"{strangers} pixels of no labelled object are not 0, 0, 0", found=strangers)
    which = frame.whole
    labels = [frame.record.labels[i] for i in which]
    if not labels:
        return
    runs, pixels = frame.masks[0].pick(which), frame.size[0] * frame.size[1]
    owner, v, u = runs.sample(pixels if runs.areas.sum() <= pixels else _SAMPLES)
    points = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    depth = frame.layers.depth[v, u].astype(float)
    points *= (depth / points[:, 2])[:, None]
    corners = np.array([label.cuboid for label in labels], float)
    diagonal = np.linalg.norm(corners[:, 7] - corners[:, 0], axis=1)
    turns = rotations([label.camera_rotation for label in labels]).swapaxes(1, 2)
    local = np.einsum("nij,nj->ni", turns[owner], points - corners.mean(1)[owner])
    expected = local / diagonal[owner, None] + 0.5
    off = np.abs(frame.layers.levels("nocs")[v, u] / 65535 - expected).max(1)
    off -= frame.layers.depth_step(depth) * 3 / diagonal[owner]
    worst = np.zeros(len(labels))
    np.maximum.at(worst, owner, np.where(np.isfinite(depth), off, 0))
    ids = [label.id for label in labels]
    text = "object coordinates are off by {off}, of the box's diagonal"
    yield from compare(ids, np.zeros(len(ids)), worst, text, _ROUNDED)


@check("record", "pages", "amodal", file="amodal")
def amodal_pages(frame: Frame) -> Iterator[Case]:
    """Each page of the amodal file is the amodal mask of the record's label in its place."""
    pages = frame.layers.pages(len(frame.labels) + 1)
    if len(pages) != len(frame.ids):
        yield wrong(f"{len(pages)} pages", expected=len(frame.ids), found=len(pages))
        return
    for i in frame.whole_amodal:
        page, mask = pages[i], frame.amodals[0].mask(i)
        right = page.shape == mask.shape and np.array_equal(page, mask * np.uint8(255))
        if right:
            yield fine(1)
        else:
            yield wrong(f"page {i} is not the amodal mask", instance=frame.ids[i])


@check("record", file="image")
def further_pictures(frame: Frame) -> Iterator[Case]:
    """Pictures of further views are of the frame's size and show something."""
    for name in frame.layers.paths:
        if name.startswith("images_"):
            grey = cv2.cvtColor(frame.layers.picture(name), cv2.COLOR_BGR2GRAY)
            if grey.shape == tuple(frame.size) and grey.std() >= 2:
                yield fine(1)
            else:
                text = f"it is {grey.shape[1]}x{grey.shape[0]}, with a spread of {grey.std():.1f}"
                yield wrong(text, file=frame.layers.paths[name], expected=frame.size[::-1])


def _unit(frame: Frame, name: str) -> Iterator[Case]:
    shown = frame.layers.levels(name).any(2)
    differ = int((shown != (frame.layers.instance > 0)).sum())
    if differ:
        yield wrong(f"{differ} pixels have a normal or an object, not both", found=differ)
    length = np.linalg.norm(frame.layers.vectors(name)[shown], axis=1)
    off = np.abs(length - 1)
    bad = int((off > _ROUNDED).sum())
    yield fine(len(length) - bad)
    if bad:
        text = f"{bad} pixels have a vector of another length than 1"
        yield wrong(text, expected=1, found=float(length[off.argmax()]))
