"""Places on a floor without overlap: footprints are rectangles turned about the vertical."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.errors import ProposalRejected
from simgen.geometry import world_from_bodies
from simgen.props import mesh_of
from simgen.spec import Body, SceneSpec

LEVEL = 0.02  # what is lower than this may be stood on
CORNERS = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])  # of a rectangle, in half extents


class PlacementError(ProposalRejected):
    """No free place was found; the message names the field to relax."""


@dataclass(frozen=True)
class Footprint:
    """A rectangle on the floor: centre, extent along its own axes, yaw in radians."""

    x: float
    y: float
    width: float
    depth: float
    yaw: float = 0.0

    def corners(self) -> np.ndarray:
        """Returns (4, 2) world x, y, counter-clockwise."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        local = CORNERS * (self.width / 2, self.depth / 2)
        return local @ np.array([[c, s], [-s, c]]) + (self.x, self.y)

    def grown(self, margin: float) -> "Footprint":
        """Returns the rectangle with `margin` metres added on each side."""
        return replace(self, width=self.width + 2 * margin, depth=self.depth + 2 * margin)


def overlap(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Returns (N,) bool: which of (N, 4, 2) rectangles' corners share area with a (4, 2) one.

    They do if no edge's direction separates them (Gottschalk et al. 1996).
    """
    shared = (others.min(1) < one.max(0)) & (others.max(1) > one.min(0))
    shared = shared.all(1)
    near = others[shared]
    pairs = np.concatenate([np.broadcast_to(one, near.shape), near], axis=1)
    edges = pairs[:, [1, 2, 5, 6]] - pairs[:, [0, 1, 4, 5]]
    along = edges @ pairs.swapaxes(1, 2)
    mine, theirs = along[:, :, :4], along[:, :, 4:]
    apart = (mine.max(2) <= theirs.min(2)) | (theirs.max(2) <= mine.min(2))
    shared[shared] = ~apart.any(1)
    return shared


@dataclass
class Floor:
    """A rectangle of floor and what stands on it.

    Attributes:
        lower, upper: (x, y) corners that no footprint may cross.
        taken: (N, 4, 2) corners of the footprints that stand there already.
    """

    lower: tuple[float, float]
    upper: tuple[float, float]
    taken: np.ndarray

    @classmethod
    def of(cls, spec: SceneSpec, height: float = 2.0) -> "Floor":
        """Returns the floor of a scene's room; bodies that reach between ankle and `height` stand
        on it, those that span the whole room (floor, roof) do not."""
        (x0, y0, z0), (x1, y1, _) = spec.room
        lower, upper = world_boxes(spec.bodies)
        stands = (upper[:, 2] > z0 + LEVEL) & (lower[:, 2] < z0 + height)
        stands &= ~spans_room(spec, lower, upper)
        return cls((x0, y0), (x1, y1), footprints(spec.bodies)[stands])

    def free(self, place: Footprint, gap: float = 0.0) -> bool:
        """Tells whether a footprint fits, `gap` metres from everything."""
        corners = place.grown(gap).corners()
        inside = (corners >= self.lower).all() and (corners <= self.upper).all()
        return bool(inside) and not overlap(corners, self.taken).any()

    def take(self, place: Footprint) -> None:
        """Keeps a footprint free of what is placed from now on."""
        self.taken = np.concatenate([self.taken, place.corners()[None]])

    def place(
        self,
        size: Sequence[float],
        rng: np.random.Generator,
        *,
        remedy: str,
        yaw_jitter: float = np.pi,
        gap: float = 0.05,
        attempts: int = 60,
    ) -> Footprint:
        """Returns a free footprint of `size` (along its x, y) and takes it.

        Its yaw is a random quarter turn plus up to `yaw_jitter` radians either way.

        Raises:
            PlacementError: none found in `attempts` tries; ends with `remedy`.
        """
        for _ in range(attempts):
            x, y = rng.uniform(self.lower, self.upper)
            yaw = rng.integers(4) * np.pi / 2 + rng.uniform(-yaw_jitter, yaw_jitter)
            place = Footprint(float(x), float(y), float(size[0]), float(size[1]), float(yaw))
            if self.free(place, gap):
                self.take(place)
                return place
        raise PlacementError(
            f"no free floor for something of {size[0]:.2f} x {size[1]:.2f} m: {remedy}"
        )


def world_boxes(bodies: Sequence[Body]) -> tuple[np.ndarray, np.ndarray]:
    """Returns lower and upper corner, (N, 3) each, of the boxes around bodies along world axes."""
    matrices, middle, half = _boxes(bodies)
    middle = _turned(matrices, middle) + matrices[:, :3, 3]
    half = _turned(np.abs(matrices), half)
    return middle - half, middle + half


def footprints(bodies: Sequence[Body]) -> np.ndarray:
    """Returns (N, 4, 2): corners of the rectangles under bodies that stand upright."""
    matrices, middle, half = _boxes(bodies)
    local = middle[:, None, :2] + CORNERS * half[:, None, :2]
    return local @ matrices[:, :2, :2].swapaxes(1, 2) + matrices[:, None, :2, 3]


def spans_room(spec: SceneSpec, lower: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """Returns (N,) bool: which of the bodies' boxes cover the whole plan of the room."""
    room_lower, room_upper = np.asarray(spec.room)[:, :2]
    covered = (lower[:, :2] <= room_lower + 1e-3) & (upper[:, :2] >= room_upper - 1e-3)
    return covered.all(1)


def _boxes(bodies: Sequence[Body]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns world_from_body (N, 4, 4), and middle and half extent (N, 3) along their own axes."""
    bounds = np.array([mesh_of(body.shape).bounds for body in bodies]).reshape(-1, 2, 3)
    lower, upper = bounds.swapaxes(0, 1)
    return world_from_bodies(bodies), (lower + upper) / 2, (upper - lower) / 2


def _turned(matrices: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    return (matrices[:, :3, :3] @ vectors[:, :, None])[:, :, 0]
