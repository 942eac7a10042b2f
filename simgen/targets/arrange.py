"""Flat objects on a table, placed so that a camera sees them in given boxes.

Where an object lies follows from the ray through the middle of its box, the camera's distance from
the boxes' size, the camera's tilt from how they differ across the picture, an object's yaw from its
box's aspect. Boxes that one camera above one table cannot give are met as nearly as can be.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

import cv2
import numpy as np

from simgen.geometry import look_at, project, transform, world_from_camera
from simgen.lens import directions, focal_px
from simgen.spec import Camera
from simgen.targets.wanted import Box

STEPS = 0.03 * 0.5 ** np.arange(5)  # of the picture's width, or as many radians times TURN
TURN = 5.0
YAWS = np.radians(np.arange(0, 180, 5.0))  # a rectangle turned by half a circle is the same
SCALES = 1.02 ** np.arange(-60, 61)  # of the distance, about a first guess
GOOD = 0.02  # root mean square error of logarithms of widths and heights that is good enough
ASTRAY = 4.0  # how much what is seen outside its box counts, in box sides
FARTHEST = 1e4  # pixels from the picture
EDGE = 0.006  # share of the picture within which a box touches its edge
NEAR = 0.025  # share of the picture within which boxes touch
ALONG = 0.7  # share of a side along which another box has to lie to hide what is beyond it
HIDDEN = 0.05  # how much of an error counts that another object or the picture's edge hides
MOST_ORDERED = 5  # objects of which all orders are tried; of more, the largest box lies highest
ROUNDS = 6  # of putting objects where their boxes are, by exact projection


@dataclass(frozen=True)
class Laid:
    """One object: its middle at (x, y) of the table, turned by `yaw` radians about the vertical.

    Attributes:
        level: how many objects lie under it, one on the other.
    """

    x: float
    y: float
    yaw: float
    level: int


@dataclass(frozen=True)
class Arrangement:
    """A camera that looks at the origin of the table, z = 0, and what lies there.

    Attributes:
        error: root mean square error of the logarithms of the boxes' widths and heights.
    """

    camera: Camera
    laid: tuple[Laid, ...]
    error: float


def arrange(
    camera: Camera,
    sizes: Sequence[tuple[float, float]],
    boxes: Sequence[Box],
    tilts: Sequence[float],
    distances: tuple[float, float] = (0.05, 10.0),
) -> Arrangement:
    """Returns how to lay objects so that the camera sees each in its box.

    Args:
        camera: whose optics count; its pose does not.
        sizes: (N) of the objects, metres along their x and y; they are taken as flat.
        boxes: (N) shares of the picture, (x, y, w, h). One that touches the picture's edge may go
            on beyond it.
        tilts: radians that the optical axis may be off the vertical, below pi / 2: the first that
            is good enough is taken, else the best.
        distances: least and greatest, from the camera to where its axis meets the table, metres.
    """
    size, box = np.array(sizes, float), _pixels(camera, boxes)
    best = None
    for tilt in tilts:
        fit = _fitted(_above(camera, tilt, 1.0), size, box, distances)
        if best is None or fit.error < best[0].error:
            best = fit, tilt
        if fit.error < GOOD:
            break
    fit, tilt = best
    return _settled(_above(camera, tilt, fit.distance), size, box, fit)


def outlines(size: np.ndarray, places: np.ndarray, yaws: np.ndarray) -> np.ndarray:
    """Returns (N, 4, 2): the corners, in order, of (N, 2) rectangles about (N, 2) places."""
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) / 2 * size[:, None]
    c, s = np.cos(yaws)[:, None], np.sin(yaws)[:, None]
    x, y = corners[..., 0], corners[..., 1]
    return places[:, None] + np.stack([c * x - s * y, s * x + c * y], axis=-1)


def _pixels(camera: Camera, boxes: Sequence[Box]) -> np.ndarray:
    scale = np.array([camera.width, camera.height] * 2, float)
    return np.array(boxes, float).reshape(-1, 4) * scale


def _above(camera: Camera, tilt: float, distance: float) -> Camera:
    """Returns the camera over the origin, leant back towards -y by `tilt`."""
    eye = (0.0, -distance * float(np.sin(tilt)), distance * float(np.cos(tilt)))
    return replace(camera, position=eye, rotation=look_at(eye, (0.0, 0.0, 0.0)))


def _on_table(camera: Camera, uv: np.ndarray) -> np.ndarray:
    """Returns (N, 2) where the rays through pixels meet the table, far away if they do not."""
    rays = transform(world_from_camera(replace(camera, position=(0, 0, 0))), directions(camera, uv))
    down = np.minimum(rays[:, 2:], -0.05 * np.linalg.norm(rays, axis=1, keepdims=True))
    return np.array(camera.position)[:2] - camera.position[2] / down * rays[:, :2]


def _jacobian(camera: Camera, places: np.ndarray) -> np.ndarray:
    """Returns (N, 2, 2): pixels (rows) by metres along the table's x and y (columns)."""
    step = 1e-4 * camera.position[2]
    sides = [
        (_seen(camera, places + step * axis) - _seen(camera, places - step * axis)) / (2 * step)
        for axis in np.eye(2)
    ]
    return np.stack(sides, axis=2)


