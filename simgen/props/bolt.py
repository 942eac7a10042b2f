"""A hexagon head bolt, standing on its head; sizes after ISO 4014 and 4017."""

import numpy as np

from simgen.flat import circle
from simgen.keypoints import Edges, Points, middle_above, plain
from simgen.mesh import Mesh, union
from simgen.pieces import Pieces
from simgen.solids import hull
from simgen.spec import Material, Value
from simgen.turned import lathe

FINISH = {"steel": Material("metal", (0.42, 0.43, 0.45), roughness=0.32, wear=0.15)}
SIZES = tuple(
    {"thread": thread, "length": length}
    for thread, length in ((0.008, 0.04), (0.01, 0.05), (0.012, 0.04), (0.012, 0.07), (0.016, 0.06))
)
LOOKS = tuple(
    {"steel": Material("metal", color, roughness=roughness, wear=wear)}
    for color, roughness, wear in (
        ((0.42, 0.43, 0.45), 0.32, 0.15),
        ((0.55, 0.43, 0.2), 0.3, 0.2),
        ((0.035, 0.033, 0.03), 0.4, 0.2),
    )
)
SEGMENTS = 20
HEX = np.pi / 3 * np.arange(6)
SKELETON: Edges = (("head_left", "head_right"), ("head_left", "tip"), ("head_right", "tip"))


def build(thread: float = 0.012, length: float = 0.05) -> Mesh:
    """Returns a bolt of `thread` diameter; `length` is the shank's."""
    return union(_head(thread), _shank(thread, length))


def keypoints(**params: Value) -> Points:
    """Returns two corners of the head and the middle of the tip."""
    bolt = build(**params)
    corner = bolt.vertices[:, 0].max(), bolt.vertices[:, 0].min()
    height = 0.5 * _sizes(dict(params).get("thread", 0.012))[1]
    return {
        "head_left": plain((corner[1], 0, height)),
        "head_right": plain((corner[0], 0, height)),
        "tip": middle_above(bolt),
    }


def pieces(**params: Value) -> Pieces:
    """Returns the head and the shank."""
    thread, length = (
        dict(params).get(name, default) for name, default in (("thread", 0.012), ("length", 0.05))
    )
    return _head(thread).vertices, _shank(thread, length).vertices


def _sizes(thread: float) -> tuple[float, float]:
    """Returns the width across flats and the height of the head."""
    return 1.55 * thread, 0.64 * thread


def _head(thread: float) -> Mesh:
    flats, height = _sizes(thread)
    corner = flats / np.sqrt(3)
    hexagon = corner * np.column_stack([np.cos(HEX), np.sin(HEX)])
    levels = ((0.47 * circle(flats, 18), 0.0), (hexagon, 0.14 * height), (hexagon, height))
    return hull(np.concatenate([np.insert(flat, 2, z, axis=1) for flat, z in levels]), "steel")


def _shank(thread: float, length: float) -> Mesh:
    """Returns the plain part and, at the end, rings for a thread."""
    radius, pitch, start = thread / 2, 0.14 * thread, 0.95 * _sizes(thread)[1]
    end = _sizes(thread)[1] + length
    count = int(min(length, 2 * thread + 0.006) / pitch)
    ridges = end - pitch * np.arange(count, 0, -1)
    profile = [(0.94 * radius, start), (0.94 * radius, ridges[0] - 1e-4)]
    for z in ridges:
        profile += [(0.86 * radius, z + 0.15 * pitch), (radius, z + 0.5 * pitch),
                    (radius, z + 0.62 * pitch)]  # fmt: skip
    return lathe([*profile, (0.8 * radius, end)], "steel", SEGMENTS)
