"""The scene at its second instant: poses moved on, all else equal."""

from dataclasses import replace
from typing import TypeVar

import numpy as np

from simgen.geometry import axis_angle, multiply
from simgen.spec import STILL, Body, Camera, SceneSpec

T = TypeVar("T", Body, Camera)


def advance(spec: SceneSpec) -> SceneSpec:
    """Returns the scene `step_s` seconds later.

    What has a motion keeps it, so that the result can be moved on again; its `step_s` is 0.
    """
    return replace(
        spec,
        bodies=tuple(moved(body, spec.step_s) for body in spec.bodies),
        camera=moved(spec.camera, spec.step_s),
        step_s=0.0,
    )


def moved(thing: T, seconds: float) -> T:
    """Returns a body or camera where its motion takes it; the same object if it stands still."""
    if thing.motion == STILL or seconds == 0:
        return thing
    velocity, spin = np.array(thing.motion.velocity), np.array(thing.motion.spin)
    position = tuple(float(v) for v in thing.position + velocity * seconds)
    angle = float(np.linalg.norm(spin)) * seconds
    if angle == 0:
        return replace(thing, position=position)
    rotation = multiply(axis_angle(tuple(spin), angle), thing.rotation)
    return replace(thing, position=position, rotation=rotation)
