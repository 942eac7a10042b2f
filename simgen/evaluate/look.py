"""How a picture looks, in figures: one small function each, of a picture at a standard size."""

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from simgen.sensor import LUMINANCE

LONGER = 480  # pixels of the longer side; larger pictures are reduced, smaller ones stay
DARKEST = 2.0**-9  # relative luminance, about 6 of 255: below, a picture holds mostly noise
HUES = 16  # of a picture, each standing for as much colour
GREY = 5.0  # CIELAB chroma below which a pixel has no hue
_SMOOTH = 0.1  # share of a picture's blocks in which noise is looked for
_BLOCK = 8  # of wavelet coefficients, along each side


@dataclass(frozen=True, eq=False)
class Look:
    """A picture at the standard size.

    Attributes:
        rgb: (H, W, 3) float32, sRGB-encoded, 0 to 255.
    """

    rgb: np.ndarray

    @classmethod
    def of(cls, pixels: np.ndarray) -> "Look":
        """Returns the look of an (H, W, 3) uint8 sRGB picture."""
        height, width = pixels.shape[:2]
        scale = LONGER / max(height, width)
        pixels = np.asarray(pixels, np.float32)
        if scale < 1:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
        return cls(pixels)

    @cached_property
    def light(self) -> np.ndarray:
        """(H, W, 3) float32 linear Rec. 709, 0 to 1 (IEC 61966-2-1)."""
        c = self.rgb / np.float32(255)
        return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4).astype(np.float32)

    @cached_property
    def stops(self) -> np.ndarray:
        """(H, W) float32, binary logarithm of the luminance; white is 0."""
        return np.log2(np.maximum(self.light @ LUMINANCE, np.float32(DARKEST)))

    @cached_property
    def luma(self) -> np.ndarray:
        """(H, W) float32, 0 to 255 (Rec. 601, as JPEG's Y)."""
        return self.rgb @ np.float32([0.299, 0.587, 0.114])

    @cached_property
    def lab(self) -> np.ndarray:
        """(H, W, 3) float32 CIELAB for D65: L 0 to 100, a, b."""
        return cv2.cvtColor(self.rgb / np.float32(255), cv2.COLOR_RGB2Lab)


def brightness(look: Look) -> float:
    """Returns the log-average luminance in stops below white, as exposure meters have it (Reinhard
    et al. 2002): one stop of exposure is one."""
    return float(look.stops.mean())


def contrast(look: Look) -> float:
    """Returns the standard deviation of the luminance in stops: a gamma multiplies it."""
    return float(look.stops.std())


def saturation(look: Look) -> float:
    """Returns the mean chroma of CIELAB, sqrt(a^2 + b^2)."""
    return float(np.hypot(look.lab[..., 1], look.lab[..., 2]).mean())


def hue(look: Look) -> np.ndarray:
    """Returns (HUES,) float hues in degrees, CIELAB's angle (0 red, 90 yellow, 180 green, 270
    blue), each for an equal share of the picture's chroma; none for a grey picture."""
    a, b = look.lab[..., 1].ravel(), look.lab[..., 2].ravel()
    chroma = np.hypot(a, b)
    degrees = np.degrees(np.arctan2(b, a)) % 360
    weights = np.bincount(degrees[chroma > GREY].astype(int), chroma[chroma > GREY], 360)
    if not weights.sum():
        return np.zeros(0)
    ends = np.cumsum(weights) / weights.sum()
    return np.searchsorted(ends, (np.arange(HUES) + 0.5) / HUES) + 0.5


def white_balance(look: Look) -> float:
    """Returns the red of the mean light over its blue, in stops: 0 is neutral, above is warm."""
    red, _, blue = _cast(look)
    return float(np.log2(red / blue))


def tint(look: Look) -> float:
    """Returns the green of the mean light over its red and blue, in stops: 0 is neutral, above is
    green, below magenta."""
    red, green, blue = _cast(look)
    return float(np.log2(green / np.sqrt(red * blue)))


def _cast(look: Look) -> np.ndarray:
    """Returns (3,) the mean light (the grey world of Buchsbaum 1980), its brightest twentieth cut
    off, as a camera's white balance meets it."""
    light = look.light
    top = max(float(np.quantile(light, 0.95)), DARKEST)
    return np.maximum(light.clip(0, top).mean((0, 1), dtype=float), DARKEST / 10)


def sharpness(look: Look) -> float:
    """Returns the detail of about a pixel over that of about three, in octaves (log2); noise is
    taken off the fine detail. A picture that is out of focus is below one that is not."""
    near, far = (cv2.GaussianBlur(look.luma, (0, 0), sigma) for sigma in (1.0, 3.0))
    grain = noise(look) ** 2 * _FINE_GAIN
    fine, coarse = np.mean((look.luma - near) ** 2), np.mean((near - far) ** 2)
    fine = max(fine - grain, 0.02 * fine)
    return float(0.5 * np.log2(max(fine, 1e-3) / max(coarse, 1e-3)))


def _fine_gain() -> float:
    """Returns which share of white noise's variance is left above a blur by one pixel."""
    kernel = -cv2.getGaussianKernel(9, 1.0) @ cv2.getGaussianKernel(9, 1.0).T
    kernel[4, 4] += 1
    return float((kernel**2).sum())


_FINE_GAIN = _fine_gain()


def noise(look: Look) -> float:
    """Returns the standard deviation of the luma's noise, in levels of 255: that of the finest
    diagonal Haar coefficients (as Donoho and Johnstone 1994 have it), in those blocks whose other
    fine coefficients are smallest. White noise has these independent of each other, so that the
    choice does not bias the estimate. By the mean absolute value: a median would fall on one of the
    few values that 8-bit levels leave."""
    blocks = _BLOCK * 2
    height, width = (n // blocks * blocks for n in look.luma.shape)
    if not height or not width:
        return 0.0
    y = look.luma[:height, :width]
    a, b, c, d = y[::2, ::2], y[::2, 1::2], y[1::2, ::2], y[1::2, 1::2]
    across, down, diagonal = (a - b + c - d) / 2, (a + b - c - d) / 2, (a - b - c + d) / 2
    energy = _blocks(across**2 + down**2).mean(1)
    calm = np.argsort(energy, kind="stable")[: max(1, round(_SMOOTH * len(energy)))]
    return float(np.abs(_blocks(diagonal)[calm]).mean() * np.sqrt(np.pi / 2))


def _blocks(values: np.ndarray) -> np.ndarray:
    """Returns (N, _BLOCK^2) the values block by block."""
    rows, columns = (n // _BLOCK for n in values.shape)
    tiled = values.reshape(rows, _BLOCK, columns, _BLOCK).swapaxes(1, 2)
    return tiled.reshape(rows * columns, -1)


def vignetting(look: Look) -> float:
    """Returns how much darker the corners are than the middle, in stops: the slope of the luminance
    over the squared radius (1 in the corner), by least squares."""
    height, width = look.stops.shape
    y, x = np.ogrid[:height, :width]
    radius2 = (2 * x + 1 - width) ** 2 + (2 * y + 1 - height) ** 2
    radius2 = radius2 / (width**2 + height**2)
    off = radius2 - radius2.mean()
    return float(-(off * look.stops).sum() / max((off**2).sum(), 1e-12))
