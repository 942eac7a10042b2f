import cv2
import numpy as np
import pytest

from simgen.evaluate.appearance import appearance


def scene(seed=0):
    """Rectangles of many greys and sizes, 600 x 400."""
    rng = np.random.default_rng(seed)
    pixels = np.full((400, 600, 3), 120, np.uint8)
    for _ in range(60):
        x, y, w, h = rng.integers(0, [600, 400, 150, 150])
        pixels[y : y + h, x : x + w] = rng.integers(40, 220, 3)
    return pixels


def test_brightness_is_in_stops_below_white():
    assert appearance(np.full((20, 30, 3), 255, np.uint8))["brightness"] == pytest.approx(0)
    assert appearance(np.full((20, 30, 3), 188, np.uint8))["brightness"] == pytest.approx(
        -1, abs=0.02
    )


@pytest.mark.parametrize("size", [(5, 5), (9, 9)])
def test_a_blurred_picture_is_not_sharp(size):
    assert appearance(cv2.blur(scene(), size))["sharpness"] < appearance(scene())["sharpness"] - 0.3


def test_clutter_is_neither_light_nor_size():
    plain = appearance(scene())["edges"]
    dark = appearance((scene() * 0.5).astype(np.uint8))["edges"]
    large = appearance(cv2.resize(scene(), None, fx=3, fy=3, interpolation=cv2.INTER_NEAREST))
    assert dark == pytest.approx(plain, rel=0.1) and large["edges"] == pytest.approx(plain, rel=0.1)
    assert appearance(np.full((50, 50, 3), 200, np.uint8))["edges"] == 0 < plain


def test_things_on_a_plain_ground_are_less_clutter_than_many():
    few = np.full((400, 600, 3), 120, np.uint8)
    few[100:200, 100:200] = 220
    assert 0 < appearance(few)["edges"] < appearance(scene())["edges"] / 2


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (64, 64)])
def test_black_and_tiny_pictures_have_values(size):
    assert all(np.isfinite(v) for v in appearance(np.zeros((*size, 3), np.uint8)).values())
