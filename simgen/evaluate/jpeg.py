"""The quality that a JPEG file was saved with, read from its quantisation tables."""

import struct
from collections.abc import Iterator

import numpy as np

_LUMINANCE = np.array(  # ITU-T T.81, table K.1, in the zigzag order that files have
    [
        16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40,
        26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58, 51, 61, 60, 57, 51,
        56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87,
        95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
    ],
    float,
)  # fmt: skip
_ALONE = {0x01, *range(0xD0, 0xD9)}  # markers without a length
_SCAN, _END, _TABLES = 0xDA, 0xD9, 0xDB


def quality(data: bytes) -> int | None:
    """Returns the quality, 1 to 100, of a file's luminance table on the scale of the Independent
    JPEG Group's library; encoders with tables of their own get the nearest. None for what is no
    JPEG file, or has no such table."""
    table = next((values for number, values in _tables(data) if number == 0), None)
    if table is None:
        return None
    return 1 + int(np.abs(np.sqrt(_SCALED) - np.sqrt(table)).sum(1).argmin())


def _scaled() -> np.ndarray:
    """Returns (100, 64) the library's luminance table at each quality (jpeg_quality_scaling)."""
    levels = np.arange(1, 101)
    percent = np.where(levels < 50, 5000 // levels, 200 - 2 * levels)
    return ((_LUMINANCE * percent[:, None] + 50) // 100).clip(1, 255)


_SCALED = _scaled()


def _tables(data: bytes) -> Iterator[tuple[int, np.ndarray]]:
    """Yields the number and the (64,) entries of each table before the first scan."""
    for segment in _segments(data):
        at = 0
        while at < len(segment):
            wide, number = segment[at] >> 4, segment[at] & 15
            kind = np.dtype(">u2" if wide else "u1")
            end = at + 1 + 64 * kind.itemsize
            if end <= len(segment):
                yield number, np.frombuffer(segment[at + 1 : end], kind).astype(float)
            at = end


def _segments(data: bytes) -> Iterator[bytes]:
    """Yields the content of each DQT segment; stops quietly where a file is cut off or damaged."""
    if not data.startswith(b"\xff\xd8"):
        return
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker in (_SCAN, _END):
            return
        if marker == 0xFF or marker in _ALONE:  # fill byte
            at += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack(">H", data[at + 2 : at + 4])
        if marker == _TABLES:
            yield data[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)
