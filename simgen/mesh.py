"""Triangles as arrays, and the procedural parts that props are made of.

Every part is a closed surface with outward normals; parts of one mesh may overlap. Both the ray
caster and Blender read these same arrays, so what is labelled is what is rendered.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from zlib import crc32

import numpy as np
from scipy.spatial import ConvexHull

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
    """

    vertices: np.ndarray
    triangles: np.ndarray
    uv: np.ndarray
    slot: np.ndarray
    slots: tuple[str, ...]
    part: np.ndarray
    smooth: np.ndarray

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
        return np.full_like(mesh.part, _fraction(vertices))
    return mesh.part


def _fraction(array: np.ndarray) -> float:
    return crc32(np.round(array, 4).astype(np.float32).tobytes()) % 9973 / 9973


def _part(vertices, triangles, uv, slot: str, smooth=False) -> Mesh:
    vertices, triangles = np.asarray(vertices, np.float32), np.asarray(triangles, np.int32)
    n = len(triangles)
    return Mesh(
        vertices,
        triangles,
        np.asarray(uv, np.float32),
        np.zeros(n, np.int32),
        (slot,),
        np.full(n, _fraction(vertices), np.float32),
        np.broadcast_to(np.asarray(smooth, bool), n).copy(),
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


def _positive(**sizes: float) -> None:
    for name, value in sizes.items():
        if not value > 0:
            raise SimgenError(f"mesh: {name}={value} must be greater than 0")


def hull(points: np.ndarray, slot: str) -> Mesh:
    """Returns the convex hull of (N, 3) points, flat faces, uv in metres face by face."""
    points = np.asarray(points, float)
    triangles, dominant = _hull_faces(points)
    return _part(points, triangles, _box_uv(points, triangles, dominant), slot)


def _hull_faces(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns (T, 3) triangles wound outward, and (T,) the axis each faces most."""
    found = ConvexHull(points)
    triangles = found.simplices.copy()
    normals = found.equations[:, :3]
    corners = points[triangles]
    wound = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inward = (wound * normals).sum(1) < 0
    triangles[inward] = triangles[inward][:, ::-1]
    return triangles, np.abs(normals).argmax(1)


def _box_uv(points: np.ndarray, triangles: np.ndarray, dominant: np.ndarray) -> np.ndarray:
    """Returns (T, 3, 2): each face projected along its dominant axis, u along the longest side."""
    order = np.argsort(-np.ptp(points, axis=0), kind="stable")
    uv = np.empty((len(triangles), 3, 2))
    for axis in range(3):
        rows = dominant == axis
        u, v = (a for a in order if a != axis)
        uv[rows] = points[triangles[rows]][:, :, [u, v]]
    return uv


def box(size: Sequence[float], slot: str, chamfer: float = 0.0) -> Mesh:
    """Returns a box of `size` (x, y, z), centred on the origin in x and y, standing on z = 0.

    `chamfer` cuts each edge at 45 degrees by that many metres, which is what catches the light.
    """
    size = np.asarray(size, float)
    _positive(box_size=size.min())
    cut = min(chamfer, 0.49 * size.min())
    points = _box_points(size / 2, cut) + [0, 0, size[2] / 2]
    triangles, dominant = _box_faces(cut > 0)
    return _part(points, triangles, _box_uv(points, triangles, dominant), slot)


def _box_points(half: np.ndarray, cut: float) -> np.ndarray:
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    if cut <= 0:
        return signs * half
    return np.concatenate([signs * (half - cut * (1 - np.eye(3)[a])) for a in range(3)])


@cache
def _box_faces(chamfered: bool) -> tuple[np.ndarray, np.ndarray]:
    """Returns the faces that all boxes share, whatever their size."""
    return _hull_faces(_box_points(np.ones(3), 0.1 * chamfered))


def extrude(polygon: Sequence[Sequence[float]], depth: float, slot: str) -> Mesh:
    """Returns a convex polygon in the x-z plane, given depth `depth` centred on y = 0."""
    _positive(depth=depth)
    flat = np.asarray(polygon, float)
    sides = [np.insert(flat, 1, y, axis=1) for y in (-depth / 2, depth / 2)]
    return hull(np.concatenate(sides), slot)


def lathe(profile: Sequence[Sequence[float]], slot: str, segments: int = 32) -> Mesh:
    """Returns a solid of revolution about z from (radius, z) points listed bottom to top.

    The ends close with flat discs where their radius is not 0. Shaded smooth around the axis and
    flat along it: an edge of the profile stays an edge.
    """
    rings = np.asarray(profile, float)
    if rings[0, 0] > 0:
        rings = np.vstack([[0, rings[0, 1]], rings])
    if rings[-1, 0] > 0:
        rings = np.vstack([rings, [0, rings[-1, 1]]])
    bands = [_band(a, b, slot, segments) for a, b in zip(rings, rings[1:])]
    whole = union(*bands)
    return replace(whole, part=np.full_like(whole.part, _fraction(whole.vertices)))


def ring(outline: Sequence[Sequence[float]], slot: str, segments: int = 32) -> Mesh:
    """Returns what a closed outline of (radius, z) points sweeps about z: hoops, rims, sleeves.

    The outline is listed counter-clockwise with the radius to the right and stays off the axis.
    """
    points = np.asarray(outline, float)
    _positive(ring_radius=points[:, 0].min())
    bands = [_band(a, b, slot, segments) for a, b in zip(points, np.roll(points, -1, axis=0))]
    whole = union(*bands)
    return replace(whole, part=np.full_like(whole.part, _fraction(whole.vertices)))


def rounded(x: float, y: float, radius: float, steps: int = 4) -> np.ndarray:
    """Returns (4 * (steps + 1), 2): a rectangle about the origin with round corners."""
    turn = np.linspace(0, np.pi / 2, steps + 1)
    corners = [
        (sx * (x / 2 - radius), sy * (y / 2 - radius), start)
        for sx, sy, start in ((1, 1, 0), (-1, 1, 1), (-1, -1, 2), (1, -1, 3))
    ]
    return np.concatenate(
        [
            np.column_stack([cx + radius * np.cos(a), cy + radius * np.sin(a)])
            for cx, cy, start in corners
            for a in [turn + start * np.pi / 2]
        ]
    )


def loft(outlines: Sequence[np.ndarray], heights: Sequence[float], slot: str) -> Mesh:
    """Returns the solid skinned over horizontal outlines, (N, 2) each, closed at both ends.

    Outlines run counter-clockwise seen from above, the first and the last are convex. Heights
    that rise along the outside and sink again along the inside make a tray.
    """
    loops = np.stack([np.insert(o, 2, z, axis=1) for o, z in zip(outlines, heights)]).astype(float)
    count, n = loops.shape[:2]
    i, j = np.arange(n), (np.arange(n) + 1) % n
    low = np.arange(count - 1)[:, None] * n
    below = np.stack([low + i, low + j, low + j + n], axis=-1)
    above = np.stack([low + i, low + j + n, low + i + n], axis=-1)
    fan = np.column_stack([np.zeros(n - 2, int), i[1:-1], i[2:]])
    caps = np.concatenate([fan[:, ::-1], fan + (count - 1) * n])
    triangles = np.concatenate([below.reshape(-1, 3), above.reshape(-1, 3), caps])
    points = loops.reshape(-1, 3)
    uv = np.concatenate([_skin_uv(loops), points[caps][:, :, :2]])
    return _part(points, triangles, uv, slot)


def _skin_uv(loops: np.ndarray) -> np.ndarray:
    """Returns (T, 3, 2) of a loft's sides: metres around the widest loop, metres along it."""
    steps = np.linalg.norm(np.roll(loops, -1, axis=1) - loops, axis=2)
    u = np.concatenate([[0], steps[steps.sum(1).argmax()].cumsum()])
    v = np.concatenate([[0], np.linalg.norm(np.diff(loops, axis=0), axis=2).mean(1).cumsum()])
    u, v = np.meshgrid(u, v)
    grid = np.stack([u, v], axis=-1)
    a, b, c, d = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]
    halves = (np.stack(corners, axis=2) for corners in ((a, b, c), (a, c, d)))
    return np.concatenate([half.reshape(-1, 3, 2) for half in halves])


def _band(low: np.ndarray, high: np.ndarray, slot: str, segments: int) -> Mesh:
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])[:-1]
    vertices = np.concatenate(
        [np.column_stack([circle * r, np.full(segments, z)]) for r, z in (low, high)]
    )
    i = np.arange(segments)
    j = (i + 1) % segments
    below = np.column_stack([i, j, j + segments])
    above = np.column_stack([i, j + segments, i + segments])
    around = angle * max(low[0], high[0])
    along = np.array([0.0, np.hypot(*(high - low))]) + low[1]
    lo, hi = (np.column_stack([around, np.full(segments + 1, v)]) for v in along)
    uv_below = np.stack([lo[:-1], lo[1:], hi[1:]], axis=1)
    uv_above = np.stack([lo[:-1], hi[1:], hi[:-1]], axis=1)
    triangles = np.concatenate([below] * bool(low[0] > 0) + [above] * bool(high[0] > 0))
    uv = np.concatenate([uv_below] * bool(low[0] > 0) + [uv_above] * bool(high[0] > 0))
    flat = low[1] == high[1]
    return _part(vertices, triangles, uv, slot, smooth=not flat)