def _seen(camera: Camera, places: np.ndarray) -> np.ndarray:
    """Returns (..., 2) pixels of (..., 2) points of the table."""
    flat = places.reshape(-1, 2)
    return project(camera, np.column_stack([flat, 0 * flat[:, 0]]))[:, :2].reshape(places.shape)


def _fitted(
    camera: Camera, size: np.ndarray, box: np.ndarray, distances: tuple[float, float]
) -> "_Fit":
    """Returns what fits best, for a camera at distance 1.

    An object is so small that its picture is linear: a parallelogram, whose box is as wide as its
    sides are together. It is as large as near: sizes go with 1 / distance.
    """
    jacobian = _jacobian(camera, _on_table(camera, _middles(box)))
    sides = np.array(
        [[np.cos(YAWS), np.sin(YAWS)], [-np.sin(YAWS), np.cos(YAWS)]]
    )  # side, x y, yaw
    spans = np.abs(np.einsum("nij,sjy->nysi", jacobian, sides)) * size[:, None, :, None]
    extent = np.log(spans.sum(2))[:, :, None]  # object, yaw, distance, axis
    wanted = np.log(box[:, 2:])
    guess = np.exp((extent.mean((0, 1, 2)) - wanted.mean(0)).mean())
    distance = np.clip(guess * SCALES, *distances)
    error = extent - np.log(distance)[:, None] - wanted[:, None, None]
    orders = _orders(camera, box)
    return min((_ordered(error, distance, *each) for each in orders), key=_error)


@dataclass(frozen=True, eq=False)
class _Fit:
    """A distance, (N,) yaws, (N, 2, 2) bool which sides of a box an object may go beyond (by axis,
    near and far), the order in which they lie, highest first, and the error that is left."""

    error: float
    distance: float
    yaws: np.ndarray
    open: np.ndarray
    order: tuple[int, ...]


def _error(fit: _Fit) -> float:
    return fit.error


def _ordered(
    error: np.ndarray, distance: np.ndarray, open_: np.ndarray, order: tuple[int, ...]
) -> _Fit:
    beyond = open_.any(2)[:, None, None] & (error > 0)
    squares = np.where(beyond, HIDDEN * error, error) ** 2
    squares = squares.mean(3)
    total = squares.min(1).mean(0)
    k = int(total.argmin())
    yaws = YAWS[squares[:, :, k].argmin(1)]
    return _Fit(float(np.sqrt(total[k])), float(distance[k]), yaws, open_, order)


def _orders(camera: Camera, box: np.ndarray) -> list[tuple[np.ndarray, tuple[int, ...]]]:
    """Returns orders in which objects may lie on each other, and with each (N, 2, 2) bool, which
    sides an object may go beyond: under one that lies higher, or out of the picture."""
    whole = np.array([camera.width, camera.height])
    low, high = box[:, :2], box[:, :2] + box[:, 2:]
    edge = np.stack([low <= EDGE * whole, high >= (1 - EDGE) * whole], axis=2)
    hides = _hides(low, high, NEAR * whole)
    count = len(box)
    by_area = tuple(np.argsort(-box[:, 2] * box[:, 3], kind="stable"))
    orders = permutations(by_area) if count <= MOST_ORDERED else [by_area]
    found = {}
    for order in orders:
        higher = np.argsort(order)[:, None] > np.argsort(order)  # [k, j]: j lies over k
        open_ = edge | (hides & higher[:, :, None, None]).any(1)
        found.setdefault(open_.tobytes(), (open_, tuple(int(k) for k in order)))
    return list(found.values())


