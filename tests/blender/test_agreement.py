"""The ray caster and Cycles, on thin parts, holes, odd scales and mirrors."""

import numpy as np
import pytest

from simgen.blender.renderer import Cycles
from simgen.geometry import axis_angle, look_at, yaw
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.crosscheck import crosscheck, require_agreement
from simgen.truth.raycast import raycast

pytestmark = pytest.mark.blender

PROPS = ("stillage", "pallet", "carton", "drum", "small_load_carrier", "traffic_cone")


def crowded(seed: int) -> SceneSpec:
    """Returns 24 bodies, some of them stretched, mirrored, tilted or sunk into others."""
    rng = np.random.default_rng(seed)
    floor = Body("floor", Shape.of("block", x=20.0, y=20.0, z=0.1), (0, 0, -0.1))
    bodies = [floor, _rod((0.4, -1.5, 0.9), 0.01), _rod((-0.6, -1.0, 0.6), 0.004)]
    for i in range(21):
        place = (rng.uniform(-2, 2), rng.uniform(-1, 4), rng.choice([0.0, 0.6]))
        scale = rng.uniform(0.5, 1.3, 3) * (rng.choice([-1, 1]), 1, 1)
        turned = axis_angle((rng.uniform(-0.3, 0.3), 0.1, 1.0), rng.uniform(0, 6))
        rotation = turned if i % 2 else yaw(rng.uniform(0, 6))
        shape = Shape.of(PROPS[i % len(PROPS)])
        bodies.append(Body(shape.prop, shape, place, rotation, tuple(scale), "thing"))
    eye = (0.3, -3.5, 1.7)
    return SceneSpec(tuple(bodies), camera=Camera(eye, look_at(eye, (0, 0.5, 0.5)), 160, 120, 22.0))


def _rod(place, thickness) -> Body:
    scale = (1.5, thickness, thickness)
    return Body("rod", Shape.of("block"), place, axis_angle((0, 1, 0), 0.4), scale, "rod")


@pytest.mark.parametrize("seed", [1, 2])
def test_engines_agree(seed):
    spec = crowded(seed)
    agreement = crosscheck(raycast(spec), Cycles(samples=1, denoise=False).render(spec))
    require_agreement(agreement, 0.999)
    assert agreement.id_pixels >= 0.999
    assert agreement.depth_median < 1e-4 and agreement.depth_pixels >= 0.999


def test_a_moved_body_is_noticed():
    """What the cross-check is for: labels of another scene than the one that was rendered."""
    spec = crowded(1)
    bodies = (*spec.bodies[:3], *spec.bodies[4:], spec.bodies[3])
    truth = raycast(SceneSpec(bodies, camera=spec.camera))
    assert crosscheck(truth, Cycles(samples=1, denoise=False).render(spec)).pixels < 0.95