def cylinder(radius: float, height: float, slot: str, segments: int = 24) -> Mesh:
    """Returns a cylinder about z, standing on z = 0."""
    _positive(radius=radius, height=height)
    return lathe([(radius, 0.0), (radius, height)], slot, segments)


def sphere(radius: float, slot: str, segments: int = 64) -> Mesh:
    """Returns a sphere about the origin, its vertices on the true surface."""
    _positive(radius=radius)
    latitude = np.linspace(-np.pi / 2, np.pi / 2, segments // 2 + 1)
    profile = np.column_stack([np.cos(latitude), np.sin(latitude)]) * radius
    profile[[0, -1], 0] = 0.0
    return lathe(profile, slot, segments)


def bar(start: Sequence[float], end: Sequence[float], width: float, slot: str, sides=0) -> Mesh:
    """Returns a straight bar between two points: square section, or round with `sides` >= 3."""
    start, end = np.asarray(start, float), np.asarray(end, float)
    length = float(np.linalg.norm(end - start))
    _positive(bar_length=length)
    if sides:
        upright = cylinder(width / 2, length, slot, sides)
    else:
        upright = box((width, width, length), slot)
    direction = (end - start) / length
    axis = np.cross((0, 0, 1), direction)
    if np.linalg.norm(axis) < 1e-9:
        axis = (1.0, 0.0, 0.0)
    return upright.turned(axis, np.degrees(np.arccos(np.clip(direction[2], -1, 1)))).moved(*start)


def tube(path: Sequence[Sequence[float]], width: float, slot: str, sides: int = 10) -> Mesh:
    """Returns a round bar bent along a path, mitred; a loop where the path ends at its start."""
    path = np.asarray(path, float)
    _positive(tube_width=width)
    loop = len(path) > 3 and np.allclose(path[0], path[-1])
    rings = _mitred_rings(path, width / 2, sides, loop)
    bands = [_quads(a, b, slot) for a, b in zip(rings, rings[1:])]
    caps = [] if loop else [_fan(rings[0][::-1], slot), _fan(rings[-1], slot)]
    whole = union(*bands, *caps)
    return replace(whole, part=np.full_like(whole.part, _fraction(whole.vertices)))


def _mitred_rings(path: np.ndarray, radius: float, sides: int, loop: bool) -> list[np.ndarray]:
    """Returns the section at each point of the path, (sides, 3) each, cut along the mitre plane.

    A ring slides along its straight piece up to the next mitre plane, so it stays on the cylinder.
    """
    steps = np.diff(path, axis=0)
    along = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    mitres = np.concatenate([along[:1], along[:-1] + along[1:], along[-1:]])
    if loop:
        mitres[[0, -1]] = along[0] + along[-1]
    across = np.cross(along[0], np.eye(3)[np.abs(along[0]).argmin()])
    across /= np.linalg.norm(across)
    angle = 2 * np.pi * np.arange(sides) / sides
    circle = np.outer(np.cos(angle), across) + np.outer(np.sin(angle), np.cross(along[0], across))
    ring, rings = path[0] + radius * circle, []
    for point, mitre, direction in zip(path, mitres, along[[0, *range(len(along))]]):
        ring = ring + np.outer((point - ring) @ mitre / (direction @ mitre), direction)
        rings.append(ring)
    return [*rings[:-1], rings[0]] if loop else rings


def _quads(low: np.ndarray, high: np.ndarray, slot: str) -> Mesh:
    """Returns the wall between two rings, counter-clockwise seen from beyond `high`."""
    n = len(low)
    i = np.arange(n)
    j = (i + 1) % n
    triangles = np.concatenate([np.stack([i, j, j + n], 1), np.stack([i, j + n, i + n], 1)])
    width = np.linalg.norm(low[1] - low[0]) * np.stack([i, i + 1])
    length = np.linalg.norm(high.mean(0) - low.mean(0)) * np.stack([0 * i, 0 * i + 1])
    (a, b), (lo, hi) = width, length
    uv_below = np.stack([np.stack(c, 1) for c in ((lo, a), (lo, b), (hi, b))], 1)
    uv_above = np.stack([np.stack(c, 1) for c in ((lo, a), (hi, b), (hi, a))], 1)
    uv = np.concatenate([uv_below, uv_above])
    return _part(np.concatenate([low, high]), triangles, uv, slot, smooth=True)


def _fan(ring: np.ndarray, slot: str) -> Mesh:
    i = np.arange(1, len(ring) - 1)
    triangles = np.stack([0 * i, i, i + 1], 1)
    return _part(ring, triangles, (ring - ring.mean(0))[triangles][:, :, :2], slot)


def filleted(path: Sequence[Sequence[float]], radius: float, steps=4, loop=False) -> np.ndarray:
    """Returns a path (or polygon: `loop`) with each corner replaced by a circular arc.

    Args:
        path: (N, 2) or (N, 3) points. Where a side is too short, the arc shrinks to fit.
        steps: straight pieces in each arc.
        loop: round the first and last corner too; a loop for `tube` must still be closed.
    """
    path = np.asarray(path, float)
    before, after = np.roll(path, 1, 0) - path, np.roll(path, -1, 0) - path
    corners = [_arc(*c, radius, steps) for c in zip(path, before, after)]
    if loop:
        return np.concatenate(corners)
    return np.concatenate([path[:1], *corners[1:-1], path[-1:]])


def _arc(corner, before, after, radius: float, steps: int) -> np.ndarray:
    shortest = min(np.linalg.norm(before), np.linalg.norm(after))
    before, after = before / np.linalg.norm(before), after / np.linalg.norm(after)
    half = np.arccos(np.clip(before @ after, -1, 1)) / 2
    if half < 1e-6 or half > np.pi / 2 - 1e-6:
        return corner[None]
    cut = min(radius / np.tan(half), 0.49 * shortest)
    centre = corner + (before + after) * cut / (2 * np.cos(half) ** 2)
    start, end = corner + before * cut - centre, corner + after * cut - centre
    turn, share = np.pi - 2 * half, np.linspace(0, 1, steps + 1)
    weights = np.sin(np.stack([(1 - share) * turn, share * turn], 1)) / np.sin(turn)
    return centre + weights @ np.stack([start, end])


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
        np.repeat(np.float32([_fraction(v) for v in vertices]), faces),
        np.tile(part.smooth, copies),
    )


def card(width: float, height: float, slot: str, thickness: float = 0.001) -> Mesh:
    """Returns an upright card in the x-z plane facing -y, its front uv [0, 1]: for printed images.

    Only its front carries the image; sides and back take the corner colour of the print.
    """
    _positive(width=width, height=height, thickness=thickness)
    body = box((width, thickness, height), slot)
    corners = body.vertices[body.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    front = normal[:, 1] < -0.5 * np.linalg.norm(normal, axis=1)
    uv = np.zeros_like(body.uv)
    uv[front] = corners[front][:, :, [0, 2]] / np.float32([width, height]) + np.float32([0.5, 0.0])
    return replace(body, uv=uv)
