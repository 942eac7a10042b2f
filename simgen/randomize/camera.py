"""Where the camera stands and what it looks at: an object, from free space, with a clear view."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw
from simgen.errors import ProposalRejected
from simgen.geometry import axis_angle, look_at, multiply
from simgen.placement import spans_room, world_boxes
from simgen.spec import Camera as Pinhole
from simgen.spec import SceneSpec, Vec3
from simgen.targets.wanted import Wanted, reweighted, tilted

DRAWN = (
    "distance_m", "height_m", "azimuth_deg", "framing", "tilt_deg", "roll_deg", "focal_mm",
)  # fmt: skip


@dataclass(frozen=True)
class Camera:
    """Aims at one object: a category at random, then one of its bodies, so that rare classes get as
    many pictures as common ones.

    Attributes:
        distance_m: from the object's middle, along the floor. `height_m`: above the floor.
        azimuth_deg: direction from the object to the camera, 0 along +x, counter-clockwise.
        framing: how far off the picture's middle the object may be, in half pictures.
        tilt_deg: added to the downward angle. `roll_deg`: about the optical axis.
        focal_mm: for a sensor 36 mm wide.
        max_pitch_deg: steepest view up or down that is taken, before `tilt_deg`.
        clearance_m: free space around the camera.
        attempts: viewpoints tried before the whole scene is drawn again.
    """

    distance_m: Number = 4.0
    height_m: Number = 1.6
    azimuth_deg: Number = 0.0
    framing: Number = 0.0
    tilt_deg: Number = 0.0
    roll_deg: Number = 0.0
    focal_mm: Number = 26.0
    max_pitch_deg: Number = 35.0
    clearance_m: Number = 0.3
    attempts: int = 60

    per_view = True

    def __post_init__(self):
        require(0.01, distance_m=self.distance_m, focal_mm=self.focal_mm)
        require(0, clearance_m=self.clearance_m, height_m=self.height_m)
        require(-1, 1, framing=self.framing)
        require(-360, 360, azimuth_deg=self.azimuth_deg)
        require(-180, 180, tilt_deg=self.tilt_deg, roll_deg=self.roll_deg)
        require(0, 90, max_pitch_deg=self.max_pitch_deg)
        require(1, whole=True, fixed=True, attempts=self.attempts)

    def __call__(
        self, spec: SceneSpec, rng: np.random.Generator, wanted: Wanted | None = None
    ) -> SceneSpec:
        """Returns the spec with another camera; all else is equal."""
        lower, upper = world_boxes(spec.bodies)
        for _ in range(self.attempts):
            d, target = self._drawn(spec, rng, wanted), _target(spec, rng, wanted)
            middle = (lower[target] + upper[target]) / 2
            eye = _viewpoint(d, middle)
            steep = np.degrees(np.arctan2(abs(middle[2] - eye[2]), d.distance_m)) > d.max_pitch_deg
            if steep or not _free(eye, spec, lower, upper, d.clearance_m):
                continue
            if _clear(eye, middle, lower, upper):
                camera = _aimed(spec.camera, eye, middle, d, rng)
                drawn = {f"camera.{name}": getattr(d, name) for name in DRAWN}
                drawn["camera.target"] = spec.bodies[target].category
                return replace(spec, camera=camera, parameters=spec.parameters | drawn)
        raise ProposalRejected(
            f"no free viewpoint in {self.attempts} tries: bound randomize.camera (distance_m, "
            f"height_m, max_pitch_deg) so that it may stand inside the room, or enlarge the scene"
        )

    def _drawn(self, spec: SceneSpec, rng: np.random.Generator, wanted: Wanted | None) -> "Camera":
        """Returns drawn settings: nearer where fewer objects are wanted than there are."""
        drawn = draw(self, rng)
        if not wanted or not wanted.weights:
            return drawn
        weights = [wanted.weight(body.category) for body in spec.bodies if body.category]
        fewer = min(1.0, float(np.mean(weights))) if weights else 1.0
        return replace(drawn, distance_m=tilted(self.distance_m, fewer, rng))


def _target(spec: SceneSpec, rng: np.random.Generator, wanted: Wanted | None) -> int:
    categories = sorted({body.category for body in spec.bodies} - {""})
    if not categories:
        raise ProposalRejected("the camera finds nothing with a category: add objects to the scene")
    category = _category(categories, rng, wanted)
    return int(rng.choice([i for i, b in enumerate(spec.bodies) if b.category == category]))


def _category(categories: list[str], rng: np.random.Generator, wanted: Wanted | None) -> str:
    if not wanted:
        return categories[int(rng.integers(len(categories)))]
    shares = reweighted(dict.fromkeys(categories, 1.0), wanted)
    return str(rng.choice(categories, p=list(shares.values())))


def _viewpoint(d: Camera, middle: np.ndarray) -> np.ndarray:
    azimuth = np.radians(d.azimuth_deg)
    x, y = middle[:2] + d.distance_m * np.array([np.cos(azimuth), np.sin(azimuth)])
    return np.array([x, y, d.height_m])


def _free(eye, spec: SceneSpec, lower, upper, clearance: float) -> bool:
    """Tells whether the eye is in the room and near no body; what spans the room does not count."""
    room_lower, room_upper = np.asarray(spec.room)
    if (eye < room_lower + clearance).any() or (eye > room_upper - clearance).any():
        return False
    near = ((eye > lower - clearance) & (eye < upper + clearance)).all(1)
    return not (near & ~spans_room(spec, lower, upper)).any()


def _clear(eye, middle, lower, upper) -> bool:
    """Tells whether the straight line to the target's middle meets no other body's box.

    Boxes that hold the middle themselves (the rack around a pallet) are taken as see-through: the
    truth at low resolution judges those.
    """
    ray = middle - eye
    with np.errstate(divide="ignore", invalid="ignore"):
        a, b = (lower - eye) / ray, (upper - eye) / ray
    enter, leave = np.fmin(a, b).max(1), np.fmax(a, b).min(1)
    around = ((lower <= middle) & (upper >= middle)).all(1)
    return not ((enter < leave) & (leave > 0) & (enter < 0.95) & ~around).any()


def _aimed(camera: Pinhole, eye, middle, d: Camera, rng: np.random.Generator) -> Pinhole:
    """Returns the camera at `eye` with `middle` off the picture's centre by `d.framing`."""
    position: Vec3 = tuple(float(v) for v in eye)
    half = np.array([1.0, camera.height / camera.width]) * camera.sensor_mm / d.focal_mm / 2
    direction = rng.uniform(0, 2 * np.pi)
    off = np.arctan(d.framing * half * (np.cos(direction), np.sin(direction)))
    rotation = look_at(position, tuple(float(v) for v in middle))
    for axis, angle in (
        ((0.0, 1.0, 0.0), off[0]),
        ((1.0, 0.0, 0.0), off[1] - np.radians(d.tilt_deg)),
        ((0.0, 0.0, 1.0), np.radians(d.roll_deg)),
    ):
        rotation = multiply(rotation, axis_angle(axis, float(angle)))
    return replace(camera, position=position, rotation=rotation, focal_mm=float(d.focal_mm))
