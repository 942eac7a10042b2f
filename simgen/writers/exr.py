"""One-channel OpenEXR in memory."""

from io import BytesIO

import numpy as np
import OpenEXR


def encode_exr(channel: str, plane: np.ndarray) -> bytes:
    """Returns a scan-line EXR of (H, W) float32 or float16, every bit kept."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    stream = BytesIO()
    OpenEXR.File(header, {channel: plane}).write(stream)
    return stream.getvalue()
