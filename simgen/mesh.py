"""Triangles as arrays.

Both the ray caster and Blender read these same arrays, so what is labelled is what is rendered.
Every part is a closed surface with outward normals, but for what users bring along (truth/solid.py
tells); parts of one mesh may overlap. The parts that props are made of are in solids.py, turned.py
and swept.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from zlib import crc32

import numpy as np

from simgen.errors import SimgenError


@dataclass(frozen=True, eq=False)
class Mesh:
    """A triangle mesh in its own axes, metres.

    Attributes:
        vertices: (V, 3) float32.
        triangles: (T, 3) int32, counter-clockwise seen from outside.
        uv: (T, 3, 2) float32 per corner; metres on the part's surface, u along its longest side,
            except where a part says [0, 1].
        slot: (T,) int32 into `slots`, the names of its materials.
        part: (T,) float32 in [0, 1), one value for each part: lets two boards differ.
        smooth: (T,) bool, shade with interpolated normals.
        color: (T, 3, 4) float32 per corner, linear RGB and alpha, for materials that ask for it.
    """

    vertices: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray
    slot: np.ndarray
    slots: tuple[str, ...]
    part: np.ndarray
    smooth: np.ndarray
    color: np.ndarray | None = None

    @cached_property
    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper corner, (3,) float64 each."""
        return self.vertices.min(0).astype(float), self.vertices.max(0).astype(float)

    @property
    def size(self) -> np.ndarray:
        """Extent along x, y, z, (3,) float64."""
        lower, upper = self.bounds
        return upper - lower

    def moved(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> "Mesh":
        vertices = self.vertices + np.float32([x, y, z])
        return replace(self, vertices=vertices, part=_named(self, vertices))

    def turned(self, axis: Sequence[float], degrees: float) -> "Mesh":
        """Returns the mesh turned about an axis through the origin, by the right-hand rule."""
        k = np.asarray(axis, float) / np.linalg.norm(axis)
        a, cross = np.radians(degrees), np.cross(np.eye(3), k)
        rotation = np.eye(3) + np.sin(a) * cross + (1 - np.cos(a)) * cross @ cross
        return replace(self, vertices=(self.vertices @ rotation.T).astype(np.float32))


def _named(mesh: Mesh, vertices: np.ndarray) -> np.ndarray:
    """Returns `part` anew for a single part (its place decides), unchanged for a union."""
    if len(mesh.part) and (mesh.part == mesh.part[0]).all():
        return np.full_like(mesh.part, fraction(vertices))
    return mesh.part


def fraction(array: np.ndarray) -> float:
    """Returns a number in [0, 1) that the array's values decide, to a tenth of a millimetre."""
    return crc32(np.round(array, 4).astype(np.float32).tobytes()) % 9973 / 9973


def make_part(vertices, triangles, uv, slot: str, smooth: bool = False) -> Mesh:
    """Returns one part: (V, 3) vertices, (T, 3) triangles, (T, 3, 2) uv.

    It is smooth or flat as a whole: Blender 4 and 5 shade vertices differently that both share.
    """
    vertices, triangles = np.asarray(vertices, np.float32), np.asarray(triangles, np.int32)
    n = len(triangles)
    return Mesh(
        vertices,
        triangles,
        np.asarray(uv, np.float32),
        np.zeros(n, np.int32),
        (slot,),
        np.full(n, fraction(vertices), np.float32),
        np.full(n, smooth),
    )


def union(*parts: Mesh) -> Mesh:
    """Returns all parts as one mesh; slots of one name become one slot."""
    slots = tuple(dict.fromkeys(name for part in parts for name in part.slots))
    starts = np.cumsum([0, *(len(p.vertices) for p in parts)])
    remapped = [np.int32([slots.index(s) for s in p.slots])[p.slot] for p in parts]
    return Mesh(
        np.concatenate([p.vertices for p in parts]),
        np.concatenate([p.triangles + np.int32(start) for p, start in zip(parts, starts)]),
        np.concatenate([p.uv for p in parts]),
        np.concatenate(remapped),
        slots,
        np.concatenate([p.part for p in parts]),
        np.concatenate([p.smooth for p in parts]),
    )


def array(part: Mesh, offsets: Sequence[Sequence[float]]) -> Mesh:
    """Returns one copy of the part at each (x, y, z) offset."""
    offsets, n = np.asarray(offsets, np.float32).reshape(-1, 3), len(part.vertices)
    copies, faces = len(offsets), len(part.triangles)
    vertices = part.vertices + offsets[:, None]
    starts = np.int32(n) * np.arange(copies, dtype=np.int32)
    return Mesh(
        vertices.reshape(-1, 3),
        (part.triangles + starts[:, None, None]).reshape(-1, 3),
        np.tile(part.uv, (copies, 1, 1)),
        np.tile(part.slot, copies),
        part.slots,
        np.repeat(np.float32([fraction(v) for v in vertices]), faces),
        np.tile(part.smooth, copies),
    )


def require_positive(**sizes: float) -> None:
    """Raises SimgenError, naming the size, unless each is greater than 0."""
    for name, value in sizes.items():
        if not value > 0:
            raise SimgenError(f"mesh: {name}={value} must be greater than 0")
