"""Things on a surface: laid side by side, or held above it, clear of each other, to be dropped."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simgen.geometry import rotation_matrix, yaw
from simgen.placement import Floor
from simgen.props import mesh_of
from simgen.spec import Body, Quaternion

Corner = tuple[float, float]
APART = 0.004  # metres between things that have not been dropped yet


def reach(body: Body) -> float:
    """Returns the radius of the sphere about the middle of a body's box that holds it."""
    return float(np.linalg.norm(mesh_of(body.shape).size * body.scale) / 2)


def plan(bodies: Sequence[Body]) -> float:
    """Returns the area under bodies as they stand, square metres."""
    return float(sum(np.prod((mesh_of(b.shape).size * b.scale)[:2]) for b in bodies))


def laid(
    bodies: Sequence[Body], lower: Corner, upper: Corner, z: float, gap: float, remedy: str,
    rng: np.random.Generator,
) -> tuple[Body, ...]:  # fmt: skip
    """Returns the bodies upright at height z, somewhere in a rectangle, `gap` metres apart.

    Raises:
        PlacementError: they do not fit; ends with `remedy`.
    """
    floor = Floor(lower, upper, np.zeros((0, 4, 2)))
    sizes = [mesh_of(body.shape).size * body.scale for body in bodies]
    found: dict[int, Body] = {}
    for i in sorted(range(len(bodies)), key=lambda i: -float(np.prod(sizes[i][:2]))):
        place = floor.place(sizes[i][:2], rng, gap=gap, remedy=remedy)
        low, high = np.asarray(mesh_of(bodies[i].shape).bounds) * bodies[i].scale
        x, y = (low + high)[:2] / 2
        c, s = np.cos(place.yaw), np.sin(place.yaw)
        at = (place.x - c * x + s * y, place.y - s * x - c * y, z - low[2])
        found[i] = replace(bodies[i], position=tuple(float(v) for v in at), rotation=yaw(place.yaw))
    return tuple(found[i] for i in range(len(bodies)))


def held(
    bodies: Sequence[Body], lower: Corner, upper: Corner, z: float, rng: np.random.Generator,
    rim: float = 0.0,
) -> tuple[Body, ...]:  # fmt: skip
    """Returns the bodies turned at random, as low above a rectangle as they clear each other.

    Args:
        z: of the surface.
        rim: height of walls around the rectangle; what is wider than it starts above them.
    """
    centres, radii, placed = np.zeros((0, 3)), np.zeros(0), []
    lower, upper = np.asarray(lower, float), np.asarray(upper, float)
    for body in bodies:
        radius, turn = reach(body) + APART / 2, _any_turn(rng)
        low, high = lower + radius, upper - radius
        wide, middle = low > high, (lower + upper) / 2
        x, y = rng.uniform(np.where(wide, middle, low), np.where(wide, middle, high))
        least = z + radius + (rim if wide.any() else 0.0)
        centre = np.array([x, y, _rest(np.array([x, y]), radius, least, centres, radii)])
        centres, radii = np.vstack([centres, centre]), np.append(radii, radius)
        placed.append(_centred(body, centre, turn))
    return tuple(placed)


def _rest(at: np.ndarray, radius: float, least: float, centres, radii) -> float:
    """Returns how high a sphere over a point must be to lie on none of the others."""
    level = ((centres[:, :2] - at) ** 2).sum(1)
    over = (radii + radius) ** 2 - level
    return float(max(least, (centres[over > 0, 2] + np.sqrt(over[over > 0])).max(initial=least)))


def _any_turn(rng: np.random.Generator) -> Quaternion:
    """Returns a rotation, each alike (Shoemake 1992: a point on the sphere in four dimensions)."""
    q = rng.standard_normal(4)
    q = q / np.linalg.norm(q) * np.copysign(1, q[0])
    return tuple(float(v) for v in q)


def _centred(body: Body, centre: np.ndarray, rotation: Quaternion) -> Body:
    """Returns the body turned, the middle of its box at a point."""
    middle = np.mean(mesh_of(body.shape).bounds, axis=0) * body.scale
    position = centre - rotation_matrix(rotation) @ middle
    return replace(body, position=tuple(float(v) for v in position), rotation=rotation)