def _hides(low: np.ndarray, high: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Returns (N, N, 2, 2) bool [k, j, axis, side]: box j could hide what of object k lies beyond
    that side of its box: it starts there, goes on, and is as long as most of the side."""
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    along = (shared >= ALONG * (high - low)[:, None])[..., ::-1]  # by the other axis
    far = (low <= high[:, None] + near) & (high > high[:, None] + near) & (low > low[:, None])
    first = (high >= low[:, None] - near) & (low < low[:, None] - near) & (high < high[:, None])
    return np.stack([first & along, far & along], axis=3)


def _middles(box: np.ndarray) -> np.ndarray:
    return box[:, :2] + box[:, 2:] / 2


def _settled(camera: Camera, size: np.ndarray, box: np.ndarray, fit: _Fit) -> Arrangement:
    """Returns the objects where exact projection puts their boxes over the given ones."""
    places = _on_table(camera, _middles(box))
    near, far = np.moveaxis(fit.open, 2, 0)
    for _ in range(ROUNDS):
        low, high = _extent(camera, outlines(size, places, fit.yaws))
        start, stop = box[:, :2] - low, box[:, :2] + box[:, 2:] - high
        off = np.where(near & ~far, stop, np.where(far & ~near, start, (start + stop) / 2))
        places = places + np.linalg.solve(_jacobian(camera, places), off[..., None])[..., 0]
    poses = np.column_stack([places, fit.yaws])
    levels = _levels(outlines(size, places, fit.yaws), fit.order)
    if any(levels) or fit.open.any():
        poses = _polished(_Painted(camera, size, box, fit.order), poses)
        levels = _levels(outlines(size, poses[:, :2], poses[:, 2]), fit.order)
    laid = tuple(Laid(*map(float, pose), level) for pose, level in zip(poses, levels))
    return Arrangement(camera, laid, fit.error)


def _extent(camera: Camera, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    seen = _seen(camera, corners)
    return seen.min(1), seen.max(1)


def _levels(corners: np.ndarray, order: Sequence[int]) -> list[int]:
    """Returns how many objects lie under each, the first of `order` highest."""
    levels, rising = [0] * len(corners), order[::-1]
    for n, k in enumerate(rising):
        under = [levels[j] + 1 for j in rising[:n] if _overlap(corners[k], corners[j])]
        levels[k] = max(under, default=0)
    return levels


def _overlap(a: np.ndarray, b: np.ndarray) -> bool:
    """Tells whether two rectangles share area: no side of either parts them."""
    for sides in (a, b):
        for normal in (sides[1] - sides[0], sides[2] - sides[1]):
            first, second = a @ normal, b @ normal
            if first.max() <= second.min() or second.max() <= first.min():
                return False
    return True


@dataclass(frozen=True, eq=False)
class _Painted:
    """What is seen of objects that hide each other: painted, those that lie lowest first."""

    camera: Camera
    size: np.ndarray
    box: np.ndarray
    order: tuple[int, ...]

    def errors(self, poses: np.ndarray) -> np.ndarray:
        """Returns (N,) how far the sides of what is seen of each are from its box, in pixels, and
        how much of it is seen outside its box, for
        (N, 3) x, y, yaw."""
        corners = _seen(self.camera, outlines(self.size, poses[:, :2], poses[:, 2]))
        if not np.isfinite(corners).all() or np.abs(corners).max() > FARTHEST:
            return np.full(len(poses), np.inf)
        picture = np.zeros((self.camera.height, self.camera.width), np.uint8)
        for k in self.order[::-1]:
            shape = np.round((corners[k] - 0.5) * 16).astype(np.int32)
            cv2.fillConvexPoly(picture, shape, k + 1, shift=4)
        return np.array([self._error(picture == k + 1, box) for k, box in enumerate(self.box)])

    def _error(self, seen: np.ndarray, box: np.ndarray) -> float:
        x, y, w, h = cv2.boundingRect(seen.view(np.uint8))
        if not w:
            return float(sum(seen.shape))
        left, top, right, bottom = (int(round(v)) for v in (*box[:2], *(box[:2] + box[2:])))
        area = cv2.countNonZero(seen.view(np.uint8))
        astray = area - cv2.countNonZero(seen[top:bottom, left:right].astype(np.uint8))
        sides = abs(x - left) + abs(y - top) + abs(x + w - right) + abs(y + h - bottom)
        return sides + ASTRAY * astray / float(np.sqrt(box[2] * box[3]))


def _polished(painted: _Painted, poses: np.ndarray) -> np.ndarray:
    """Returns poses of which no small step brings what is seen closer to the boxes."""
    error = painted.errors(poses).sum()
    for step in STEPS:
        better = True
        while better and error > len(poses):
            better = False
            for k in np.flatnonzero(painted.errors(poses) > 1):
                for move in _moves(painted.camera, step):
                    tried = poses.copy()
                    tried[k] += move
                    found = painted.errors(tried).sum()
                    if found < error - 0.1:
                        poses, error, better = tried, found, True
    return poses


def _moves(camera: Camera, step: float) -> np.ndarray:
    """Returns (M, 3) x, y, yaw: a step along some of them."""
    metres = step * camera.position[2] / focal_px(camera) * camera.width
    grid = np.array(list(product((-1, 0, 1), repeat=3)), float)
    grid = grid[grid.any(1)]
    return grid * np.array([metres, metres, step * TURN])
