"""A synthetic picture developed anew with other settings of its sensor, without rendering it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

import cv2
import numpy as np

from simgen.distributions import draw, parse
from simgen.evaluate import jpeg
from simgen.rng import stream
from simgen.sensor import DARKEST, LUMINANCE, Sensor, develop, falloff, metering, undevelop

TARGET = "simgen.sensor.Sensor"
_FULL = 0.98  # share of a cast that is removed, above which too little is left to bring it back


@dataclass(frozen=True, eq=False)
class Negative:
    """The light that a picture was developed from.

    Attributes:
        light: (H, W, 3) float32, after exposure, balance, vignetting, blur and noise.
        sensor: what it was taken with, every field a constant.
        quality: of its JPEG file, None for another kind.
        frame: its number, for the noise.
    """

    light: np.ndarray
    sensor: Sensor
    quality: int | None
    frame: int

    @classmethod
    def of(cls, data: bytes, sensor: Sensor, seed: int, frame: int) -> "Negative":
        """Returns the negative of a frame's file: what its sensor drew is drawn once more.

        Args:
            sensor: of the run, as configured; `seed` likewise.
        """
        taken = draw(sensor, stream(seed, frame, "sensor"))
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        light = undevelop(pixels, taken.contrast, max(taken.saturation, 0.05))
        return cls(light, taken, jpeg.quality(data), frame)

    def developed(self, sensor: Sensor) -> np.ndarray:
        """Returns the (H, W, 3) uint8 picture that another sensor would have taken, about: less
        blur or noise than there is cannot be had, and stays."""
        was, light = self.sensor, self.light
        light = light * _rebalanced(light, was.white_balance, sensor.white_balance)
        gain = np.float32(2.0 ** (sensor.exposure_ev - was.exposure_ev))
        gain = gain * _metered_anew(light, was, sensor)
        lost = (falloff(light.shape, each.vignetting) for each in (sensor, was))
        gain = gain * next(lost) / np.maximum(next(lost), np.float32(0.05))
        left, light = gain**2 * _variance(light, was), light * gain
        spread = sensor.blur_px**2 - was.blur_px**2
        if spread > 1e-4:
            light = cv2.GaussianBlur(light, (0, 0), spread**0.5, borderType=cv2.BORDER_REFLECT)
            left = left * _kept(spread**0.5)
        lacking = np.sqrt(np.maximum(_variance(light, sensor) - left, 0))
        rng = stream(0, self.frame, "gap/noise")
        light = light + lacking * rng.standard_normal(light.shape, dtype=np.float32)
        sharper = max(sensor.sharpening - was.sharpening, 0)
        return self._saved(develop(light, sensor.contrast, sensor.saturation, sharper))

    def _saved(self, image: np.ndarray) -> np.ndarray:
        if self.quality is None:
            return image
        options = [cv2.IMWRITE_JPEG_QUALITY, self.quality]
        data = cv2.imencode(".jpg", image[..., ::-1], options)[1]
        return cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1]


def _rebalanced(light: np.ndarray, was: float, now: float) -> np.ndarray:
    """Returns (3,) factors that leave the share `now` of the cast's removal where `was` was done:
    what is left of it is its (1 - was)-th power."""
    if was > _FULL or was == now:
        return np.ones(3, np.float32)
    mean = light.clip(0, np.quantile(light, 0.95) or 1).mean((0, 1), dtype=float)
    if mean.min() < DARKEST:
        return np.ones(3, np.float32)
    return np.float32((mean @ LUMINANCE / mean) ** ((now - was) / (1 - was)))


def _metered_anew(light: np.ndarray, was: Sensor, now: Sensor) -> np.float32:
    """Returns the gain by which highlights are spared less, or more, at another contrast."""
    if not now.auto_exposure or was.contrast == now.contrast:
        return np.float32(1)
    return np.float32(metering(light, now.contrast) / metering(light, was.contrast))


def _variance(light: np.ndarray, sensor: Sensor) -> np.ndarray:
    """Returns the noise's variance, as the sensor makes it."""
    if sensor.full_well_e <= 0:
        return np.zeros_like(light)
    electrons = np.maximum(light, 0) * np.float32(sensor.full_well_e)
    return (electrons + np.float32(sensor.read_noise_e) ** 2) / np.float32(sensor.full_well_e) ** 2


def _kept(sigma: float) -> float:
    """Returns which share of white noise's variance a blur leaves."""
    kernel = cv2.getGaussianKernel(2 * int(4 * sigma + 1) + 1, sigma)
    return float((kernel**2).sum() ** 2)


def configured(config: Mapping) -> Sensor | None:
    """Returns the sensor of a saved config, if it is simgen's own; nothing else is ever built. One
    without noise gets as many electrons as there can be.

    Raises:
        SimgenError: a setting is none.
    """
    node = config.get("sensor")
    if not isinstance(node, Mapping) or node.get("_target_") != TARGET:
        return None
    known = {field.name for field in fields(Sensor)}
    given = {name: parse(value, f"sensor.{name}") for name, value in node.items() if name in known}
    made = Sensor(**given)
    return replace(made, full_well_e=1e6, read_noise_e=0) if made.full_well_e == 0 else made
