"""What rays meet among the posed meshes: the audit's own caster, for samples of pixels.

A ray passes a triangle if the three planes through the eye and an edge have it on one side: a
product of all rays with all edges' normals, in the object's own axes. It shares no line with the
caster that makes labels, and answers twice, with triangles a hair wider and a hair narrower, so
that rays that graze an outline accuse nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from simgen.audit.camera import rotations
from simgen.props import mesh_of
from simgen.spec import Body, Camera, Shape

GRAZE = 1e-9  # radians: hair's breadth
_PAIRS = 1 << 20  # of ray and triangle in memory at a time


@dataclass(frozen=True, eq=False)
class Hit:
    """Where N rays meet meshes; a ray's `far` is in lengths of its direction, inf = nothing.

    Attributes:
        body: (N,) index of the body met first, -1 = none. `far`: (N,) how far.
        wide, wide_far: the same for triangles a hair wider.
    """

    body: np.ndarray
    far: np.ndarray
    wide: np.ndarray
    wide_far: np.ndarray


@dataclass(frozen=True, eq=False)
class Posed:
    """The bodies of a scene before its camera.

    Attributes:
        matrix: (B, 3, 3), from object axes to the camera's, and offset: (B, 3), metres.
    """

    shapes: tuple[Shape, ...]
    matrix: np.ndarray
    offset: np.ndarray

    @classmethod
    def of(cls, bodies: Sequence[Body], camera: Camera) -> "Posed":
        turn = rotations(camera.rotation)[0].T
        turned = turn @ rotations([body.rotation for body in bodies])
        scales = np.array([body.scale for body in bodies], float).reshape(-1, 1, 3)
        places = np.array([body.position for body in bodies], float).reshape(-1, 3)
        offset = (places - camera.position) @ turn.T
        return cls(tuple(body.shape for body in bodies), turned * scales, offset)

    @cached_property
    def inverse(self) -> np.ndarray:
        return np.linalg.inv(self.matrix)

    @cached_property
    def bounds(self) -> np.ndarray:
        """(B, 2, 3): lower and upper corner of each body's mesh, in its own axes."""
        boxes = [(t.min((0, 1)), t.max((0, 1))) for t in map(triangles, self.shapes)]
        return np.array(boxes).reshape(-1, 2, 3)

    def corners(self, i: int) -> np.ndarray:
        """Returns (8, 3) corners of a body's oriented bounding box in camera axes."""
        bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
        return np.where(bits, *self.bounds[i][::-1]) @ self.matrix[i].T + self.offset[i]

    def first(self, rays: np.ndarray) -> Hit:
        """Returns what (N, 3) rays in camera axes meet first among all bodies."""
        hit = _nothing(len(rays))
        which, body = self._near(rays)
        for i in np.unique(body):
            mine = which[body == i]
            exact, wide = self.far(i, rays[mine])
            for far, found, into in ((exact, hit.far, hit.body), (wide, hit.wide_far, hit.wide)):
                closer = far < found[mine]
                found[mine[closer]], into[mine[closer]] = far[closer], i
        return hit

    def far(self, i: int, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns how far along each ray body i is met first: narrowly, and widely."""
        exact, wide = np.full((2, len(rays)), np.inf)
        for part, planes, inside, wider in self._met(i, rays):
            far = np.where(wider, planes, np.inf)
            np.minimum(wide[part], far.min(1), out=wide[part])
            np.minimum(exact[part], np.where(inside, far, np.inf).min(1), out=exact[part])
        return exact, wide

    def nearest(self, i: int, rays: np.ndarray, far: np.ndarray) -> np.ndarray:
        """Returns how far from body i's surface the points at rays * far lie, metres.

        Only those of its triangles count that the ray passes; inf if there are none.
        """
        off = np.full(len(rays), np.inf)
        unit = self._normals(i)
        for part, planes, _, wider in self._met(i, rays):
            slant = np.abs(rays[part] @ unit.T)
            with np.errstate(invalid="ignore"):
                away = np.abs(planes - far[part, None]) * slant
            off[part] = np.where(wider, away, np.inf).min(1)
        return off

    def _met(self, i: int, rays: np.ndarray):
        """Yields, for some rays at a time and all T triangles: the rays' slice, (n, T) how far the
        triangle's plane is, whether the ray passes inside, and inside it a hair wider."""
        edges, normal, height = self._facets(i)
        local = rays @ self.inverse[i].T
        step = max(1, _PAIRS // max(1, len(height)))
        for start in range(0, len(rays), step):
            part = slice(start, start + step)
            d = local[part]
            length = np.linalg.norm(d, axis=1)[:, None]
            side = [d @ edge.T / length for edge in edges]
            low, high = np.minimum.reduce(side), np.maximum.reduce(side)
            with np.errstate(divide="ignore", invalid="ignore"):
                planes = height / (d @ normal.T)
            ahead = planes > 0
            inside = ahead & ((low > 0) | (high < 0))
            yield part, planes, inside, ahead & ((low > -GRAZE) | (high < GRAZE))

    def _facets(self, i: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns of T triangles, in the body's axes, the eye at the origin: (3, T, 3) unit normals
        of the planes through the eye and an edge, (T, 3) normals, (T,) their product with a corner.
        """
        corners = triangles(self.shapes[i]) + self.inverse[i] @ self.offset[i]
        a, b, c = corners.swapaxes(0, 1)
        edges = np.cross(np.stack([a, b, c]), np.stack([b, c, a]))
        edges /= np.maximum(np.linalg.norm(edges, axis=2, keepdims=True), 1e-300)
        normal = np.cross(b - a, c - a)
        return edges, normal, (normal * a).sum(1)

    def _normals(self, i: int) -> np.ndarray:
        """Returns (T, 3) unit normals in camera axes."""
        a, b, c = triangles(self.shapes[i]).swapaxes(0, 1)
        normal = np.cross(b - a, c - a) @ self.inverse[i]
        return normal / np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-300)

    def _near(self, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (P,) ray and body of the pairs in which the ray passes the body's box."""
        centre, half = self.bounds.mean(1), np.diff(self.bounds, axis=1)[:, 0] / 2 + 1e-6
        middle = np.einsum("bij,bj->bi", self.matrix, centre) + self.offset
        reach = np.linalg.norm(np.einsum("bij,bj->bij", self.matrix, half), axis=(1, 2))
        unit = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        along = unit @ middle.T
        beside = (middle**2).sum(1) - along**2
        ray, body = np.nonzero((beside <= reach**2) & (along > -reach))
        eye = -np.einsum("bij,bj->bi", self.inverse, self.offset) - centre
        d = np.einsum("pij,pj->pi", self.inverse[body], rays[ray])
        with np.errstate(divide="ignore", invalid="ignore"):
            ends = (np.stack([-half[body], half[body]]) - eye[body]) / d
        enter = np.fmax.reduce(np.fmin(*ends), axis=1)
        leave = np.fmin.reduce(np.fmax(*ends), axis=1)
        passed = (enter <= leave) & (leave > 0)
        return ray[passed], body[passed]


@lru_cache(maxsize=512)
def triangles(shape: Shape) -> np.ndarray:
    """Returns (T, 3, 3) float64: the corners of a shape's triangles in its own axes."""
    mesh = mesh_of(shape)
    return mesh.vertices[mesh.triangles].astype(float)


def _nothing(rays: int) -> Hit:
    return Hit(np.full(rays, -1), np.full(rays, np.inf), np.full(rays, -1), np.full(rays, np.inf))
