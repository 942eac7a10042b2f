"""Colours of light and of things, linear Rec. 709."""

import colorsys

import numpy as np

from simgen.spec import Vec3


def blackbody(kelvin: float) -> Vec3:
    """Returns the colour of a black body of 1667 to 25000 K, scaled to luminance 1.

    Chromaticity by the cubic splines of Kim et al. (US patent 7024034, 2002).
    """
    t = 1e3 / kelvin
    if kelvin <= 4000:
        x = np.polyval([-0.2661239, -0.2343589, 0.8776956, 0.179910], t)
    else:
        x = np.polyval([-3.0258469, 2.1070379, 0.2226347, 0.240390], t)
    if kelvin <= 2222:
        y = np.polyval([-1.1063814, -1.34811020, 2.18555832, -0.20219683], x)
    elif kelvin <= 4000:
        y = np.polyval([-0.9549476, -1.37418593, 2.09137015, -0.16748867], x)
    else:
        y = np.polyval([3.0817580, -5.87338670, 3.75112997, -0.37001483], x)
    xyz = np.array([x / y, 1.0, (1 - x - y) / y])
    rgb = np.clip(XYZ_TO_RGB @ xyz, 0, None)
    return tuple(float(v) for v in rgb)


XYZ_TO_RGB = np.array(  # IEC 61966-2-1
    [
        [3.2406, -1.5372, -0.4986],
        [-0.9689, 1.8758, 0.0415],
        [0.0557, -0.2040, 1.0570],
    ]
)


def linear(srgb: Vec3) -> Vec3:
    """Returns the linear colour of an sRGB-encoded one."""
    c = np.asarray(srgb, float)
    return tuple(float(v) for v in np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4))


def hsv(hue: float, saturation: float, value: float) -> Vec3:
    """Returns the linear colour of an sRGB hue, saturation and value, each in [0, 1]."""
    return linear(colorsys.hsv_to_rgb(hue % 1.0, saturation, value))


def shifted(color: Vec3, hue: float, saturation: float, value: float) -> Vec3:
    """Returns a linear colour with its hue moved by `hue` turns and its saturation and value
    multiplied, all in HSV of the linear components."""
    h, s, v = colorsys.rgb_to_hsv(*color)
    return colorsys.hsv_to_rgb((h + hue) % 1.0, min(s * saturation, 1.0), min(v * value, 1.0))
