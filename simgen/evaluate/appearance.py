"""What of a picture makes detection hard, whatever is in it: light, blur, clutter."""

import cv2
import numpy as np

from simgen.evaluate.look import Look, brightness, sharpness


def appearance(rgb: np.ndarray) -> dict[str, float]:
    """Returns measures of a picture, (H, W, 3) uint8, its longer side brought down to 480 px.

    Returns:
        brightness, sharpness: as the gap has them, see `brightness` and `sharpness`; a blurred
            picture is not sharp.
        edges: share of pixels on a Canny edge, a measure of clutter (Rosenholtz, Li and Nakano,
            "Measuring visual clutter", 2007); its thresholds follow the mean luma, so that the
            exposure does not count.
    """
    look = Look.of(rgb)
    luma = look.luma.round().clip(0, 255).astype(np.uint8)
    edges = cv2.Canny(luma, 0.8 * luma.mean(), 1.6 * luma.mean())
    return {
        "brightness": brightness(look),
        "sharpness": sharpness(look),
        "edges": float((edges > 0).mean()),
    }
