"""Disorder: loose things stand a little askew, as far as their neighbours let them."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.distributions import Number, draw, require
from simgen.geometry import multiply, yaw
from simgen.props import mesh_of
from simgen.spec import Body, SceneSpec


@dataclass(frozen=True)
class Pose:
    """Turns and shifts each body within its slack, so that nothing can touch anything new.

    Attributes:
        disorder: share of the slack that is used, 0 to 1; drawn once for each frame.
    """

    disorder: Number = 0.7

    def __post_init__(self):
        require(0, 1, disorder=self.disorder)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with new body poses; all else is equal."""
        disorder = draw(self.disorder, rng)
        bodies = tuple(_loosened(body, disorder * body.slack_m, rng) for body in spec.bodies)
        parameters = spec.parameters | {"pose.disorder": disorder}
        return replace(spec, bodies=bodies, parameters=parameters)


def _loosened(body: Body, room: float, rng: np.random.Generator) -> Body:
    """Returns the body with no point moved sideways by more than `room` metres: half of that is for
    the turn (a corner at radius r moves by r times the angle), half for the shift."""
    if room <= 0:
        return body
    angle, direction = rng.uniform(-1, 1), rng.uniform(0, 2 * np.pi)
    distance = room / 2 * np.sqrt(rng.uniform())
    lower, upper = mesh_of(body.shape).bounds
    reach = np.maximum(np.abs(lower), np.abs(upper))[:2] * np.asarray(body.scale)[:2]
    turn = yaw(float(angle * room / 2 / max(np.hypot(*reach), 1e-6)))
    x, y, z = body.position
    x, y = x + distance * np.cos(direction), y + distance * np.sin(direction)
    return replace(body, position=(float(x), float(y), z), rotation=multiply(turn, body.rotation))
