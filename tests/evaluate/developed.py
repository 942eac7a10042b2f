"""Pictures that a sensor takes of made-up scenes, as a dataset's or as anybody's."""

from dataclasses import fields
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from simgen.distributions import written
from simgen.evaluate.picture import Picture
from simgen.evaluate.pictures import Pictures
from simgen.rng import stream
from simgen.sensor import Sensor

SIZE = (120, 160)  # height, width
TARGET = "simgen.sensor.Sensor"


@cache
def radiance(seed: int, frame: int) -> np.ndarray:
    """A table under warm or cool light, with sheets on it and a fine pattern all over."""
    rng = stream(seed, frame, "radiance")
    light = np.full((*SIZE, 3), rng.uniform(0.05, 0.4, 3), np.float32)
    for _ in range(12):
        x, y = rng.integers(0, SIZE[1]), rng.integers(0, SIZE[0])
        w, h = rng.integers(10, 60, 2)
        light[y : y + h, x : x + w] = rng.uniform(0.02, 0.8, 3)
    pattern = rng.standard_normal(SIZE).astype(np.float32)
    light *= np.exp2(0.5 * cv2.GaussianBlur(pattern, (0, 0), 0.8))[..., None]
    warm = rng.normal(0.5, 0.4)
    return light * np.float32([2 ** (warm / 2), 1, 2 ** (-warm / 2)])


def taken(root: Path, sensor: Sensor, seed: int, frames: int, ours: bool = False) -> Pictures:
    """Returns the pictures of a folder that a sensor takes of so many scenes.

    Args:
        ours: whether they know their frame, as those of a dataset do.
    """
    root.mkdir(parents=True)
    pictures = []
    nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool)
    for frame in range(frames):
        image = sensor(radiance(seed, frame), stream(seed, frame, "sensor"))
        cv2.imwrite(str(root / f"{frame:03d}.png"), image[..., ::-1])
        number = frame if ours else None
        pictures.append(Picture(root, f"{frame:03d}.png", *nothing, frame=number))
    return Pictures(root, root.name, tuple(pictures))


def config(sensor: Sensor, seed: int) -> dict:
    """Returns the plain config of a run with this sensor."""
    node = {f.name: _plain(getattr(sensor, f.name)) for f in fields(sensor)}
    return {"seed": seed, "sensor": {"_target_": TARGET, **node}}


def _plain(value):
    import yaml

    return yaml.safe_load(written(value))
