"""Movement to a second instant: the camera's, and that of vehicles with what they carry."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw, written
from simgen.errors import SimgenError, one_of
from simgen.geometry import rotation_matrix
from simgen.motion import advance
from simgen.placement import Floor, Footprint, footprints, overlap, world_boxes
from simgen.props import names
from simgen.spec import Motion as Moves
from simgen.spec import SceneSpec, Vec3
from simgen.truth.inside import camera_inside

OFF_FLOOR = 0.001  # metres by which a load is higher than what carries it, at least
RESTS = 0.002  # metres between the top of a thing and what stands on it, at most
CAMERA = (0.6, 0.6)  # metres of floor around the camera on which no vehicle drives


@dataclass(frozen=True)
class Motion:
    """Gives the camera and some vehicles a motion; what would run into something stands still.

    Attributes:
        step_s: time to the second instant.
        camera_m_s: speed of the camera, in any direction. `camera_deg_s`: its spin, about any axis.
        vehicles: props that drive, forwards along their own -y, with all that rests on them.
        driving: probability that one does.
        vehicle_m_s: speed; below 0 backwards.
    """

    step_s: Number = 0.1
    camera_m_s: Number = 0.0
    camera_deg_s: Number = 0.0
    vehicles: tuple[str, ...] = ("forklift", "pallet_truck")
    driving: Number = 0.5
    vehicle_m_s: Number = 1.0

    per_view = True

    def __post_init__(self):
        require(1e-6, 3600, step_s=self.step_s)
        require(0, 1000, camera_m_s=self.camera_m_s)
        require(0, 36000, camera_deg_s=self.camera_deg_s)
        require(0, 1, driving=self.driving)
        require(-1000, 1000, vehicle_m_s=self.vehicle_m_s)
        if not isinstance(self.vehicles, tuple):
            raise SimgenError(f"vehicles={written(self.vehicles)} must be a list, such as [drum]")
        for prop in self.vehicles:
            one_of("vehicles", prop, names())

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with other motions and another step; the first instant stays."""
        step, speed, turn = draw((self.step_s, self.camera_m_s, self.camera_deg_s), rng)
        drawn = {"motion.step_s": step, "motion.camera_m_s": speed, "motion.camera_deg_s": turn}
        way = _any_way(speed, turn, rng)
        spec = replace(spec, step_s=float(step), parameters=spec.parameters | drawn)
        for i, body in enumerate(spec.bodies):
            if body.shape.prop in self.vehicles:
                chance, speed = draw((self.driving, self.vehicle_m_s), rng)
                if rng.random() < chance:
                    spec = _driven(spec, i, speed)
        moving = replace(spec, camera=replace(spec.camera, motion=way))
        return spec if camera_inside(advance(moving)) else moving


def _any_way(speed: float, turn_deg: float, rng: np.random.Generator) -> Moves:
    """Returns a motion whose direction and axis may point anywhere."""
    direction, axis = (way / np.linalg.norm(way) for way in rng.standard_normal((2, 3)))
    return Moves(_plain(speed * direction), _plain(np.radians(turn_deg) * axis))


def _driven(spec: SceneSpec, i: int, speed: float) -> SceneSpec:
    """Returns the spec with body i and its load on their way, or as it was if that is not free."""
    motion = Moves(_plain(-speed * rotation_matrix(spec.bodies[i].rotation)[:, 1]))
    group = _with_load(spec, i)
    bodies = tuple(
        replace(body, motion=motion) if j in group else body for j, body in enumerate(spec.bodies)
    )
    driven = replace(spec, bodies=bodies)
    return driven if _free(driven, group) else spec


def _with_load(spec: SceneSpec, i: int) -> set[int]:
    """Returns body i, what it lifts off the floor, and what stands on any of it."""
    lower, upper = (corner[:, 2] for corner in world_boxes(spec.bodies))
    flat = footprints(spec.bodies)
    within = (lower > lower[i] + OFF_FLOOR) & (lower < upper[i] + RESTS)
    borne = [
        j
        for j in np.flatnonzero(overlap(flat[i], flat) & within)
        if not (_level(upper, lower[j]) & overlap(flat[j], flat)).any()
    ]
    group, rest = set(), [i, *borne]
    while rest:
        group.update(rest)
        on_top = (overlap(flat[k], flat) & _level(lower, upper[k]) for k in rest)
        rest = [j for j in np.flatnonzero(np.any([*on_top], axis=0)) if j not in group]
    return group


def _level(heights: np.ndarray, height: float) -> np.ndarray:
    return np.abs(heights - height) < RESTS


def _free(spec: SceneSpec, group: set[int]) -> bool:
    """Tells whether the group stands clear of the camera, the walls and all else when it stops."""
    later = advance(spec)
    others = tuple(body for j, body in enumerate(later.bodies) if j not in group)
    floor = Floor.of(replace(later, bodies=others))
    floor.take(Footprint(*spec.camera.position[:2], *CAMERA))
    flat = footprints([later.bodies[j] for j in sorted(group)])
    inside = (flat >= floor.lower).all() and (flat <= floor.upper).all()
    return bool(inside) and not any(overlap(one, floor.taken).any() for one in flat)


def _plain(vector: np.ndarray) -> Vec3:
    return tuple(float(value) for value in vector)
