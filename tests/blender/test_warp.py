"""The second picture, sampled where the flow or the disparity leads, looks like the first."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from simgen.blender.renderer import Cycles
from simgen.geometry import look_at, yaw
from simgen.motion import advance
from simgen.spec import Body, Camera, Light, Material, Motion, SceneSpec, Shape, World
from simgen.truth.crosscheck import crosscheck
from simgen.truth.match import match
from simgen.truth.raycast import raycast
from simgen.views import right_eye

pytestmark = pytest.mark.blender
EYE = (0.4, -2.6, 1.5)


def scene() -> SceneSpec:
    """Returns checkered blocks on a spotted floor, one of which slides and turns, and a camera that
    moves and turns."""
    floor = _block("floor", (8.0, 8.0, 0.1), (0, 0, -0.1), "dots", 0.15)
    still = _block("still", (0.6, 0.5, 0.5), (-0.6, 0.3, 0), "checker", 0.1, rotation=yaw(0.4))
    moving = _block("moving", (0.5, 0.5, 0.6), (0.4, -0.2, 0), "checker", 0.08, rotation=yaw(-0.3))
    sliding = replace(moving, motion=Motion((0.5, 0.3, 0.0), (0.0, 0.0, 0.8)))
    camera = Camera(
        EYE,
        look_at(EYE, (0, 0, 0.2)),
        160,
        120,
        30.0,
        motion=Motion((0.4, 0.3, -0.2), (0.1, 0.0, -0.3)),
        baseline_m=0.1,
    )
    lamp = Light("area", (0.0, 0.0, 4.0), power=150.0, size=(3.0, 3.0))
    return SceneSpec((floor, still, sliding), (lamp,), World(), camera, step_s=0.2)


def _block(name, size, place, kind, cell, **more) -> Body:
    x, y, z = size
    bright, dark = (0.8, 0.75, 0.6), (0.1, 0.12, 0.2)
    surface = Material(kind, bright, dark, roughness=1.0, wear=0.0, scale_m=cell)
    shape = Shape.of("block", x=x, y=y, z=z)
    return Body(name, shape, place, materials={"surface": surface}, **more)


@cache
def seen(view):
    spec = view(scene()) if view else scene()
    return Cycles(samples=16, max_bounces=1).render(spec)


@pytest.mark.parametrize("view", [advance, right_eye])
def test_the_second_picture_warped_back_is_the_first(view):
    spec, first, second = scene(), seen(None), seen(view)
    assert crosscheck(raycast(view(spec)), second).pixels > 0.999
    found = match(spec, raycast(spec), view(spec))
    speed = np.linalg.norm(found.shift, axis=2)
    assert np.median(speed) > 4 and 0.6 < found.seen.mean() < 0.99
    error = _error(first.rgb, second.rgb, found.shift, found.seen)
    assert error < 0.08
    for wrong in ((2, 0), (-2, 0), (0, 2), (0, -2)):
        assert (
            _error(first.rgb, second.rgb, found.shift + np.float32(wrong), found.seen) > 3 * error
        )


def test_what_moves_by_itself_is_right_too():
    spec, truth = scene(), raycast(scene())
    found = match(spec, truth, advance(spec))
    body = found.seen & (truth.instance == 3)
    still = replace(spec, bodies=tuple(replace(b, motion=Motion()) for b in spec.bodies))
    as_if = match(spec, truth, advance(still))
    a, b = seen(None).rgb, seen(advance).rgb
    assert body.sum() > 300
    assert _error(a, b, found.shift, body) < 0.5 * _error(a, b, as_if.shift, body)


def _error(first, second, shift, where) -> float:
    """Returns the mean relative difference, after a blur of half a pixel against aliasing."""
    v, u = np.mgrid[: shift.shape[0], : shift.shape[1]].astype(np.float32)
    first, second = (cv2.GaussianBlur(light, (0, 0), 0.5) for light in (first, second))
    warped = cv2.remap(second, u + shift[..., 0], v + shift[..., 1], cv2.INTER_LINEAR)
    return float((np.abs(warped - first).mean(2) / first.mean())[where].mean())
