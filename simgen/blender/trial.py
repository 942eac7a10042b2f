"""A test frame: what renders it, how fast, how grainy, and whether its ids and depths are true."""

from typing import Any

import bpy
import numpy as np

from simgen import geometry
from simgen.build import build
from simgen.spec import Body, Camera, Light, SceneSpec, Shape
from simgen.truth.crosscheck import crosscheck
from simgen.truth.raycast import raycast

_EYE, _MIDDLE = (1.5, -2.0, 1.5), (0.0, 0.0, 0.4)  # metres


def version() -> str:
    """Returns Blender's."""
    return bpy.app.version_string


def render(renderer: dict[str, Any]) -> dict[str, Any]:
    """Renders a ball on a floor, 64x48.

    Args:
        renderer: its config node.

    Returns:
        device; seconds, the renderer's start included; agreement: the share of pixels on which ray
        caster and renderer are at one; brightness; grain: the median curvature of the picture's
        logarithm, which noise raises; opengl: what a rasteriser draws with.
    """
    spec = _still_life()
    light = build(renderer, "renderer").render(spec)
    return {
        "device": light.device,
        "seconds": sum(light.seconds.values()),
        "agreement": crosscheck(raycast(spec), light).pixels,
        "brightness": float(light.rgb.mean()),
        "grain": _grain(light.rgb),
        "opengl": _opengl() if light.instance is None else "",
    }


def _still_life() -> SceneSpec:
    camera = Camera(_EYE, geometry.look_at(_EYE, _MIDDLE), 64, 48)
    floor = Body("floor", Shape.of("block", x=20.0, y=20.0, z=0.1), (0.0, 0.0, -0.1))
    ball = Body("ball", Shape.of("ball", radius=0.5), category="ball")
    lamp = Light("area", (1.0, -1.0, 3.0), power=200.0, size=(1.0, 1.0))
    return SceneSpec((floor, ball), lights=(lamp,), camera=camera)


def _grain(rgb: np.ndarray) -> float:
    light = np.log1p(rgb.mean(-1))
    around = light[:-2, 1:-1] + light[2:, 1:-1] + light[1:-1, :-2] + light[1:-1, 2:]
    return float(np.median(np.abs(4 * light[1:-1, 1:-1] - around)))


def _opengl() -> str:
    """Known once something has been drawn."""
    import gpu

    return gpu.platform.renderer_get()
