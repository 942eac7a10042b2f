import colorsys

import numpy as np
import pytest

from simgen.color import XYZ_TO_RGB, blackbody, hsv, linear, shifted
from simgen.sensor import LUMINANCE


def planck_chromaticity(kelvin):
    """CIE x, y of Planck's law, by Wyman, Sloan and Shirley's (2013) matching functions."""
    nm = np.arange(360.0, 831.0)
    c2 = 1.438776877e7  # nm K
    light = nm**-5.0 / np.expm1(c2 / (nm * kelvin))

    def lobe(mean, left, right):
        return np.exp(-0.5 * ((nm - mean) * np.where(nm < mean, left, right)) ** 2)

    x = 0.362 * lobe(442, 0.0624, 0.0374) + 1.056 * lobe(599.8, 0.0264, 0.0323)
    x -= 0.065 * lobe(501.1, 0.0490, 0.0382)
    y = 0.821 * lobe(568.8, 0.0213, 0.0247) + 0.286 * lobe(530.9, 0.0613, 0.0322)
    z = 1.217 * lobe(437, 0.0845, 0.0278) + 0.681 * lobe(459, 0.0385, 0.0725)
    xyz = np.array([(light * f).sum() for f in (x, y, z)])
    return xyz[:2] / xyz.sum()


@pytest.mark.parametrize("kelvin", [2000, 2222, 2500, 3000, 4000, 5000, 6500, 10000])
def test_blackbody_has_plancks_chromaticity(kelvin):
    xyz = np.linalg.solve(XYZ_TO_RGB, blackbody(kelvin))
    assert xyz[:2] / xyz.sum() == pytest.approx(planck_chromaticity(kelvin), abs=0.005)


@pytest.mark.parametrize("kelvin", [2000, 3000, 6500, 25000])
def test_blackbody_has_luminance_one(kelvin):
    assert LUMINANCE @ blackbody(kelvin) == pytest.approx(1, abs=2e-3)


def test_blackbody_joins_its_pieces_and_never_goes_negative():
    for kelvin in (2222, 4000):
        assert blackbody(kelvin) == pytest.approx(blackbody(kelvin + 0.01), abs=2e-3)
    assert min(min(blackbody(kelvin)) for kelvin in np.linspace(1667, 25000, 200)) >= 0


def test_warm_light_is_red_and_cold_light_is_blue():
    warm, cold = blackbody(2500), blackbody(9000)
    assert warm[0] > warm[1] > warm[2] and cold[2] > cold[1] > cold[0]


def test_linear_is_the_srgb_curve():
    assert linear((0.0, 1.0, 0.5)) == pytest.approx((0, 1, 0.21404), abs=1e-5)
    assert linear((0.04045, 0.02, 0.0)) == pytest.approx((0.0031308, 0.02 / 12.92, 0), abs=1e-6)


def test_hsv_goes_around():
    assert hsv(0.0, 1.0, 1.0) == pytest.approx((1, 0, 0))
    assert hsv(1 / 3, 1.0, 1.0) == pytest.approx((0, 1, 0))
    assert hsv(1.25, 0.6, 0.7) == pytest.approx(hsv(0.25, 0.6, 0.7))
    assert hsv(0.7, 0.0, 0.5) == pytest.approx(linear((0.5, 0.5, 0.5)))


def test_shifted():
    color = (0.4, 0.2, 0.1)
    assert shifted(color, 0.0, 1.0, 1.0) == pytest.approx(color)
    assert shifted(color, 1 / 3, 1.0, 1.0) == pytest.approx((0.1, 0.4, 0.2))
    assert shifted(color, 0.0, 0.0, 1.0) == pytest.approx((0.4, 0.4, 0.4))
    assert shifted(color, 0.0, 1.0, 0.5) == pytest.approx((0.2, 0.1, 0.05))
    assert max(shifted(color, 0.1, 50.0, 50.0)) == 1.0
    assert min(colorsys.rgb_to_hsv(*shifted(color, -0.9, 1.0, 1.0))) >= 0


def test_colors_are_plain_tuples():
    for color in (blackbody(3000), hsv(0.2, 0.5, 0.5), shifted((0.1, 0.2, 0.3), 0.5, 2.0, 3.0)):
        assert type(color) is tuple and {type(v) for v in color} <= {float}
