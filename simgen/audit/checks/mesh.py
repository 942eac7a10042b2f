"""Labels against the posed meshes: rays cast anew at samples of pixels."""

from collections.abc import Iterator

import cv2
import numpy as np

from simgen.audit.camera import project, rays
from simgen.audit.finding import Case, check, compare, fine, wrong
from simgen.audit.frame import Frame
from simgen.spec import Vec3

EXACT = 1e-6  # metres: rounding, not error
_NEAR, _ANYWHERE, _BORDER = 8, 64, 192  # pixels: of each object; of the frame; along outlines
_FLAT, _SMOOTH = 0.9999, 0.3  # cosines of the angles by which normals may be bent
_GRID = 7  # rays across an object's whole extent, each way


@check("record", "labels", "meshes", unit="m", meshes=True)
def cuboid(frame: Frame) -> Iterator[Case]:
    """Each cuboid is its object's posed mesh's bounding box."""
    expected = [frame.posed.corners(label.id - 1) for label in frame.record.labels]
    found = [label.cuboid for label in frame.record.labels]
    text = "the corners are {off} m from the posed mesh's bounding box"
    yield from compare(frame.ids, expected, found, text, tolerance=EXACT)


@check("record", "instance", "depth", "meshes", file="depth", unit="m", meshes=True)
def depth_on_mesh(frame: Frame) -> Iterator[Case]:
    """Depth, unprojected, lies on the posed mesh of the body that the instance map shows."""
    runs, ids = frame.body_masks
    owner, v, u = runs.sample(_NEAR, frame.rng)
    through = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    depth = frame.layers.depth[v, u].astype(float)
    for place, number in enumerate(ids.tolist()):
        mine = (owner == place) & np.isfinite(depth)
        if not mine.any():
            continue  # which depth_where tells
        far = depth[mine] / through[mine, 2]
        off, _, _ = frame.posed.surface(number - 1, through[mine], far)
        slack = frame.layers.depth_step(depth[mine]) * np.linalg.norm(through[mine], axis=1)
        worst = float(off.max())
        if (off <= slack + EXACT).all():
            yield fine(1, worst)
        else:
            text = f"its depth is of points {worst:.6g} m off its surface"
            yield wrong(text, instance=number, expected=0, found=worst, off=worst)


@check("record", "normals", "instance", "depth", "meshes", file="normals", meshes=True)
def normals_on_mesh(frame: Frame) -> Iterator[Case]:
    """Normals are those of the posed mesh's triangles, or near them where shading is smooth."""
    runs, ids = frame.body_masks
    owner, v, u = runs.sample(_NEAR, frame.rng)
    through = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    for place, number in enumerate(ids.tolist()):
        mine = (owner == place) & np.isfinite(frame.layers.depth[v, u])
        if not mine.any():
            continue
        far = frame.layers.depth[v, u][mine].astype(float) / through[mine, 2]
        off, normal, smooth = frame.posed.surface(number - 1, through[mine], far)
        turned = (normal * frame.layers.vectors("normals")[v[mine], u[mine]]).sum(1)
        bad = np.isfinite(off) & (turned < np.where(smooth, _SMOOTH, _FLAT))
        if bad.any():
            text = "a normal is {:.3g} degrees from its triangle's"
            worst = float(np.degrees(np.arccos(np.clip(turned[bad].min(), -1, 1))))
            yield wrong(text.format(worst), instance=number, expected=0, found=worst, off=worst)
        else:
            yield fine(1)


