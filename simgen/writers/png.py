"""8- and 16-bit PNG in memory."""

import cv2
import numpy as np

_FLAT = (cv2.IMWRITE_PNG_COMPRESSION, 6, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT)


def encode_png(pixels: np.ndarray) -> bytes:
    """Returns a PNG of (H, W) uint8 or uint16, which is flat: made for labels, not photographs."""
    return cv2.imencode(".png", pixels, _FLAT)[1].tobytes()


def encode_rgb_png(rgb: np.ndarray, level: int) -> bytes:
    """Returns a PNG of (H, W, 3) uint8 or uint16.

    Args:
        level: 1 quick to 9 small. Gradients gain little beyond 3, and take long.
    """
    options = (cv2.IMWRITE_PNG_COMPRESSION, level)
    return cv2.imencode(".png", rgb[:, :, ::-1], options)[1].tobytes()


def sixteen_bit(fractions: np.ndarray) -> np.ndarray:
    """Returns round(65535 * x) of values in [0, 1]; what is half a level or next to it goes up.

    A level floor's normal has two zeros, exactly between two levels: no rounding may tell them.
    """
    return np.floor(fractions * 65535 + (0.5 + 1e-6)).clip(0, 65535).astype(np.uint16)
