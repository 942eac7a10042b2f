"""8- and 16-bit PNG in memory."""

import cv2
import numpy as np

_FLAT = (cv2.IMWRITE_PNG_COMPRESSION, 6, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT)


def encode_png(pixels: np.ndarray) -> bytes:
    """Returns a PNG of (H, W) uint8 or uint16, which is flat: made for labels, not photographs."""
    return cv2.imencode(".png", pixels, _FLAT)[1].tobytes()
