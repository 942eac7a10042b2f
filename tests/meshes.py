"""Mesh files of a cube, written by hand, for the tests of the library."""

import json
import struct
from pathlib import Path

import cv2
import numpy as np

CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
SQUARES = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
TRIANGLES = np.array([t for a, b, c, d in SQUARES for t in ((a, b, c), (a, c, d))])


def obj(path: Path, size=(0.1, 0.1, 0.1), head="", triangles=TRIANGLES) -> Path:
    """Writes a box of this size, all in one material if `head` names a library of them."""
    lines = [head] if head else []
    lines += [f"v {x:.9g} {y:.9g} {z:.9g}" for x, y, z in CORNERS * size]
    lines += ["vt 0 0", "vt 1 0", "vt 1 1", "usemtl paint"]
    lines += [f"f {a + 1}/1 {b + 1}/2 {c + 1}/3" for a, b, c in triangles]
    return write(path, "\n".join(lines) + "\n")


def mtl(path: Path, *lines: str) -> Path:
    return write(path, "\n".join(["newmtl paint", "Kd 0.8 0.1 0.1", *lines]) + "\n")


def png(path: Path, color=(200, 30, 30), size=(8, 8)) -> Path:
    """Writes an image of one RGB colour."""
    image = np.full((*size, 3), color[::-1], np.uint8)
    return write(path, cv2.imencode(".png", image)[1].tobytes())


def stl(path: Path, size=(0.1, 0.1, 0.1)) -> Path:
    corners = (CORNERS * size)[TRIANGLES].astype("<f4")
    facets = b"".join(b"\0" * 12 + facet.tobytes() + b"\0\0" for facet in corners)
    return write(path, b"\0" * 80 + struct.pack("<I", len(corners)) + facets)


def ply(path: Path, size=(0.1, 0.1, 0.1), color=None, binary=False) -> Path:
    """Writes a box, with this colour (0 to 255) at each vertex."""
    head = f"ply\nformat {'binary_little_endian' if binary else 'ascii'} 1.0\nelement vertex 8\n"
    head += "".join(f"property float {axis}\n" for axis in "xyz")
    head += "".join(f"property uchar {name}\n" for name in ("red", "green", "blue") if color)
    head += "element face 12\nproperty list uchar int vertex_indices\nend_header\n"
    if binary:
        faces = b"".join(struct.pack("<B3i", 3, *triangle) for triangle in TRIANGLES)
        return write(path, head.encode() + (CORNERS * size).astype("<f4").tobytes() + faces)
    rows = [" ".join(map(str, (*corner, *(color or ())))) for corner in (CORNERS * size).tolist()]
    faces = [f"3 {a} {b} {c}" for a, b, c in TRIANGLES]
    return write(path, head + "\n".join(rows + faces) + "\n")


def gltf(path: Path, **changes) -> Path:
    """Writes a box as .gltf with its buffer beside it, or in one as .glb; `changes` go into the
    JSON."""
    vertices = (CORNERS * 0.1).astype("<f4").tobytes()
    data = vertices + TRIANGLES.astype("<u2").tobytes()
    buffer = {"byteLength": len(data)}
    if path.suffix == ".gltf":
        buffer["uri"] = write(path.with_suffix(".bin"), data).name
    said = {
        "asset": {"version": "2.0"},
        "scenes": [{"nodes": [0]}],
        "scene": 0,
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "buffers": [buffer],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": len(vertices)},
            {"buffer": 0, "byteOffset": len(vertices), "byteLength": len(data) - len(vertices)},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3",
             "min": [0, 0, 0], "max": [0.1, 0.1, 0.1]},
            {"bufferView": 1, "componentType": 5123, "count": 36, "type": "SCALAR"},
        ],
        **changes,
    }  # fmt: skip
    text = json.dumps(said).encode()
    return write(path, text if path.suffix == ".gltf" else glb(text, data))


def glb(text: bytes, data: bytes) -> bytes:
    text += b" " * (-len(text) % 4)
    data += b"\0" * (-len(data) % 4)
    body = struct.pack("<I4s", len(text), b"JSON") + text
    body += struct.pack("<I4s", len(data), b"BIN\0") + data
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path
