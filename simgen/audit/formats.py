"""Files of a frame decoded with care: a stranger's may be cut off, damaged or made to do harm."""

from io import BytesIO
from struct import pack, unpack_from
from zlib import crc32

import cv2
import numpy as np
import OpenEXR

from simgen.audit.reading import Unreadable

MAX_PIXELS = 1 << 28  # of an image; more is taken for an attack, or a mistake


def decode_image(data: bytes, file: str, flags: int = cv2.IMREAD_COLOR) -> np.ndarray:
    """Returns the pixels as OpenCV reads them, unturned: labels are of the pixels as stored.

    Raises:
        Unreadable: it is damaged, cut off, too large, or no image.
    """
    width, height = header_size(data) or (1, 1)
    if width * height > MAX_PIXELS:
        raise Unreadable(file, f"{width}x{height} pixels are too many to decode")
    if reason := _cut_off(data):
        raise Unreadable(file, reason)
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags | _UNTURNED[flags])
    except (cv2.error, MemoryError) as error:
        raise Unreadable(file, "it cannot be decoded") from error
    if pixels is None:
        raise Unreadable(file, "it cannot be decoded")
    return pixels


_UNTURNED = {
    cv2.IMREAD_COLOR: cv2.IMREAD_IGNORE_ORIENTATION,
    cv2.IMREAD_GRAYSCALE: cv2.IMREAD_IGNORE_ORIENTATION,
    cv2.IMREAD_UNCHANGED: 0,
}


def header_size(data: bytes) -> tuple[int, int] | None:
    """Returns the width and height that a PNG's or JPEG's header states; None for other files."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return unpack_from(">II", data, 16)
    at = 2 if data.startswith(b"\xff\xd8") else len(data)
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], unpack_from(">H", data, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = unpack_from(">HH", data, at + 5)
            return width, height
        at += 1 if marker == 0xFF else 2 + length
    return None


def _cut_off(data: bytes) -> str | None:
    """Returns what tells that a PNG or JPEG is not whole; decoders would fill in grey."""
    if data.startswith(b"\xff\xd8") and b"\xff\xd9" not in data[-65536:]:
        return "the JPEG is cut off: its end is missing"
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    at = 8
    while at + 12 <= len(data):
        length, kind = unpack_from(">I4s", data, at)
        body = data[at + 4 : at + 8 + length]
        if len(data) < at + 12 + length:
            break
        if crc32(body) != unpack_from(">I", data, at + 8 + length)[0]:
            return f"the PNG is damaged: checksum of its part {kind.decode('latin-1')!r}"
        if kind == b"IEND":
            return None
        at += 12 + length
    return "the PNG is cut off: its end is missing"


def decode_exr(data: bytes, file: str, channel: str, size: tuple[int, int]) -> np.ndarray:
    """Returns one channel, (height, width) float32 or float16, of an EXR of that (height, width).

    Raises:
        Unreadable: it is damaged, of another size, or lacks the channel.
    """
    try:
        header = OpenEXR.File(BytesIO(data), header_only=True, num_threads=0).header()
        lower, upper = header["dataWindow"]
        width, height = (upper.astype(int) - lower + 1).tolist()
        if (height, width) != tuple(size):
            raise Unreadable(file, f"it is {width}x{height}, the image {size[1]}x{size[0]}")
        channels = OpenEXR.File(BytesIO(data), separate_channels=True, num_threads=0).channels()
        return channels[channel].pixels
    except KeyError as error:
        raise Unreadable(file, f"it has no channel {channel}") from error
    except (ValueError, TypeError, RuntimeError, MemoryError, OSError) as error:
        reason = (str(error).splitlines() or ["?"])[0]
        raise Unreadable(file, f"the EXR cannot be decoded: {reason}") from error


def decode_flo(data: bytes, file: str, size: tuple[int, int]) -> np.ndarray:
    """Returns a Middlebury .flo's (height, width, 2) float32; raises Unreadable."""
    height, width = size
    if data[:12] != pack("<fii", 202021.25, width, height):
        raise Unreadable(file, f"it is no .flo of {width}x{height}")
    if len(data) != 12 + 8 * width * height:
        raise Unreadable(file, f"it has {len(data)} bytes, not {12 + 8 * width * height}")
    return np.frombuffer(data, "<f4", offset=12).reshape(height, width, 2)


def decode_pages(data: bytes, file: str, most: int) -> list[np.ndarray]:
    """Returns the first pages of a TIFF; raises Unreadable."""
    try:
        found, pages = cv2.imdecodemulti(
            np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED, range=(0, most)
        )
    except (cv2.error, MemoryError) as error:
        raise Unreadable(file, "it cannot be decoded") from error
    if not found:
        raise Unreadable(file, "it cannot be decoded")
    return list(pages)


def shaped(pixels: np.ndarray, file: str, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the pixels; raises Unreadable unless they have this shape."""
    if pixels.shape != tuple(shape):
        found = "x".join(map(str, pixels.shape[1::-1] + pixels.shape[2:]))
        raise Unreadable(file, f"it is {found}, the image {shape[1]}x{shape[0]}")
    return pixels


def decode_ply(data: bytes, file: str) -> tuple[np.ndarray, str]:
    """Returns the vertices of a binary little-endian PLY, by property, and its comments.

    Raises:
        Unreadable: it is none, or not as long as its header says.
    """
    head, found, _ = data[:4096].partition(b"end_header\n")
    lines = head.decode("ascii", "replace").splitlines()
    elements = [line.split() for line in lines if line.startswith("element ")]
    properties = [line.split() for line in lines if line.startswith("property ")]
    try:
        fields = [(name, _PLY[kind]) for _, kind, name in properties]
        ((_, element, count),) = elements
        vertex = np.dtype(fields)
        whole = data[len(head) + len(found) :]
        sound = found and lines[:2] == ["ply", "format binary_little_endian 1.0"]
        if not sound or element != "vertex" or len(whole) != int(count) * vertex.itemsize:
            raise ValueError("its length or format is not what its header says")
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable(file, f"no such PLY as is expected: {error}") from error
    comments = " ".join(line.removeprefix("comment ") for line in lines if "comment" in line)
    return np.frombuffer(whole, vertex), comments


_PLY = {"float": "<f4", "double": "<f8", "uchar": "u1", "ushort": "<u2", "int": "<i4"}
