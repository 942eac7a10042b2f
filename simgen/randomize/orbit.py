"""A camera on a sphere about the things: from straight above down to the table's edge."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw
from simgen.errors import ProposalRejected
from simgen.geometry import axis_angle, look_at, multiply
from simgen.placement import world_boxes
from simgen.spec import Camera, SceneSpec, Vec3
from simgen.targets.wanted import Wanted
from simgen.truth.inside import camera_inside

DRAWN = ("elevation_deg", "azimuth_deg", "fill", "framing", "roll_deg", "focal_mm")


@dataclass(frozen=True)
class Orbit:
    """Looks at everything that has a category, from as far as it takes.

    Attributes:
        elevation_deg: of the line of sight, 90 straight down.
        azimuth_deg: direction from the things to the camera, 0 along +x, counter-clockwise.
        fill: share of the picture's shorter side that the things take; above 1, some are cut off.
        framing: how far off the picture's middle their middle may be, in half pictures.
        roll_deg: about the optical axis.
        focal_mm: for a sensor 36 mm wide.
        attempts: viewpoints tried before the whole scene is drawn again.
    """

    elevation_deg: Number = 50.0
    azimuth_deg: Number = 0.0
    fill: Number = 0.9
    framing: Number = 0.0
    roll_deg: Number = 0.0
    focal_mm: Number = 35.0
    attempts: int = 40

    per_view = True

    def __post_init__(self):
        require(-90, 90, elevation_deg=self.elevation_deg)
        require(-360, 360, azimuth_deg=self.azimuth_deg)
        require(0.01, 100, fill=self.fill)
        require(-1, 1, framing=self.framing)
        require(-180, 180, roll_deg=self.roll_deg)
        require(0.01, focal_mm=self.focal_mm)
        require(1, whole=True, fixed=True, attempts=self.attempts)

    def __call__(
        self, spec: SceneSpec, rng: np.random.Generator, wanted: Wanted | None = None
    ) -> SceneSpec:
        """Returns the spec with another camera; all else is equal. A camera that already sees
        things where they are wanted stays."""
        if wanted and wanted.boxes:
            return spec
        middle, radius = _extent(spec)
        for _ in range(self.attempts):
            d = draw(self, rng)
            if wanted and wanted.count is not None:
                d = replace(d, fill=min(d.fill, 1.0))
            moved = replace(spec, camera=_placed(spec.camera, d, middle, radius, rng))
            if _in_room(moved) and camera_inside(moved) is None:
                drawn = {f"camera.{name}": getattr(d, name) for name in DRAWN}
                return replace(moved, parameters=spec.parameters | drawn)
        raise ProposalRejected(
            f"no free viewpoint in {self.attempts} tries: raise randomize.camera.elevation_deg or "
            f"fill, or enlarge the room"
        )


def _extent(spec: SceneSpec) -> tuple[np.ndarray, float]:
    """Returns the middle of all that has a category, and the radius about it that holds most."""
    things = tuple(body for body in spec.bodies if body.category)
    if not things:
        raise ProposalRejected("the camera finds nothing with a category: add objects to the scene")
    lower, upper = world_boxes(things)
    low, high = lower.min(0), upper.max(0)
    return (low + high) / 2, float(np.linalg.norm(high - low) / 2)


def _placed(camera: Camera, d: Orbit, middle, radius: float, rng: np.random.Generator) -> Camera:
    shorter = min(camera.width, camera.height) / camera.width
    half = np.array([1.0, camera.height / camera.width]) * camera.sensor_mm / d.focal_mm / 2
    distance = radius / np.sin(np.arctan(d.fill * shorter * camera.sensor_mm / d.focal_mm / 2))
    elevation, azimuth = np.radians([d.elevation_deg, d.azimuth_deg])
    level = np.cos(elevation)
    way = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
    position, target = (tuple(float(v) for v in p) for p in (middle + distance * way, middle))
    direction = rng.uniform(0, 2 * np.pi)
    off = np.arctan(d.framing * half * (np.cos(direction), np.sin(direction)))
    rotation = look_at(position, target)
    turns: tuple[tuple[Vec3, float], ...] = (
        ((0.0, 1.0, 0.0), off[0]),
        ((1.0, 0.0, 0.0), off[1]),
        ((0.0, 0.0, 1.0), np.radians(d.roll_deg)),
    )
    for axis, angle in turns:
        rotation = multiply(rotation, axis_angle(axis, float(angle)))
    return replace(camera, position=position, rotation=rotation, focal_mm=float(d.focal_mm))


def _in_room(spec: SceneSpec) -> bool:
    (lower, upper), eye = np.asarray(spec.room), np.asarray(spec.camera.position)
    return bool((eye > lower + 0.02).all() and (eye < upper - 0.02).all())
