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
HAIR = 1e-9  # metres
LEAF = 16  # triangles


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
        ray, planes, inside, wider, _ = self._met(i, rays)
        np.minimum.at(wide, ray, np.where(wider, planes, np.inf).min(1))
        np.minimum.at(exact, ray, np.where(inside, planes, np.inf).min(1))
        return exact, wide

    def nearest(self, i: int, rays: np.ndarray, far: np.ndarray) -> np.ndarray:
        """Returns how far from body i's surface the points at rays * far lie, metres.

        Only those of its triangles count that the ray passes; inf if there are none.
        """
        off = np.full(len(rays), np.inf)
        ray, planes, _, wider, slant = self._met(i, rays)
        with np.errstate(invalid="ignore"):
            away = np.abs((planes - far[ray, None]) * slant)
        np.minimum.at(off, ray, np.where(wider, away, np.inf).min(1))
        return off

    def _met(self, i: int, rays: np.ndarray) -> tuple[np.ndarray, ...]:
        """Returns of P pairs of a ray and a leaf of LEAF triangles that it may meet: (P,) the ray,
        and (P, LEAF) how far each triangle's plane is, whether the ray passes inside, whether it
        does a hair wider, and the ray's product with the triangle's unit normal in camera axes.
        """
        tree, eye = tree_of(self.shapes[i]), -self.inverse[i] @ self.offset[i]
        local = rays @ self.inverse[i].T
        ray, leaf = tree.passed(local, eye)
        used, leaf = np.unique(leaf, return_inverse=True)
        normals, height = self._planes(i, tree.corners[used] - eye)
        length = np.linalg.norm(local[ray], axis=1)[:, None]
        sides = np.matmul(normals[leaf], local[ray, :, None])[:, :, 0].reshape(-1, 4, LEAF)
        edges, slant = sides[:, :3] / length[:, None], sides[:, 3]
        low, high = edges.min(1), edges.max(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            planes = height[leaf] / slant
        ahead = planes > 0
        inside, wider = (low > 0) | (high < 0), (low > -GRAZE) | (high < GRAZE)
        return ray, planes, ahead & inside, ahead & wider, slant

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
        passed = _through(local, eye[body], self.bounds[body])
        return ray[passed], body[passed]


@dataclass(frozen=True, eq=False)
class Tree:
    """A shape's triangles in its own axes, halved along their widest side again and again.

    Attributes:
        corners: (L, LEAF, 3, 3): leaf, triangle, corner, coordinate; some twice, to fill the last.
        boxes: lower and upper corner of all triangles (1, 2, 3), of each half (2, 2, 3), and so on.
    """

    corners: np.ndarray
    boxes: tuple[np.ndarray, ...]

    def passed(self, rays: np.ndarray, eye: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (P,) ray and leaf of the pairs of which the ray passes the leaf's box."""
        ray, box = np.arange(len(rays)), np.zeros(len(rays), int)
        for level, boxes in enumerate(self.boxes):
            if level:
                ray, box = np.repeat(ray, 2), np.stack([2 * box, 2 * box + 1], 1).ravel()
            kept = _through(rays[ray], eye, boxes[box])
            ray, box = ray[kept], box[kept]
        return ray, box


@lru_cache(maxsize=512)
def tree_of(shape: Shape) -> Tree:
    """Returns a shape's triangles, those near each other in one leaf."""
    mesh = mesh_of(shape)
    corners = mesh.vertices[mesh.triangles].astype(float)
    levels = max(0, int(np.ceil(np.log2(len(corners) / LEAF))))
    order = np.arange(LEAF << levels) % len(corners)
    for level in range(levels):
        groups = order.reshape(1 << level, -1)
        middle = corners[groups].mean(2)
        widest = np.ptp(middle, axis=1).argmax(1)
        along = np.take_along_axis(middle, widest[:, None, None], axis=2)[:, :, 0]
        order = np.take_along_axis(groups, along.argsort(1), axis=1).ravel()
    corners = corners[order].reshape(-1, LEAF, 3, 3)
    boxes = [np.stack([corners.min((1, 2)), corners.max((1, 2))], 1)]
    while len(boxes[0]) > 1:
        a, b = boxes[0][::2], boxes[0][1::2]
        boxes.insert(0, np.stack([np.minimum(a, b)[:, 0], np.maximum(a, b)[:, 1]], 1))
    return Tree(corners, tuple(boxes))


def _through(rays: np.ndarray, eye: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Returns (P,) whether each ray passes its box, (P, 2, 3), grown by a hair."""
    enter, leave = np.zeros(len(rays)), np.full(len(rays), np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for axis in range(3):
            at, slope = eye[..., axis], 1 / rays[:, axis]
            low = (boxes[:, 0, axis] - HAIR - at) * slope
            high = (boxes[:, 1, axis] + HAIR - at) * slope
            np.fmax(enter, np.fmin(low, high), out=enter)
            np.fmin(leave, np.fmax(low, high), out=leave)
    return enter <= leave


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns the cross products along the last axis, several times faster than np.cross."""
    (ax, ay, az), (bx, by, bz) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx], -1)


def _length(vectors: np.ndarray) -> np.ndarray:
    return np.sqrt((vectors * vectors).sum(-1, keepdims=True))


def _nothing(rays: int) -> Hit:
    none, never = np.full(rays, -1), np.full(rays, np.inf)
    return Hit(none, never, none.copy(), never.copy())
