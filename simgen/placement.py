"""Places on a floor without overlap: footprints are rectangles turned about the vertical."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simgen.errors import ProposalRejected
from simgen.geometry import box_corners, transform, world_from_body
from simgen.props import mesh_of
from simgen.spec import Body, SceneSpec


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
        signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
        local = signs * (self.width / 2, self.depth / 2)
        return local @ np.array([[c, s], [-s, c]]) + (self.x, self.y)

    @property
    def radius(self) -> float:
        """Of the circle around the rectangle."""
        return float(np.hypot(self.width, self.depth)) / 2

    def grown(self, margin: float) -> "Footprint":
        """Returns the rectangle with `margin` metres added on each side."""
        return replace(self, width=self.width + 2 * margin, depth=self.depth + 2 * margin)


def overlap(a: Footprint, b: Footprint) -> bool:
    """Tells whether two rectangles share area: no edge direction separates them (Gottschalk et al.
    1996)."""
    if np.hypot(a.x - b.x, a.y - b.y) >= a.radius + b.radius:
        return False
    pa, pb = a.corners(), b.corners()
    for yaw in (a.yaw, a.yaw + np.pi / 2, b.yaw, b.yaw + np.pi / 2):
        axis = np.array([np.cos(yaw), np.sin(yaw)])
        da, db = pa @ axis, pb @ axis
        if da.max() <= db.min() or db.max() <= da.min():
            return False
    return True


@dataclass
class Floor:
    """A rectangle of floor and what stands on it.

    Attributes:
        lower, upper: (x, y) corners that no footprint may cross.
        taken: footprints that stand there already.
    """

    lower: tuple[float, float]
    upper: tuple[float, float]
    taken: list[Footprint]

    @classmethod
    def of(cls, spec: SceneSpec, height: float = 2.0) -> "Floor":
        """Returns the floor of a scene's room; bodies that reach between ankle and `height` stand
        on it, those that span the whole room (floor, roof) do not."""
        (x0, y0, z0), (x1, y1, _) = spec.room
        taken = []
        for body in spec.bodies:
            lower, upper = world_box(body)
            spans = lower[0] <= x0 and lower[1] <= y0 and upper[0] >= x1 and upper[1] >= y1
            if not spans and upper[2] > z0 + 0.02 and lower[2] < z0 + height:
                taken.append(footprint(body))
        return cls((x0, y0), (x1, y1), taken)

    def free(self, place: Footprint, gap: float = 0.0) -> bool:
        """Tells whether a footprint fits, `gap` metres from everything."""
        grown = place.grown(gap)
        corners = grown.corners()
        inside = (corners >= self.lower).all() and (corners <= self.upper).all()
        return bool(inside) and not any(overlap(grown, other) for other in self.taken)

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
                self.taken.append(place)
                return place
        raise PlacementError(
            f"no free floor for something of {size[0]:.2f} x {size[1]:.2f} m: {remedy}"
        )


def world_box(body: Body) -> tuple[np.ndarray, np.ndarray]:
    """Returns the lower and upper corner (3,) of the box around a body, along world axes."""
    corners = transform(world_from_body(body), box_corners(*mesh_of(body.shape).bounds))
    return corners.min(0), corners.max(0)


def footprint(body: Body) -> Footprint:
    """Returns the rectangle under a body that stands upright, turned only about the vertical."""
    lower, upper = (b * np.asarray(body.scale) for b in mesh_of(body.shape).bounds)
    yaw = 2 * np.arctan2(body.rotation[3], body.rotation[0])
    c, s = np.cos(yaw), np.sin(yaw)
    mx, my = (lower[:2] + upper[:2]) / 2
    x, y = body.position[0] + c * mx - s * my, body.position[1] + s * mx + c * my
    return Footprint(float(x), float(y), *(float(v) for v in (upper - lower)[:2]), float(yaw))
