"""What rays meet among the posed meshes: the audit's own caster, for samples of pixels.

A ray passes a triangle if the three planes through the eye and an edge have it on one side: a
product of all rays with all edges' normals, in the object's own axes. It shares no line with the
caster that makes labels, and answers twice, with triangles a hair wider and a hair narrower, so
that rays that graze an outline accuse nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from simgen.audit.camera import rotations
from simgen.audit.tree import LEAF, passes, tree_of
from simgen.spec import Body, Camera, Shape

GRAZE = 1e-9  # radians: hair's breadth


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
class _Pairs:
    """P pairs of a ray, (P,), and a leaf of triangles that it may meet; each other is (P, LEAF).

    Attributes:
        planes: how far along the ray the triangle's plane is.
        inside: whether the ray passes the triangle. `wider`: whether it does a hair wider.
        normal: (P, LEAF, 3) such that its product with a ray in object axes is `slant`, the
            product of ray and unit normal in camera axes.
        smooth: whether the triangle is shaded smooth.
    """

    ray: np.ndarray
    planes: np.ndarray
    inside: np.ndarray
    wider: np.ndarray
    slant: np.ndarray
    normal: np.ndarray
    smooth: np.ndarray


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
        return np.array([tree_of(shape).boxes[0][0] for shape in self.shapes]).reshape(-1, 2, 3)

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
        pairs = self._met(i, rays)
        for inside, into in ((pairs.inside, exact), (pairs.wider, wide)):
            np.minimum.at(into, pairs.ray, np.where(inside, pairs.planes, np.inf).min(1))
        return exact, wide

    def surface(self, i: int, rays: np.ndarray, far: np.ndarray) -> tuple[np.ndarray, ...]:
        """Returns what of body i's surface the points at rays * far lie on: (N,) how far they are
        off it, metres, (N, 3) its triangle's unit normal in camera axes, outwards, (N,) bool
        whether it is shaded smooth.

        Only those triangles count that the ray passes; off is inf if there are none.
        """
        pairs = self._met(i, rays)
        with np.errstate(invalid="ignore"):
            away = np.abs((pairs.planes - far[pairs.ray, None]) * pairs.slant)
        away = np.where(pairs.wider, away, np.inf).ravel()
        order = np.argsort(-away, kind="stable")  # of a ray's, the nearest comes last and stays
        ray = np.repeat(pairs.ray, LEAF)[order]
        off, smooth = np.full(len(rays), np.inf), np.zeros(len(rays), bool)
        normal = np.zeros((len(rays), 3))
        off[ray] = away[order]
        smooth[ray] = pairs.smooth.ravel()[order]
        normal[ray] = pairs.normal.reshape(-1, 3)[order]
        return off, normal @ self.inverse[i], smooth

    def _met(self, i: int, rays: np.ndarray) -> "_Pairs":
        tree, eye = tree_of(self.shapes[i]), -self.inverse[i] @ self.offset[i]
        local = rays @ self.inverse[i].T
        ray, leaf = tree.passed(local, eye)
        used, place = np.unique(leaf, return_inverse=True)
        normals, height = self._planes(i, tree.corners[used] - eye)
        sides = np.matmul(normals[place], local[ray, :, None])[:, :, 0].reshape(-1, 4, LEAF)
        edges = sides[:, :3] / np.linalg.norm(local[ray], axis=1)[:, None, None]
        low, high = edges.min(1), edges.max(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            planes = height[place] / sides[:, 3]
        ahead = planes > 0
        return _Pairs(
            ray=ray,
            planes=planes,
            inside=ahead & ((low > 0) | (high < 0)),
            wider=ahead & ((low > -GRAZE) | (high < GRAZE)),
            slant=sides[:, 3],
            normal=normals[place, 3 * LEAF :],
            smooth=tree.smooth[leaf],
        )

    def _planes(self, i: int, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns of L leaves, the eye at the origin of their axes: (L, 4 LEAF, 3) normals of the
        planes through the eye and each of the three edges, and of the triangle; (L, LEAF) how far
        its plane is off the eye. The triangle's are of unit length in camera axes."""
        a, b, c = np.moveaxis(corners, 2, 0)
        edges = [_cross(a, b), _cross(b, c), _cross(c, a)]
        edges = [edge / np.maximum(_length(edge), 1e-300) for edge in edges]
        normal = _cross(b - a, c - a)
        normal = normal / np.maximum(_length(normal @ self.inverse[i]), 1e-300)
        return np.concatenate([*edges, normal], axis=1), (normal * a).sum(2)

    def _near(self, rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (P,) ray and body of the pairs in which the ray passes the body's box."""
        centre, half = self.bounds.mean(1), np.diff(self.bounds, axis=1)[:, 0] / 2 + 1e-6
        middle = np.einsum("bij,bj->bi", self.matrix, centre) + self.offset
        reach = np.linalg.norm(np.einsum("bij,bj->bij", self.matrix, half), axis=(1, 2))
        unit = rays / np.linalg.norm(rays, axis=1, keepdims=True)
        along = unit @ middle.T
        beside = (middle**2).sum(1) - along**2
        ray, body = np.nonzero((beside <= reach**2) & (along > -reach))
        eye = -np.einsum("bij,bj->bi", self.inverse, self.offset)
        local = np.einsum("pij,pj->pi", self.inverse[body], rays[ray])
        passed = passes(local, eye[body], self.bounds[body])
        return ray[passed], body[passed]


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns the cross products along the last axis, several times faster than np.cross."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], -1)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt((vectors * vectors).sum(-1, keepdims=True))


def _nothing(rays: int) -> Hit:
    none, never = np.full(rays, -1), np.full(rays, np.inf)
    return Hit(none, never, none.copy(), never.copy())
