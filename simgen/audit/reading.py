"""Files of a folder that may be a stranger's: read whole, within bounds, and decoded with care."""

import os
import stat
from io import BytesIO
from pathlib import Path, PurePosixPath
from struct import unpack_from
from typing import Any
from zlib import crc32

import cv2
import msgspec
import numpy as np
import OpenEXR

from simgen.errors import SimgenError
from simgen.machine import free_memory_gb
from simgen.scratch import inside

MAX_PIXELS = 1 << 28  # of an image; more is taken for an attack, or a mistake
MAX_JSON = 1 << 36  # bytes; memory sets a nearer bound
_MAX_BYTES = 1 << 30  # of a file of one frame


class Unreadable(SimgenError):
    """A file that cannot be read or decoded; the message is one line, `file` says which it was."""

    def __init__(self, file: str, reason: str):
        super().__init__(f"{file}: {reason}")
        self.file, self.reason = file, reason


def locate(root: Path, relative: str) -> Path:
    """Returns where a file is.

    Raises:
        Unreadable: its name leads out of the folder.
    """
    parts = PurePosixPath(relative)
    if not relative.isprintable() or parts.is_absolute() or ".." in parts.parts or "\\" in relative:
        raise Unreadable(ascii(relative)[:200], "its name leads out of the folder")
    try:
        return inside(root, root / parts)
    except SimgenError as error:
        raise Unreadable(relative, "a link leads out of the folder") from error
    except (OSError, RuntimeError) as error:  # a loop of links, a name too long
        raise Unreadable(relative[:200], "its name leads nowhere") from error


def read(root: Path, relative: str, limit: int = _MAX_BYTES) -> bytes:
    """Returns a file's bytes.

    Raises:
        Unreadable: it is missing, no plain file, or larger than `limit`.
    """
    path = locate(root, relative)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe would wait for ever
        with open(handle, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise Unreadable(relative, "it is no plain file")
            if about.st_size > limit:
                raise Unreadable(relative, f"{about.st_size >> 20} MiB are too many to read")
            return file.read(about.st_size)
    except FileNotFoundError as error:
        raise Unreadable(relative, "it is missing") from error
    except OSError as error:
        raise Unreadable(relative, error.strerror or str(error)) from error


def read_json(root: Path, relative: str, kind: Any = Any) -> Any:
    """Returns a JSON file's content as `kind`; raises Unreadable.

    Parts of `kind` that are msgspec.Raw stay bytes: a file is held once, not as objects ten times
    its size.
    """
    data = read(root, relative, int(min(MAX_JSON, free_memory_gb() * (1 << 30) / 3)))
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=kind)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(relative, f"no such JSON as is expected: {error}") from error


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
