"""What mesh files refer to, read without Blender: before an importer may follow it anywhere.

Every name must lead to a file inside the library's folder, whatever links lie on the way.
"""

import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from simgen.errors import SimgenError
from simgen.library import usd

_LIBRARY = re.compile(rb"^[ \t]*mtllib[ \t]+([^\r\n]+)", re.M)
_MAP = re.compile(rb"^[ \t]*(?:map_\w+|bump|norm|disp|decal|refl)[ \t]+([^\r\n]+)", re.M | re.I)
_OPTION = re.compile(
    r"^-\w+(?:\s+(?:-?[\d.]+(?:e-?\d+)?|on|off|[rgbmlz](?=\s)|sphere|cube_\w+))*\s+"
)
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")
_JSON = 0x4E4F534A  # kind of a GLB file's first chunk
_TEXT = 64 * 2**20  # bytes of JSON at most


def references(path: Path, root: Path) -> list[Path]:
    """Returns the files that a mesh file names, there or not, in order: all that OBJ and glTF name,
    and USD's layers. Images in USD, FBX and Blender files the importer tells of.

    Raises:
        SimgenError: the file is damaged, or a name leads out of the root.
    """
    suffix = path.suffix.lower()
    if suffix == ".obj":
        return list(dict.fromkeys(_of_obj(path, root)))
    if suffix in (".gltf", ".glb"):
        return list(dict.fromkeys(_of_gltf(path, root)))
    if suffix in usd.SUFFIXES:
        return _of_usd(path, root)
    return []


def resolved(name: str, path: Path, root: Path) -> Path:
    """Returns the file that `path` calls by this name.

    Raises:
        SimgenError: it is an address or a path of the whole machine, or outside of the root.
    """
    plain = name.replace("\\", "/")
    if _SCHEME.match(plain) or plain.startswith("/") or plain[1:2] == ":":
        raise SimgenError(
            f"it names {name!r}, which is no path relative to it; put the file into the library "
            f"and name it relative to {path.name}"
        )
    there = path.parent / plain
    require_inside(there, root, f"it names {name!r}")
    return there


def require_inside(path: Path, root: Path, says: str) -> None:
    """Raises SimgenError where a path, links followed, is not below the root."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError, ValueError) as error:
        raise SimgenError(f"{says}, which cannot be followed: {error}") from error
    if not real.is_relative_to(root):
        raise SimgenError(
            f"{says}, which is outside of the library's folder; copy what it needs into it"
        )


def _of_obj(path: Path, root: Path) -> Iterator[Path]:
    own = path.with_suffix(".mtl")  # read by Blender without being named
    named = [resolved(name, path, root) for name in _names(_LIBRARY, path)]
    for material in dict.fromkeys([*named, *([own] if own.exists() else [])]):
        require_inside(material, root, f"it comes with {material.name!r}")
        yield material
        if material.is_file():
            for name in _names(_MAP, material):
                yield resolved(_without_options(name), material, root)


def _names(pattern: re.Pattern[bytes], path: Path) -> list[str]:
    found = pattern.findall(path.read_bytes())
    return [text.decode("utf-8", errors="surrogateescape").strip().strip('"') for text in found]


def _without_options(text: str) -> str:
    while option := _OPTION.match(text):
        text = text[option.end() :]
    return text.strip()


def _of_gltf(path: Path, root: Path) -> Iterator[Path]:
    for name in _uris(gltf(path)[0]):
        if not name.startswith("data:"):
            yield resolved(unquote(name), path, root)


def _of_usd(path: Path, root: Path) -> list[Path]:
    """Returns the layers below a USD file, and below those."""
    found: dict[Path, None] = {}
    todo = [path]
    while todo:
        layer = todo.pop()
        for name in usd.layers(layer.read_bytes()):
            below = resolved(name, layer, root).resolve()
            if below not in found and below != path:
                found[below] = None
                todo += [below] if below.is_file() and below.suffix in usd.SUFFIXES else []
    return list(found)


def gltf(path: Path) -> tuple[dict[str, Any], bytes]:
    """Returns the JSON of a glTF file, and the binary chunk of a GLB file.

    Raises:
        SimgenError: it is none, or damaged.
    """
    data, binary = path.read_bytes(), b""
    if path.suffix.lower() == ".glb":
        data, binary = _chunks(data)
    try:
        found = json.loads(data[:_TEXT])
    except (ValueError, RecursionError) as error:
        raise SimgenError(f"its JSON is damaged: {error}") from error
    if not isinstance(found, dict) or "asset" not in found:
        raise SimgenError("it is no glTF file: its JSON has no 'asset'")
    version = found["asset"].get("version") if isinstance(found["asset"], dict) else None
    if not str(version).startswith("2."):
        raise SimgenError(f"it is glTF {version}, and only 2.0 can be read; convert it")
    return found, binary


def _chunks(data: bytes) -> tuple[bytes, bytes]:
    if len(data) < 20 or data[:4] != b"glTF":
        raise SimgenError("it is no GLB file: it does not begin with 'glTF'")
    _, _, length, size, kind = struct.unpack_from("<5I", data)
    if length > len(data) or size > len(data) - 20 or kind != _JSON:
        raise SimgenError(f"it is cut off or damaged: {len(data)} bytes, where it says {length}")
    return data[20 : 20 + size], data[28 + size : length]


def _uris(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("uri"), str):
            yield node["uri"]
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _uris(each)
