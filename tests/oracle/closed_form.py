"""What each pixel centre sees, from formulas alone: no mesh, and none of simgen's own geometry."""

import numpy as np

from simgen.spec import Body, Camera


def turned(rotation, vectors):
    """Returns (..., 3) vectors turned by a unit quaternion (w, x, y, z)."""
    w, axis = rotation[0], np.asarray(rotation[1:], float)
    twice = 2 * np.cross(axis, vectors)
    return vectors + w * twice + np.cross(axis, twice)


def unturned(rotation, vectors):
    return turned((rotation[0], *(-v for v in rotation[1:])), vectors)


def rays(camera: Camera, nudge=(0.0, 0.0), canvas=False):
    """Returns (H, W, 3) world directions that advance one metre along the optical axis.

    Args:
        nudge: moves every ray, pixels.
        canvas: cast them over three frames by three, the camera's own in the middle.
    """
    w, h = camera.width, camera.height
    columns = np.arange(-w, 2 * w) if canvas else np.arange(w)
    rows = np.arange(-h, 2 * h) if canvas else np.arange(h)
    u, v = np.meshgrid(columns + 0.5 + nudge[0], rows + 0.5 + nudge[1])
    focal = camera.focal_mm * w / camera.sensor_mm
    local = np.stack([(u - w / 2) / focal, (v - h / 2) / focal, np.ones_like(u)], axis=-1)
    return turned(camera.rotation, local)


def box_depth(camera, body: Body, directions, lower=(-0.5, -0.5, 0.0), upper=(0.5, 0.5, 1.0)):
    """Returns (H, W) depth of the outside of a scaled and turned box, inf where it is missed.

    By slabs: the ray is inside between the last of its three entries and the first of its exits.
    """
    scale = np.asarray(body.scale)
    start = unturned(body.rotation, np.subtract(camera.position, body.position)) / scale
    step = unturned(body.rotation, directions) / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(np.asarray(bound) - start) / step for bound in (lower, upper)])
    entry, leave = ends.min(0).max(-1), ends.max(0).min(-1)
    return np.where((entry < leave) & (entry > 0), entry, np.inf)


def sphere_depth(camera, centre, radius, directions):
    """Returns (H, W) depth of a sphere's near side, inf where it is missed."""
    offset = np.subtract(camera.position, centre)
    a, b = (directions**2).sum(-1), directions @ offset
    square = b**2 - a * (offset @ offset - radius**2)
    with np.errstate(invalid="ignore"):
        return np.where(square > 0, (-b - np.sqrt(square)) / a, np.inf)


def nearest(depths):
    """Returns (H, W) id of the nearest of several depth maps, the first has id 1, and its depth."""
    depths = np.stack(depths)
    ids = np.where(np.isfinite(depths.min(0)), depths.argmin(0) + 1, 0)
    return ids, depths.min(0)


def extent(mask):
    """Returns the box (x, y, w, h) around a mask's pixels."""
    rows, columns = np.nonzero(mask)
    x, y = columns.min(), rows.min()
    return (x, y, columns.max() - x + 1, rows.max() - y + 1)