@check("record", "instance", "meshes", file="instance", meshes=True)
def seen_first(frame: Frame) -> Iterator[Case]:
    """A ray through a pixel meets first the body that the instance map shows there."""
    v, u = _sampled(frame.layers.instance, frame.rng)
    through = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    known = np.isfinite(through).all(1)
    v, u = v[known], u[known]
    hit = frame.posed.first(through[known])
    shown = frame.layers.instance[v, u].astype(int)
    right = (shown == hit.body + 1) | (shown == hit.wide + 1)
    for i in np.flatnonzero(~right):
        right[i] = _as_near(frame, through[known][i], int(shown[i]), float(hit.far[i]))
    yield fine(int(right.sum()))
    for number in np.unique(shown[~right]).tolist():
        where = np.flatnonzero(~right & (shown == number))
        i, expected = where[0], hit.body[where] + 1
        text = f"at u={u[i]}, v={v[i]} a ray meets body {expected[0]} first"
        text += f", as at {len(where) - 1} more of the pixels tried" * (len(where) > 1)
        yield wrong(text, instance=number, expected=int(expected[0]), found=number)


@check("record", "amodal", "meshes", meshes=True)
def amodal_on_mesh(frame: Frame) -> Iterator[Case]:
    """Rays through an amodal mask meet the object's mesh, those beside it do not."""
    for i in frame.whole_amodal.tolist():
        label, mask = frame.record.labels[i], frame.amodals[0].mask(i)
        v, u = _around(mask, frame.amodals[0].boxes[i].tolist(), label.cuboid, frame)
        through = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
        exact, wide = frame.posed.far(label.id - 1, through)
        claimed = mask[v, u]
        bad = np.where(claimed, np.isinf(wide), np.isfinite(exact)) & np.isfinite(through[:, 0])
        if not bad.any():
            yield fine(1)
            continue
        k = int(np.flatnonzero(bad)[0])
        text = f"the mask {'has' if claimed[k] else 'lacks'} u={u[k]}, v={v[k]}, where a ray "
        text += f"{'misses' if claimed[k] else 'meets'} the object, as at {bad.sum() - 1} others"
        yield wrong(text, instance=label.id, expected=0, found=int(bad.sum()))


def _as_near(frame: Frame, ray: np.ndarray, number: int, first: float) -> bool:
    """Tells whether a body is met no later than the first: two surfaces in one place."""
    if not 0 < number <= len(frame.posed.shapes):
        return False
    _, wide = frame.posed.far(number - 1, ray[None])
    return bool(np.isfinite(wide[0]) and wide[0] <= first * (1 + 1e-7))


def _sampled(instance: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows and columns of pixels, some anywhere, more at outlines."""
    there = rng.integers(0, instance.size, _ANYWHERE)
    edge = np.zeros(instance.shape, bool)
    edge[:, 1:] |= instance[:, 1:] != instance[:, :-1]
    edge[1:] |= instance[1:] != instance[:-1]
    edge[:, :-1] |= edge[:, 1:]
    border = np.flatnonzero(edge)
    border = rng.choice(border, min(_BORDER, len(border)), replace=False)
    return np.divmod(np.concatenate([there, border]), instance.shape[1])


def _around(
    mask: np.ndarray, box: list[int], cuboid: tuple[Vec3, ...], frame: Frame
) -> tuple[np.ndarray, np.ndarray]:
    """Returns rows and columns of pixels in and about a mask: a grid over the object's extent, and
    some on both sides of the mask's outline."""
    height, width = mask.shape
    corners = project(frame.record.spec.camera, cuboid)
    if not np.isfinite(corners).all():
        corners = np.array([(0, 0), (width, height)])
    low = np.clip(corners.min(0), 0, (width - 1, height - 1)).astype(int)
    high = np.clip(np.ceil(corners.max(0)), low + 1, (width, height)).astype(int)
    columns, rows = (np.linspace(a, b - 1, _GRID).astype(int) for a, b in zip(low, high))
    v, u = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
    left, top, w, h = box
    x, y = max(left - 1, 0), max(top - 1, 0)
    crop = mask[y : top + h + 1, x : left + w + 1].astype(np.uint8)
    window = np.ones((3, 3), np.uint8)
    rows, columns = np.nonzero(cv2.dilate(crop, window) - cv2.erode(crop, window))
    spread = np.linspace(0, len(rows) - 1, _NEAR).astype(int)[: len(rows)]
    return np.append(v, rows[spread] + y), np.append(u, columns[spread] + x)
