"""Which way the ray through a pixel leaves the camera, and through which pixel it sees a point.

A direction is laid on a plane (x / z, y / z; for a fisheye as far from the axis as its angle to
it), the plane is bent, and the focal length turns it into pixels, as OpenCV's projectPoints and
fisheye.projectPoints do. But OpenCV counts pixels from the centre of the first one, so that its cx,
cy are ours less 0.5, and its fisheye sees no farther than 90 degrees from the axis.
"""

from functools import lru_cache

import numpy as np

from simgen.distortion import Distortion
from simgen.errors import SimgenError
from simgen.spec import Camera, Lens

# Rays miss the exact centre by this much, so that none meets a corner or an edge that was placed
# on a pixel centre on purpose: there, rounding would decide, edge by edge.
CENTRE_U = 0.5 + 1.1e-8
CENTRE_V = 0.5 + 0.7e-8

Window = tuple[int, int, int, int]  # columns from x0 up to x1, rows from y0 up to y1

LEAST_SEEN = 0.25  # share of a picture's pixels that have a ray


def focal_px(camera: Camera) -> float:
    """Returns the focal length in pixels."""
    return camera.focal_mm / camera.sensor_mm * camera.width


def pixels(camera: Camera, points: np.ndarray) -> np.ndarray:
    """Returns (N, 2) u, v of (N, 3) points in camera axes; they may lie outside the picture.

    nan where the lens shows nothing: behind a pinhole or brown_conrady, and farther off the axis
    than its distortion can be undone.
    """
    flat = _flat(camera.lens, np.asarray(points, float).reshape(-1, 3))
    bent = distortion(camera.lens).bend(flat)
    return np.column_stack([bent.real, bent.imag]) * focal_px(camera) + _middle(camera)


def directions(camera: Camera, uv: np.ndarray) -> np.ndarray:
    """Returns (N, 3) float64 directions in camera axes of the rays through (N, 2) u, v.

    For a fisheye their length is 1, else their z; nan where the lens has no ray, outside its image
    circle.
    """
    bent = (np.asarray(uv, float).reshape(-1, 2) - _middle(camera)) / focal_px(camera)
    flat = distortion(camera.lens).unbend(bent[:, 0] + 1j * bent[:, 1])
    if camera.lens.model != "fisheye":
        return np.column_stack([flat.real, flat.imag, 1 + 0 * flat.real])
    angle = np.abs(flat)
    flat = flat * np.sinc(angle / np.pi)
    return np.column_stack([flat.real, flat.imag, np.cos(angle)])


def rays(
    camera: Camera,
    width: int | None = None,
    height: int | None = None,
    window: Window | None = None,
) -> np.ndarray:
    """Returns (H, W, 3) float64, read-only: the `directions` through the centres of the pixels.

    Args:
        width, height: of the same view spread over another number of pixels than the camera has.
        window: these of those pixels, which may lie outside the picture; without it, the picture.

    Raises:
        SimgenError: the lens shows less than a quarter of the picture.
    """
    width, height = width or camera.width, height or camera.height
    optics = Camera(
        width=camera.width,
        height=camera.height,
        focal_mm=camera.focal_mm,
        sensor_mm=camera.sensor_mm,
        lens=camera.lens,
    )
    if window is None:
        return _picture(optics, width, height)
    return _rays(optics, width, height, window)


def cosines(camera: Camera, width: int | None = None, height: int | None = None) -> np.ndarray:
    """Returns (H, W) float64: what a distance along the `rays` is times to be a depth along the
    optical axis. Not above 0 for rays that look to the side or behind; nan where there is none."""
    found = rays(camera, width, height)
    return found[..., 2] / np.sqrt((found**2).sum(-1))


@lru_cache(maxsize=4)
def _picture(camera: Camera, width: int, height: int) -> np.ndarray:
    found = _rays(camera, width, height, (0, 0, width, height))
    seen = np.isfinite(found[..., 0]).mean()
    if seen < LEAST_SEEN:
        raise SimgenError(
            f"Lens.coefficients={camera.lens.coefficients} of {camera.lens.model} leave a ray to "
            f"{seen:.0%} of the pixels: farther off the axis they fold the picture over; choose "
            f"smaller ones, or a longer focal length"
        )
    return found


def _rays(camera: Camera, width: int, height: int, window: Window) -> np.ndarray:
    x0, y0, x1, y1 = window
    u = (np.arange(x0, x1) + CENTRE_U) * (camera.width / width)
    v = (np.arange(y0, y1) + CENTRE_V) * (camera.height / height)
    uv = np.stack(np.meshgrid(u, v), axis=-1)
    found = directions(camera, uv).reshape(*uv.shape[:2], 3)
    found.flags.writeable = False
    return found


def distortion(lens: Lens) -> Distortion:
    """Returns how the lens bends the plane, of complex numbers, on which directions are laid."""
    if lens.model == "fisheye":
        return Distortion(lens.coefficients, reach=np.pi)
    k1, k2, p1, p2, k3 = (*lens.coefficients, 0.0, 0.0, 0.0, 0.0, 0.0)[:5]
    return Distortion((k1, k2, k3), complex(p2, p1))


def _flat(lens: Lens, points: np.ndarray) -> np.ndarray:
    """Returns (N,) complex places on the plane; nan for points that are on none."""
    x, y, z = points.T
    if lens.model == "fisheye":
        off = np.hypot(x, y)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(off > 0, np.arctan2(off, z) / off, np.where(z > 0, 1 / z, np.nan))
    else:
        with np.errstate(divide="ignore"):
            scale = np.where(z > 0, 1 / z, np.nan)
    return (x + 1j * y) * scale


def _middle(camera: Camera) -> np.ndarray:
    return np.array([camera.width / 2, camera.height / 2])
