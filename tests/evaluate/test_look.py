import cv2
import numpy as np
import pytest

from simgen.evaluate import look
from simgen.evaluate.look import LONGER, Look
from simgen.sensor import Sensor

SIZE = (240, 320)


def encoded(light):
    """8-bit sRGB of linear light, by the formula of IEC 61966-2-1."""
    light = np.clip(light, 0, 1)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(curve * 255).astype(np.uint8)


def flat(*color):
    return np.broadcast_to(np.array(color), (*SIZE, 3))


def detail(seed=0, size=SIZE):
    """Linear light with detail at all scales, half its deviation a stop."""
    rng = np.random.default_rng(seed)
    field = sum(
        cv2.resize(rng.standard_normal((size[0] // n, size[1] // n)), size[::-1], None, 0, 0, 2)
        for n in (1, 4, 16, 60)
    )
    return 0.2 * 2 ** (0.4 * field)[..., None] * np.ones(3)


def read(function, light):
    return function(Look.of(encoded(light)))


@pytest.mark.parametrize("level", [0.02, 0.18, 0.9])
def test_brightness_is_the_level_in_stops(level):
    assert read(look.brightness, flat(level, level, level)) == pytest.approx(
        np.log2(level), abs=0.08
    )


def test_a_stop_more_exposure_is_one_brighter():
    apart = read(look.brightness, detail() / 2) - read(look.brightness, detail() / 8)
    assert apart == pytest.approx(2, abs=0.1)


def test_contrast_of_two_levels_is_half_their_distance():
    light = np.array(flat(0.5, 0.5, 0.5))
    light[:120] = 0.125
    assert read(look.contrast, light) == pytest.approx(1, abs=0.03)


def test_a_gamma_multiplies_contrast():
    low, high = (read(look.contrast, 0.2 * (detail() / 0.2) ** gamma) for gamma in (0.5, 1))
    assert high / low == pytest.approx(2, rel=0.06)


def test_saturation_is_the_chroma():
    lab = np.float32([[[60, 20, -15]]])
    rgb = np.broadcast_to(cv2.cvtColor(lab, cv2.COLOR_Lab2RGB) * 255, (*SIZE, 3))
    assert look.saturation(Look(rgb.astype(np.float32))) == pytest.approx(25, abs=0.2)
    assert read(look.saturation, flat(0.3, 0.3, 0.3)) == pytest.approx(0, abs=0.2)


@pytest.mark.parametrize("degrees", [3, 90, 200, 359])
def test_hue_is_the_angle_of_the_colour(degrees):
    a, b = 30 * np.cos(np.radians(degrees)), 30 * np.sin(np.radians(degrees))
    rgb = cv2.cvtColor(np.float32([[[60, a, b]]]), cv2.COLOR_Lab2RGB) * 255
    hues = look.hue(Look(np.broadcast_to(rgb, (*SIZE, 3)).astype(np.float32)))
    assert hues.shape == (look.HUES,)
    assert np.abs((hues - degrees + 180) % 360 - 180).max() <= 1.5


def test_hues_share_the_colour_and_grey_has_none():
    light = np.array(flat(0.3, 0.3, 0.3))
    light[:60] = (0.5, 0.1, 0.1)
    light[60:120] = (0.1, 0.1, 0.5)
    hues = read(look.hue, light)
    blue = np.abs(hues - 300) < 20
    assert 0 < blue.sum() < look.HUES and read(look.hue, flat(0.3, 0.3, 0.3)).size == 0


@pytest.mark.parametrize("stops", [-1.0, 0.0, 0.7])
def test_white_balance_of_a_tinted_grey(stops):
    tinted = flat(0.2 * 2 ** (stops / 2), 0.2, 0.2 * 2 ** (-stops / 2))
    assert read(look.white_balance, tinted) == pytest.approx(stops, abs=0.05)
    assert read(look.tint, tinted) == pytest.approx(0, abs=0.04)
    assert read(look.tint, flat(0.2, 0.2 * 2**stops, 0.2)) == pytest.approx(stops, abs=0.05)


def test_blur_orders_sharpness():
    values = [
        read(look.sharpness, cv2.GaussianBlur(detail(), (0, 0), sigma))
        for sigma in (0.3, 0.6, 1.0, 2.0)
    ]
    assert values == sorted(values, reverse=True) and values[0] - values[-1] > 1


def test_sharpness_sees_neither_contrast_nor_exposure_nor_much_of_noise():
    image = encoded(detail()).astype(np.float32)
    sharp = look.sharpness(Look(image))
    assert look.sharpness(Look(image * np.float32(0.5))) == pytest.approx(sharp, abs=0.02)
    smooth = cv2.GaussianBlur(image, (0, 0), 1.5)
    grain = np.random.default_rng(0).normal(0, 3, image.shape).astype(np.float32)
    assert look.sharpness(Look(smooth + grain)) < look.sharpness(Look(smooth)) + 0.35


@pytest.mark.parametrize("sigma", [0.0, 1.0, 3.0, 8.0])
def test_noise_of_known_deviation_is_recovered_from_flat_and_from_busy_pictures(sigma):
    rng = np.random.default_rng(1)
    grain = rng.normal(0, sigma, SIZE)[..., None]
    busy = cv2.GaussianBlur(encoded(detail()).astype(float), (0, 0), 2.0)
    for picture in (np.full((*SIZE, 3), 120.0), busy):
        rounded = np.float32(np.round((picture + grain).clip(0, 255)))
        assert look.noise(Look(rounded)) == pytest.approx(sigma, rel=0.08, abs=0.4)


def test_noise_of_the_sensor_is_its_own():
    image = Sensor(auto_exposure=False, full_well_e=2000)(
        np.full((*SIZE, 3), 0.18, np.float32), np.random.default_rng(0)
    )
    luma = image @ np.array([0.299, 0.587, 0.114])
    assert look.noise(Look.of(image)) == pytest.approx(luma.std(), rel=0.05)


@pytest.mark.parametrize("lost", [0.0, 0.3, 0.5])
def test_vignetting_is_what_the_corners_lose(lost):
    light = np.full((*SIZE, 3), 0.4, np.float32)
    image = Sensor(auto_exposure=False, vignetting=lost)(light, np.random.default_rng(0))
    assert look.vignetting(Look.of(image)) == pytest.approx(-np.log2(1 - lost), abs=0.12)


def test_large_pictures_are_measured_at_the_standard_size():
    large = encoded(cv2.resize(detail(), (1600, 1200), interpolation=cv2.INTER_CUBIC))
    seen = Look.of(large)
    assert seen.rgb.shape == (360, LONGER, 3)
    small = Look.of(cv2.resize(large, (640, 480), interpolation=cv2.INTER_AREA))
    for function in (look.brightness, look.contrast, look.saturation, look.sharpness):
        assert function(seen) == pytest.approx(function(small), abs=0.1)


def test_black_white_and_tiny_pictures_have_finite_figures():
    for pixels in (np.zeros((9, 5, 3)), np.full((1, 1, 3), 255), np.zeros((100, 100, 3))):
        seen = Look.of(pixels.astype(np.uint8))
        for name in ("brightness", "contrast", "saturation", "white_balance", "tint", "sharpness",
                     "noise", "vignetting"):  # fmt: skip
            assert np.isfinite(getattr(look, name)(seen)), name
