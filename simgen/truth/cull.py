"""Which rays need not be tried on which facets, told from where a lens shows their corners."""

import numpy as np

from simgen.lens import CENTRE_U, CENTRE_V, distortion, focal_px, pixels
from simgen.spec import Camera
from simgen.truth.scan import Facets

SMALL = 20.0  # pixels
SLACK = 0.5
RIM = 0.95  # of the image circle's radius


def small_boxes(
    facets: Facets, camera: Camera, width: int, height: int
) -> tuple[np.ndarray, np.ndarray]:
    """Tells which facets are small in a picture of width x height pixels, and where they are.

    A lens bends an edge to an arc, which may leave the box around the facet's corners. How far, its
    middle tells: where that is off the middle of the corners by more than a quarter of SLACK, or
    the facet on the rim of the image circle, it is not told to be small.

    Returns:
        (T,) bool, and (4, T) int64 x0, y0, x1, y1 of all pixels whose centres may see the facet,
        those from x0 up to x1 and from y0 up to y1; no pixel where it is not small.
    """
    unit = facets.corners / np.sqrt((facets.corners**2).sum(1, keepdims=True))
    middle = unit + np.roll(unit, -1, axis=0)
    uv, bent = (_places(points, camera, width, height) for points in (unit, middle))
    off = np.abs(bent - (uv + np.roll(uv, -1, axis=0)) / 2).max((0, 1))
    low, high = uv.min(0), uv.max(0)
    small = ((high - low).max(0) < SMALL) & (off < SLACK / 4)  # False where there is a nan
    size = [[width], [height]]
    start = np.where(small, np.ceil(low - SLACK), 0).clip(0, size)
    stop = np.where(small, np.floor(high + SLACK) + 1, 0).clip(start, size)
    return small, np.concatenate([start, stop]).astype(int)


def _places(points: np.ndarray, camera: Camera, width: int, height: int) -> np.ndarray:
    """Returns (3, 2, T) pixels of (3, 3, T) points, counted from the first one's centre; nan where
    the lens shows none, and on the rim."""
    uv = pixels(camera, points.swapaxes(1, 2).reshape(-1, 3))
    off = np.hypot(*(uv - (camera.width / 2, camera.height / 2)).T)
    uv[~(off < RIM * distortion(camera.lens).farthest * focal_px(camera))] = np.nan
    uv = uv * (width / camera.width, height / camera.height) - (CENTRE_U, CENTRE_V)
    return uv.reshape(3, -1, 2).swapaxes(1, 2)


def pixels_in(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns x and y of all pixels in (4, T) boxes, and in which box each is, rising."""
    x0, y0, x1, y1 = boxes
    wide = x1 - x0
    count = wide * (y1 - y0)
    box = np.repeat(np.arange(len(count)), count)
    place = np.arange(len(box)) - (np.cumsum(count) - count)[box]
    y, x = np.divmod(place, np.maximum(wide, 1)[box])
    return x0[box] + x, y0[box] + y, box


def stay_inside(facets: Facets, rays: np.ndarray) -> np.ndarray:
    """Tells which facets lie within the largest cone that a picture's (H, W, 3) rays hold all of:
    the narrowest is on the border, and none of these facets is seen beyond it."""
    border = np.concatenate([rays[0], rays[-1], rays[:, 0], rays[:, -1]])
    cosine = border[:, 2] / np.sqrt((border**2).sum(1))
    least = max(np.nanmax(cosine, initial=-1), 0)
    x, y, z = facets.corners.swapaxes(0, 1)
    return (z > least * np.sqrt(x * x + y * y + z * z)).all(0)
