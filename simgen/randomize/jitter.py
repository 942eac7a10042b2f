"""A fixed camera that is never quite where it was: mounts give, lenses are changed."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw
from simgen.errors import ProposalRejected
from simgen.geometry import axis_angle, multiply, rotation_matrix
from simgen.spec import IDENTITY, Quaternion, SceneSpec
from simgen.truth.inside import camera_inside


@dataclass(frozen=True)
class Jitter:
    """Moves and turns the scene's own camera a little.

    Attributes:
        shift_m: along each of its axes, drawn three times.
        turn_deg: about each of its axes, drawn three times.
        zoom: factor on its focal length.
    """

    shift_m: Number = 0.0
    turn_deg: Number = 0.0
    zoom: Number = 1.0

    per_view = True

    def __post_init__(self):
        require(-100, 100, shift_m=self.shift_m)
        require(-180, 180, turn_deg=self.turn_deg)
        require(0.01, 100, zoom=self.zoom)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with another camera; all else is equal."""
        shift, turn = draw(((self.shift_m,) * 3, (self.turn_deg,) * 3), rng)
        zoom = float(draw(self.zoom, rng))
        camera = spec.camera
        position = np.add(camera.position, rotation_matrix(camera.rotation) @ shift)
        moved = replace(
            camera,
            position=tuple(float(v) for v in position),
            rotation=multiply(camera.rotation, _rotation(np.radians(turn))),
            focal_mm=camera.focal_mm * zoom,
        )
        drawn = {"camera.shift_m": shift, "camera.turn_deg": turn, "camera.zoom": zoom}
        spec = replace(spec, camera=moved, parameters=spec.parameters | drawn)
        solid = camera_inside(spec)
        if solid:
            raise ProposalRejected(
                f"the camera is inside {solid!r}: lower randomize.camera.shift_m, or move the "
                f"scene's camera"
            )
        return spec


def _rotation(vector: np.ndarray) -> Quaternion:
    """Returns the rotation by a rotation vector."""
    angle = float(np.linalg.norm(vector))
    return axis_angle(tuple(vector), angle) if angle else IDENTITY
