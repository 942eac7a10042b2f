"""Disorder: loose things stand a little askew, as far as their neighbours let them."""

import math
from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.distributions import Number, draw
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
    angle, direction = rng.uniform(-1, 1), rng.uniform(0, 2 * math.pi)
    distance = room / 2 * math.sqrt(rng.random())
    lower, upper = mesh_of(body.shape).bounds
    reach = math.hypot(*(np.maximum(-lower, upper) * body.scale)[:2])
    turn = yaw(angle * room / 2 / max(reach, 1e-6))
    x, y, z = body.position
    x, y = x + distance * math.cos(direction), y + distance * math.sin(direction)
    return replace(body, position=(x, y, z), rotation=multiply(turn, body.rotation))
