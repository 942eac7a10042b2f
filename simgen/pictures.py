"""Picture files of the user's, judged before a render needs them."""

import struct
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from simgen.errors import SimgenError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
HDR_SUFFIXES = (".exr", ".hdr")
MOST_MB, MOST_MEGAPIXELS = 256, 100
_PNG = b"\x89PNG\r\n\x1a\n"
_STARTS = {".exr": b"\x76\x2f\x31\x01", ".hdr": b"#?"}
_CV_LOG = getattr(cv2.utils, "logging", cv2)  # from OpenCV 5 on it has a module
_SMALL = cv2.IMREAD_REDUCED_GRAYSCALE_8


@dataclass(frozen=True)
class Picture:
    """What is known of a picture file.

    Attributes:
        content: its bytes.
        width, height: in pixels, as it is stored.
        opaque: (height, width) bool, None where it all is.
    """

    content: bytes
    width: int
    height: int
    opaque: np.ndarray | None = None


def read_picture(path: Path) -> Picture:
    """Returns a picture that Blender can read as people see it.

    Raises:
        SimgenError: what is wrong with it and what to do; the caller says with which file.
    """
    content = _bytes(path)
    pixels = _decoded(content, cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise SimgenError("it is no picture that can be read: it is damaged, or of another kind")
    height, width = pixels.shape[:2]
    _check_area(width, height)
    if _turned(content):
        raise SimgenError(
            "its EXIF data turns it, which Blender does not follow: save it upright, without"
        )
    opaque = pixels[:, :, 3] > np.iinfo(pixels.dtype).max // 2 if _has_alpha(pixels) else None
    return Picture(content, width, height, None if opaque is None or opaque.all() else opaque)


def read_hdr(path: Path) -> bytes:
    """Returns the bytes of a picture of light, as far as its start can tell.

    Raises:
        SimgenError: what is wrong with it and what to do; the caller says with which file.
    """
    content = _bytes(path)
    if not content.startswith(_STARTS[path.suffix.lower()]):
        raise SimgenError("it is no HDRI: it is damaged, or of another kind than its name says")
    return content


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_MB << 20:
            raise SimgenError(f"it is larger than {MOST_MB} MB: save it smaller")
        content = path.read_bytes()
    except OSError as error:
        raise SimgenError(f"it cannot be read: {error.strerror}") from error
    if content.startswith(_PNG) and len(content) >= 24:
        _check_area(*struct.unpack(">II", content[16:24]))  # before its pixels take memory
    return content


def _check_area(width: int, height: int) -> None:
    if width * height > MOST_MEGAPIXELS * 1e6:
        raise SimgenError(
            f"its {width} x {height} pixels are more than {MOST_MEGAPIXELS} million: scale it down"
        )


def _decoded(content: bytes, how: int) -> np.ndarray | None:
    level = _CV_LOG.setLogLevel(0)  # what is wrong is told in one line, ours
    try:
        return cv2.imdecode(np.frombuffer(content, np.uint8), how)
    except cv2.error:
        return None
    finally:
        _CV_LOG.setLogLevel(level)


def _turned(content: bytes) -> bool:
    if content.startswith(_PNG):
        return False
    stored = _decoded(content, _SMALL | cv2.IMREAD_IGNORE_ORIENTATION)
    return not np.array_equal(stored, _decoded(content, _SMALL))


def _has_alpha(pixels: np.ndarray) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] == 4 and pixels.dtype.kind == "u"
