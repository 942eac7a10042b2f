"""Two engines on one frame: the ray caster's truth against the renderer's own passes."""

import cv2
import numpy as np

from simgen.errors import SimgenError
from simgen.frame import Agreement, Radiance, Truth


def crosscheck(truth: Truth, radiance: Radiance, depth_tolerance: float = 1e-3) -> Agreement:
    """Returns how far truth and renderer agree, counted over all pixels of the frame.

    id_pixels: share with the same id (0, nothing, counts as one). None without an id pass.
    depth_pixels: share where both hit nothing, or both hit something and their depths differ by at
        most `depth_tolerance` of the truth's: along one ray the same as for distances, where depth
        is below 0 too. A renderer without an id pass is a rasteriser, whose depth is of some point
        of the pixel: there it is the range of depths of the pixel and its eight neighbours that may
        not be left by more.
    pixels: share where both hold.
    depth_median, depth_max: of the relative difference |renderer - truth| / |truth| over the pixels
        where both hit something and, given an id pass, the ids are the same; 0 if there are none.
    """
    if truth.depth.shape != radiance.depth.shape:
        sizes = f"truth is {truth.depth.shape}, the render {radiance.depth.shape}"
        raise ValueError(f"only pictures of one size can be compared: {sizes}")
    hit = np.isfinite(truth.depth) & np.isfinite(radiance.depth)
    exact = truth.depth[hit].astype(float)
    difference = np.zeros(hit.shape)
    difference[hit] = np.abs((radiance.depth[hit] - exact) / exact)
    given = radiance.instance is not None
    same_depth = _within(radiance.depth, truth.depth, depth_tolerance, around=not given)
    same_id = truth.instance == radiance.instance if given else np.ones_like(hit)
    compared = difference[hit & same_id]
    return Agreement(
        pixels=float((same_id & same_depth).mean()),
        id_pixels=float(same_id.mean()) if given else None,
        depth_pixels=float(same_depth.mean()),
        depth_median=float(np.median(compared)) if compared.size else 0.0,
        depth_max=float(compared.max(initial=0.0)),
    )


def _within(seen: np.ndarray, true: np.ndarray, tolerance: float, around: bool) -> np.ndarray:
    nearest = farthest = true = true.astype(float)
    if around:
        window = np.ones((3, 3), np.uint8)
        nearest, farthest = cv2.erode(true, window), cv2.dilate(true, window)
    low, high = (np.copysign(tolerance, each) for each in (nearest, farthest))
    return (seen >= nearest * (1 - low)) & (seen <= farthest * (1 + high))


def require_agreement(agreement: Agreement, minimum: float) -> None:
    """Raises SimgenError if the engines agree on less than `minimum` (0 to 1) of the pixels."""
    if agreement.pixels >= minimum:
        return
    raise SimgenError(
        f"ray casting and the renderer agree on {agreement.pixels:.3%} of the pixels, and "
        f"min_agreement={minimum:g} asks for more: usually a mesh that is not closed, two surfaces "
        f"in one place, or see-through material; mend it, or lower min_agreement (pictures of few "
        f"pixels have relatively more edges)"
    )
