"""One picture of one asset, by which also the two engines are held against each other."""

from typing import Any

import cv2
import numpy as np

from simgen.blender.renderer import Cycles
from simgen.geometry import look_at, multiply
from simgen.library.store import PICTURE, facts, folder_of, write
from simgen.props import mesh_of
from simgen.rng import stream
from simgen.sensor import Sensor
from simgen.spec import Body, Camera, Light, SceneSpec, Shape, World
from simgen.truth.crosscheck import crosscheck
from simgen.truth.raycast import raycast

SIZE = (160, 120)
EYE = np.array([0.55, -0.75, 0.45])  # seen from the front right, a little from above
LONGEST = 0.3  # metres that its longest side is given here, whatever its unit


def picture(job: dict[str, Any]) -> dict[str, Any]:
    """Renders an asset of the cache; returns how far ray casting and Cycles agree."""
    known = facts(job["digest"])
    scale = LONGEST / float(np.subtract(known.upper, known.lower).max())
    spec = alone(Shape.of("asset", digest=job["digest"], scale=scale))
    radiance = Cycles(samples=8, device="cpu").render(spec)
    agreement = crosscheck(raycast(spec), radiance)
    image = Sensor()(
        radiance.rgb, stream(0, 0, "sensor")
    )  # without noise, so that nothing is drawn
    _, png = cv2.imencode(".png", image[:, :, ::-1])
    write(folder_of(job["digest"]) / PICTURE, png.tobytes())
    return {"agreement": agreement.pixels}


def alone(shape: Shape) -> SceneSpec:
    """Returns the shape on a floor, large in the picture."""
    mesh = mesh_of(shape)
    lower, upper = mesh.bounds
    reach = float(np.linalg.norm(upper - lower) / 2)
    middle = np.array([0.0, 0.0, (upper[2] + lower[2]) / 2])
    eye = tuple(float(v) for v in middle + EYE / np.linalg.norm(EYE) * 4.2 * reach)
    camera = Camera(eye, look_at(eye, tuple(middle)), *SIZE, focal_mm=55.0)
    side = 60 * reach
    low = -1.005 * reach  # a flat thing and the floor are not one surface
    floor = Body("floor", Shape.of("block", x=side, y=side, z=reach), (0.0, 0.0, low))
    lamp_at = tuple(float(v) for v in middle + np.array([-1.5, -2.0, 3.0]) * reach)
    aim = multiply(look_at(lamp_at, tuple(middle)), (0.0, 1.0, 0.0, 0.0))  # lamps shine along -z
    lamp = Light("area", lamp_at, aim, 60 * reach**2, size=(2 * reach, 2 * reach))
    bodies = (floor, Body("asset", shape, category="asset"))
    return SceneSpec(bodies, (lamp,), World(color=(0.9, 0.95, 1.0), strength=0.6), camera)
