"""Which other layers a USD file composes, read without USD, which would follow them anywhere.

Text files name them between @; crates (.usdc) among their tokens, an LZ4 block (the layout is that
of OpenUSD's pxr/usd/usd/crateFile.h); packages (.usdz) are zip archives of both.
"""

import io
import re
import struct
from collections.abc import Iterator
from pathlib import PurePosixPath
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from simgen.errors import SimgenError

SUFFIXES = (".usd", ".usda", ".usdc", ".usdz")
_CRATE, _PACKAGE = b"PXR-USDC", b"PK\x03\x04"
_BETWEEN = re.compile(r"@@@(.*?)@@@|@([^@\n]*)@", re.S)
_LAYER = re.compile(r"\.(?:usd[acz]?|abc|mtlx|vdb)(?=$|\[|:SDF_FORMAT_ARGS)", re.I)
_PLAIN_TOKENS_UNTIL = (0, 4)  # version from which tokens are compressed
_MOST = 256 * 2**20  # bytes of tokens


def layers(data: bytes) -> Iterator[str]:
    """Yields the names of layers that a USD file refers to, as they are written.

    Raises:
        SimgenError: the file is damaged, or a layer's name is to be computed.
    """
    try:
        if data.startswith(_PACKAGE):
            yield from _of_package(data)
            return
        names = _tokens(data) if data.startswith(_CRATE) else _quoted(data)
        for name in names:
            if name.startswith("`"):
                raise SimgenError(f"it computes the name of a layer: {name}; write it out")
            end = _LAYER.search(name)
            if end:
                yield name[: end.end()]
    except (struct.error, IndexError, ValueError, BadZipFile) as error:
        raise SimgenError(f"it is a damaged USD file: {error}") from error


def _quoted(data: bytes) -> Iterator[str]:
    for long, short in _BETWEEN.findall(data.decode("utf-8", "surrogateescape")):
        yield long or short


def _of_package(data: bytes) -> Iterator[str]:
    """Yields the layers that a package refers to outside of itself."""
    with ZipFile(io.BytesIO(data)) as package:
        inside = package.namelist()
        for member in inside:
            if PurePosixPath(member).suffix.lower() in SUFFIXES:
                if package.getinfo(member).compress_type != ZIP_STORED:
                    raise ValueError(f"{member} is compressed")  # which USD does not read
                for name in layers(package.read(member)):
                    if _joined(member, name) not in inside:
                        yield name


def _joined(member: str, name: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(member).parent / name).parts:
        parts = parts[:-1] if part == ".." and parts else [*parts, part]
    return "/".join(parts)


def _tokens(data: bytes) -> list[str]:
    (contents,) = struct.unpack_from("<q", data, 16)
    (count,) = struct.unpack_from("<Q", data, contents)
    sections = [struct.unpack_from("<16sqq", data, contents + 8 + 32 * i) for i in range(count)]
    start = next(at for name, at, _ in sections if name.rstrip(b"\0") == b"TOKENS")
    _, size = struct.unpack_from("<QQ", data, start)
    if size > _MOST:
        raise ValueError(f"{size} bytes of names")
    if tuple(data[8:10]) < _PLAIN_TOKENS_UNTIL:
        text = data[start + 16 : start + 16 + size]
    else:
        (packed,) = struct.unpack_from("<Q", data, start + 16)
        text = _unpacked(data[start + 24 : start + 24 + packed], size)
    return text.decode("utf-8", "surrogateescape").split("\0")


def _unpacked(packed: bytes, size: int) -> bytes:
    """Returns what one LZ4 block, or several with their lengths before them, hold."""
    if not packed[0]:
        return _lz4(packed[1:], size)
    text, at = b"", 1
    for _ in range(packed[0]):
        (length,) = struct.unpack_from("<i", packed, at)
        text += _lz4(packed[at + 4 : at + 4 + length], size - len(text))
        at += 4 + length
    return text


def _lz4(block: bytes, most: int) -> bytes:
    """Returns an LZ4 block's content (the format: lz4_Block_format.md of the LZ4 project)."""
    out, at = bytearray(), 0
    while at < len(block):
        token, at = block[at], at + 1
        literals, at = _length(block, at, token >> 4)
        out += block[at : at + literals]
        at += literals
        if at >= len(block):
            break
        (back,) = struct.unpack_from("<H", block, at)
        copied, at = _length(block, at + 2, token & 15)
        if not 0 < back <= len(out) or len(out) + copied > most:
            raise ValueError("its names do not unpack")
        for _ in range(copied + 4):
            out.append(out[-back])
    return bytes(out)


def _length(block: bytes, at: int, length: int) -> tuple[int, int]:
    if length == 15:
        while True:
            length, at = length + block[at], at + 1
            if block[at - 1] != 255:
                break
    return length, at
