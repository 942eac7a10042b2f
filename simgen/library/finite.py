"""Coordinates that are no numbers, looked for where Blender's importers turn them into zeros."""

import re
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np

from simgen.errors import SimgenError

_FLOAT, _FLOAT_BYTES = 5126, 4  # of glTF
_WIDTHS = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4",
    "float": "f4", "double": "f8", "int8": "i1", "uint8": "u1", "int16": "i2", "uint16": "u2",
    "int32": "i4", "uint32": "u4", "float32": "f4", "float64": "f8",
}  # fmt: skip
_HEADER = re.compile(rb"^ply\s.*?^end_header\r?\n", re.S | re.M)
_VERTEX = re.compile(rb"^element vertex (\d+)\s*\n((?:(?:property|comment)[^\n]*\n)*)", re.M)
_NO_NUMBER = re.compile(rb"(?:^|\s)[-+]?(?:nan|inf)", re.I)


def require_finite(points: np.ndarray) -> None:
    """Raises SimgenError unless all coordinates are finite."""
    if not np.isfinite(points).all():
        raise SimgenError("it has vertices that are nan or inf; export it again, or repair it")


def check_ply(path: Path) -> None:
    """Raises SimgenError if a vertex of a PLY file is not finite, or there are too few of them."""
    data = path.read_bytes()
    header = _HEADER.match(data)
    vertex = header and _VERTEX.search(header[0].replace(b"\r", b""))
    if not vertex:
        raise SimgenError("it is no PLY file: it has no header with an 'element vertex'")
    body, count = data[header.end() :], int(vertex[1])
    if b"format ascii" in header[0]:
        if any(_NO_NUMBER.search(line) for line in body.split(b"\n", count)[:count]):
            require_finite(np.array(np.nan))
        return
    rows = _rows(vertex[2].decode("ascii", "replace"), b"big_endian" in header[0])
    if rows is None:
        return  # vertices with lists, which Blender refuses
    if rows.itemsize * count > len(body):
        raise SimgenError(f"it is cut off: {len(body)} bytes, where {count} vertices take more")
    table = np.frombuffer(body, rows, count)
    for name in ("x", "y", "z"):
        if name in rows.names:
            require_finite(table[name])


def _rows(properties: str, big: bool) -> np.dtype | None:
    fields = [line.split() for line in properties.splitlines() if line.startswith("property")]
    if any(len(field) != 3 or field[1] not in _WIDTHS for field in fields):
        return None
    return np.dtype([(name, (">" if big else "<") + _WIDTHS[kind]) for _, kind, name in fields])


def check_gltf(path: Path, said: dict[str, Any], binary: bytes) -> None:
    """Raises SimgenError if a position in a glTF file is not finite.

    Args:
        said: its JSON. `binary`: the chunk behind it in a GLB file.
    """
    try:
        for mesh in said.get("meshes", ()):
            for primitive in mesh["primitives"]:
                place = primitive["attributes"].get("POSITION")
                if place is not None:
                    _check_accessor(path, said, binary, said["accessors"][place])
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise SimgenError(f"it is damaged: {type(error).__name__} {error} in its meshes") from error


def _check_accessor(path: Path, said: dict, binary: bytes, accessor: dict) -> None:
    if accessor["componentType"] != _FLOAT or "bufferView" not in accessor:
        return
    view = said["bufferViews"][accessor["bufferView"]]
    uri = said["buffers"][view["buffer"]].get("uri")
    data = binary if uri is None else _buffer(path, uri)
    start = view.get("byteOffset", 0) + accessor.get("byteOffset", 0)
    count, stride = accessor["count"], view.get("byteStride", 3 * _FLOAT_BYTES)
    if count < 1 or start < 0 or start + stride * (count - 1) + 3 * _FLOAT_BYTES > len(data):
        raise SimgenError(f"it is cut off or damaged: its buffer has only {len(data)} bytes")
    require_finite(np.ndarray((count, 3), "<f4", data, start, (stride, _FLOAT_BYTES)))


def _buffer(path: Path, uri: str) -> bytes:
    if uri.startswith("data:"):
        return b64decode(uri.partition(",")[2])
    file = path.parent / unquote(uri)
    if not file.is_file():
        raise SimgenError(f"it needs {file.name}; put that where it looks for it")
    return file.read_bytes()
