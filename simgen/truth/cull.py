"""Facets that need no ray, told from where a lens shows their corners."""

import numpy as np

from simgen.lens import CENTRE_U, CENTRE_V, distortion, focal_px, pixels
from simgen.spec import Camera
from simgen.truth.scan import Facets

SLACK = 0.1  # pixels
RIM = 0.95  # of the image circle's radius


def between_centres(facets: Facets, camera: Camera, width: int, height: int) -> np.ndarray:
    """Tells which facets, smaller than a pixel, no centre of width x height pixels can see.

    The lens bends a straight edge to an arc, which leaves the box around a facet's corners by
    1 / (8 R) pixels at most, R being the arc's radius in pixels: by less than SLACK. Only on the
    rim of the image circle it might be more, where no facet is told to be unseen.
    """
    points = facets.corners.swapaxes(1, 2).reshape(-1, 3)
    uv = pixels(camera, points)
    off = np.hypot(*(uv - (camera.width / 2, camera.height / 2)).T)
    rim = RIM * distortion(camera.lens).farthest * focal_px(camera)
    uv[~(off < rim)] = np.nan
    uv *= width / camera.width, height / camera.height
    uv -= CENTRE_U, CENTRE_V
    low, high = (bound(uv.reshape(3, -1, 2), axis=0) for bound in (np.min, np.max))
    small = (high - low < 1).all(1)  # False where a corner is nan
    return small & (np.ceil(low - SLACK) > high + SLACK).any(1)


def stay_inside(facets: Facets, rays: np.ndarray) -> np.ndarray:
    """Tells which facets lie within the largest cone that a picture's (H, W, 3) rays hold all of:
    the narrowest is on the border, and none of these facets is seen beyond it."""
    border = np.concatenate([rays[0], rays[-1], rays[:, 0], rays[:, -1]])
    cosine = border[:, 2] / np.sqrt((border**2).sum(1))
    least = max(np.nanmax(cosine, initial=-1), 0)
    x, y, z = facets.corners.swapaxes(0, 1)
    return (z > least * np.sqrt(x * x + y * y + z * z)).all(0)
