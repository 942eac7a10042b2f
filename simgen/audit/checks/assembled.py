"""Layers that are put together from others: panoptic maps and point clouds."""

from collections.abc import Iterator

import numpy as np

from simgen.audit.camera import into_camera, project
from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.frame import Frame

THINGS = 1 << 16  # segments of objects have their instance id; those of all else follow
_METRES, _PIXELS = 1e-5, 1e-3  # rounding to 32 bits
_LOSSY = 6.0  # mean difference of colours, in 8-bit levels, that a JPEG may cause


@check("record", "panoptic", "instance", file="panoptic")
def panoptic(frame: Frame) -> Iterator[Case]:
    """Each pixel's segment is its labelled object, or what its prop is one with."""
    segments, shown, bodies = frame.layers.segments, frame.layers.instance, frame.record.spec.bodies
    values, first = np.unique(shown, return_index=True)
    expected = np.zeros(1 << 16, int)
    stuff: dict[str, int] = {}
    for number, at in zip(values.tolist(), first.tolist()):
        body = bodies[number - 1] if 0 < number <= len(bodies) else None
        if body and not body.category:
            expected[number] = stuff.setdefault(body.shape.prop, int(segments.flat[at]))
        else:
            expected[number] = number
    differ = segments != expected[shown]
    yield fine(int(differ.size - differ.sum()))
    if differ.any():
        v, u = np.argwhere(differ)[0]
        text = f"{differ.sum()} pixels are of another segment, first u={u}, v={v}"
        yield wrong(text, expected=int(expected[shown[v, u]]), found=int(segments[v, u]))
    names = frame.settings["panoptic"]
    for prop, value in stuff.items():
        if value < THINGS or (names and names.get(value - THINGS) != f"{prop}-stuff"):
            yield wrong(f"segment {value} is not {prop}-stuff", expected=f"{prop}-stuff",
                        found=names.get(value - THINGS))  # fmt: skip


@check("record", "panoptic", "segments", file="panoptic")
def panoptic_segments(frame: Frame) -> Iterator[Case]:
    """Each segment of panoptic.json has the area, box and category of its pixels in the map."""
    listed = {part.get("id"): part for part in frame.segments.get("segments_info", ())}
    categories = {label.id: label.category for label in frame.record.labels}
    names = frame.settings["panoptic"]
    for value in np.unique(frame.layers.segments).tolist():
        rows, columns = np.nonzero(frame.layers.segments == value)
        x, y = int(columns.min()), int(rows.min())
        box = [x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y]
        part = listed.pop(value, None) if value else None
        if not value:
            continue
        found = part and (part.get("area"), part.get("bbox"), names.get(part.get("category_id")))
        name = categories.get(value) if value < THINGS else names.get(value - THINGS)
        if found == (len(rows), box, name):
            yield fine(1)
        else:
            yield wrong(f"segment {value} is not as panoptic.json says", instance=value,
                        expected=(len(rows), box, name), found=found)  # fmt: skip
    for value in listed:
        yield wrong(f"panoptic.json has segment {value}, which no pixel shows", found=value)


@check("record", "pointcloud", "depth", "instance", file="pointcloud", unit="m")
def pointcloud(frame: Frame) -> Iterator[Case]:
    """Each point is a pixel's unprojected depth, with the pixel's object and colour."""
    points, comments = frame.layers.points
    camera = frame.record.spec.camera
    xyz = np.stack([points[axis] for axis in "xyz"], 1).astype(float)
    local = into_camera(camera, xyz) if "world axes" in comments else xyz
    uv = project(camera, local) - 0.5
    at = np.rint(np.nan_to_num(uv, nan=-1)).astype(int)
    inside = ((at >= 0) & (at < frame.size[::-1])).all(1)
    u, v = np.where(inside[:, None], at, 0).T
    depth = frame.layers.depth[v, u].astype(float)
    with np.errstate(invalid="ignore"):
        off = np.abs(local[:, 2] - depth)
        slack = frame.layers.depth_step(depth) + 1e-6 * np.abs(xyz).max(1, initial=0) + _METRES
        bad = ~inside | ~(off <= slack) | (points["instance"] != frame.layers.instance[v, u])
        bad |= ~(np.abs(uv - at).max(1) < _PIXELS * (1 + 1 / np.maximum(depth, 1e-3)))
    yield fine(int((~bad).sum()), float(off[~bad].max(initial=0.0)))
    if bad.any():
        i = int(np.flatnonzero(bad)[0])
        text = f"{bad.sum()} of {len(bad)} points are not their pixels', first the {i}th"
        wanted = (depth[i], int(frame.layers.instance[v[i], u[i]]))
        found = (local[i, 2], int(points["instance"][i]))
        yield wrong(text, expected=wanted, found=found, off=float(off[i]))
    yield from _complete(frame, v, u)
    if frame.has("image") and frame.layers.pixels.shape[:2] == tuple(frame.size):
        colour = np.stack([points[name] for name in ("blue", "green", "red")], 1).astype(int)
        differ = float(np.abs(colour - frame.layers.pixels[v, u]).mean()) if len(points) else 0.0
        if differ > _LOSSY:
            text = f"colours differ from the image's by {differ:.1f} of 255 on average"
            yield wrong(text, expected=f"<= {_LOSSY}", found=differ)


def _complete(frame: Frame, v: np.ndarray, u: np.ndarray) -> Iterator[Case]:
    """Yields whether every n-th pixel that shows something has a point."""
    shown = frame.layers.instance > 0
    if not len(v):
        if shown[0, 0]:
            yield wrong("no points", expected=int(shown.sum()), found=0)
        return
    steps = (int(np.gcd.reduce(axis)) or max(frame.size) for axis in (v, u))
    every = max(1, np.gcd(*steps))
    expected = int(shown[::every, ::every].sum())
    found = len(np.unique(v * frame.size[1] + u))
    if not len(v) == found == expected:
        text = f"{len(v)} points of {found} pixels, {expected} pixels show something"
        yield wrong(text, expected=expected, found=found)
