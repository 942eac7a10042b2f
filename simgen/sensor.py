"""The camera's electronics: linear radiance becomes an 8-bit picture."""

from dataclasses import dataclass, fields
from typing import Any

import cv2
import numpy as np

from simgen.checks import require, require_type
from simgen.distributions import Distribution, Number, draw

MIDDLE_GREY = 0.18
LUMINANCE = np.float32([0.2126, 0.7152, 0.0722])  # Rec. 709
DARKEST, BRIGHTEST = 1e-9, 1e6  # what is outside is black, or cut off: the result stays finite
KNEE = 0.6  # where highlights start to be eased into white


@dataclass(frozen=True)
class Sensor:
    """Exposure, noise, lens softness and a tone curve; every field may be a distribution.

    Attributes:
        auto_exposure: bring the log-average luminance to middle grey before `exposure_ev`.
        exposure_ev: stops added.
        white_balance: share of the light's colour cast that is removed (grey world).
        contrast, saturation: factors; 1 changes nothing.
        full_well_e: electrons at white; shot noise is their Poisson deviation. 0: no shot noise.
        read_noise_e: standard deviation of the read-out, electrons; needs full_well_e.
        blur_px: standard deviation of the lens's point spread.
        vignetting: share of light lost in the corners, growing with the squared radius.
        sharpening: factor on detail of about a pixel that is added to the finished picture's
            brightness, as phones do (an unsharp mask); it sharpens the noise as well.
    """

    auto_exposure: bool | Distribution = True
    exposure_ev: Number = 0.0
    white_balance: Number = 0.0
    contrast: Number = 1.0
    saturation: Number = 1.0
    full_well_e: Number = 0.0
    read_noise_e: Number = 0.0
    blur_px: Number = 0.0
    vignetting: Number = 0.0
    sharpening: Number = 0.0

    def __post_init__(self):
        require_type(bool, auto_exposure=self.auto_exposure)
        require(-20, 20, exposure_ev=self.exposure_ev)
        require(0, 1, white_balance=self.white_balance, vignetting=self.vignetting)
        require(0.1, 4, contrast=self.contrast)
        require(0, 10, saturation=self.saturation, blur_px=self.blur_px)
        require(0, 1e6, full_well_e=self.full_well_e, read_noise_e=self.read_noise_e)
        require(0, 5, sharpening=self.sharpening)

    def drawn(self, rng: np.random.Generator) -> dict[str, Any]:
        """Returns what a picture is taken with that is made with this generator, by dotted name."""
        drawn = draw(self, rng)
        return {f"sensor.{f.name}": getattr(drawn, f.name) for f in fields(self)}

    def __call__(self, radiance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Returns (H, W, 3) uint8 sRGB from (H, W, 3) float32 linear radiance."""
        return self.second(radiance, radiance, rng, rng)

    def second(
        self,
        radiance: np.ndarray,
        metered: np.ndarray,
        rng: np.random.Generator,
        grain: np.random.Generator,
    ) -> np.ndarray:
        """Returns another picture with the exposure and balance of a first one, as a rig of two
        cameras or a short burst has them, and with noise of its own.

        Args:
            metered: the first one's radiance.
            rng: as the first one's was, before it was used. `grain`: gives the noise.
        """
        s = draw(self, rng)
        light = _finite(radiance)
        metered = light if metered is radiance else _finite(metered)
        balance = _balance(metered, s.white_balance)
        exposure = metering(metered * balance, s.contrast) if s.auto_exposure else 1.0
        gain = np.float32(2.0**s.exposure_ev * exposure)
        light = light * balance * gain * falloff(light.shape, s.vignetting)
        if s.blur_px > 0:
            light = cv2.GaussianBlur(light, (0, 0), s.blur_px, borderType=cv2.BORDER_REFLECT)
        light = _noise(light, s.full_well_e, s.read_noise_e, grain)
        return develop(light, s.contrast, s.saturation, s.sharpening)


def _finite(radiance: np.ndarray) -> np.ndarray:
    return np.nan_to_num(radiance, nan=0.0).clip(0, BRIGHTEST)


def _balance(light: np.ndarray, share: float) -> np.ndarray:
    """Returns (3,) factors that turn the light's mean to grey, each at most ten."""
    mean = light.clip(0, np.quantile(light, 0.95) or light.max()).mean((0, 1), dtype=float)
    if mean.max() < DARKEST:
        return np.ones(3, np.float32)
    grey = mean @ LUMINANCE
    return np.float32((grey / np.maximum(mean, grey / 10)) ** share)


def metering(light: np.ndarray, contrast: float) -> float:
    """Returns the gain that brings the log-average to middle grey (Reinhard et al. 2002), held back
    where a twentieth of the picture would be developed as if it were brighter than white."""
    luminance = light @ LUMINANCE
    white = float(np.quantile(luminance, 0.95)) or float(luminance.max())
    if white < DARKEST:
        return 1.0
    gain = MIDDLE_GREY / np.exp(np.log(np.maximum(luminance, 1e-4 * white)).mean())
    return float(min(gain, MIDDLE_GREY ** (1 - 1 / contrast) / white))


def falloff(shape: tuple[int, ...], lost: float) -> np.ndarray:
    """Returns (H, W, 1) float32, the share of the light that arrives: all of it in the middle."""
    height, width = shape[:2]
    y, x = np.mgrid[:height, :width] + 0.5
    radius2 = (x - width / 2) ** 2 + (y - height / 2) ** 2
    return np.float32(1 - lost * radius2 / (width**2 + height**2) * 4)[..., None]


def _noise(light: np.ndarray, full_well: float, read: float, rng) -> np.ndarray:
    """Returns the light as counted electrons; the normal deviate stands in for Poisson's, which it
    matches above some ten electrons."""
    if full_well <= 0:
        return light
    electrons = light * np.float32(full_well)
    deviation = np.sqrt(electrons + np.float32(read) ** 2)
    noise = rng.standard_normal(light.shape, dtype=np.float32)
    return (electrons + deviation * noise) / np.float32(full_well)


def develop(
    light: np.ndarray, contrast: float, saturation: float, sharpening: float = 0.0
) -> np.ndarray:
    """Returns 8-bit sRGB: saturation and contrast about middle grey, then a shoulder that eases
    highlights into white instead of clipping them."""
    grey = (light @ LUMINANCE)[..., None]
    light = (grey + np.float32(saturation) * (light - grey)).clip(0, BRIGHTEST)
    light = MIDDLE_GREY * (light / np.float32(MIDDLE_GREY)) ** np.float32(contrast)
    over = np.maximum(light - KNEE, 0) / (1 - KNEE)
    light = np.minimum(light, KNEE) + (1 - KNEE) * over / (1 + over)
    encoded = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    if sharpening > 0:
        encoded = encoded + np.float32(sharpening) * _detail(encoded)
    return np.round(encoded * 255).clip(0, 255).astype(np.uint8)


def _detail(encoded: np.ndarray) -> np.ndarray:
    """Returns (H, W, 1) the luma (Rec. 601) less its blur by one pixel."""
    luma = np.float32(encoded @ np.float32([0.299, 0.587, 0.114]))
    return (luma - cv2.GaussianBlur(luma, (0, 0), 1.0, borderType=cv2.BORDER_REFLECT))[..., None]


def undevelop(image: np.ndarray, contrast: float, saturation: float) -> np.ndarray:
    """Returns the (H, W, 3) float32 light that `develop` makes an 8-bit picture from, as far as
    eight bits tell; `saturation` must be above 0."""
    encoded = image / np.float32(255)
    light = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    eased = (np.maximum(light - KNEE, 0) / (1 - KNEE)).clip(0, 0.95)
    light = np.minimum(light, KNEE) + (1 - KNEE) * eased / (1 - eased)
    light = MIDDLE_GREY * (light / MIDDLE_GREY) ** (1 / contrast)
    grey = (light @ LUMINANCE.astype(light.dtype))[..., None]
    return (grey + (light - grey) / saturation).astype(np.float32)
