"""A shape's triangles in a tree of boxes, so that a ray tries few of them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from simgen.props import mesh_of
from simgen.spec import Shape

LEAF = 16  # triangles
HAIR = 1e-9  # metres that boxes are grown by, against rounding


@dataclass(frozen=True, eq=False)
class Tree:
    """A shape's triangles in its own axes, halved along their widest side again and again.

    Attributes:
        corners: (L, LEAF, 3, 3): leaf, triangle, corner, coordinate; some twice, to fill the last.
        smooth: (L, LEAF) bool: shaded with interpolated normals.
        boxes: lower and upper corner of all triangles (1, 2, 3), of each half (2, 2, 3), and so on.
    """

    corners: np.ndarray
    smooth: np.ndarray
    boxes: tuple[np.ndarray, ...]

    def passed(self, rays: np.ndarray, eye: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns (P,) ray and leaf of the pairs of which the ray passes the leaf's box."""
        ray, box = np.arange(len(rays)), np.zeros(len(rays), int)
        for level, boxes in enumerate(self.boxes):
            if level:
                ray, box = np.repeat(ray, 2), np.stack([2 * box, 2 * box + 1], 1).ravel()
            kept = passes(rays[ray], eye, boxes[box])
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
    return Tree(corners, mesh.smooth[order].reshape(-1, LEAF), tuple(boxes))


def passes(rays: np.ndarray, eye: np.ndarray, boxes: np.ndarray) -> np.ndarray:
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
