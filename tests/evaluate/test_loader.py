import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.evaluate.album import decoded
from simgen.evaluate.loader import Augmentation, fitted, in_file, varied
from simgen.evaluate.pictures import Pictures
from tests.evaluate.folders import squares


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loader") / "a"
    return Pictures.open(squares(folder, 12, seed=3, names=("red",), noise=0)).pictures


def red(sample):
    """Returns the corners of the reddest region."""
    found = np.argwhere((sample.pixels[..., 0] > 160) & (sample.pixels[..., 1] < 90))
    (y0, x0), (y1, x1) = found.min(0), found.max(0) + 1
    return np.array([x0, y0, x1, y1])


def test_a_fitted_picture_fills_the_canvas_and_its_boxes_come_back(pictures):
    for picture in pictures:
        sample = fitted(picture, decoded(picture), (128, 128))
        assert sample.pixels.shape == (128, 128, 3)
        assert (sample.pixels[:15] == 127).all() and (sample.pixels[-15:] == 127).all()
        back = in_file(sample.boxes, sample)
        np.testing.assert_allclose(back, picture.boxes, atol=1e-4)


@pytest.mark.parametrize("size", [64, 96, 256])
def test_a_fitted_box_lies_about_what_it_names(pictures, size):
    for picture in (p for p in pictures if len(p.boxes) == 1):
        sample = fitted(picture, decoded(picture), (size, size))
        np.testing.assert_allclose(sample.boxes[0], red(sample), atol=1.01 * size / 64)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_a_varied_box_lies_about_what_it_names(pictures, seed):
    how = Augmentation(scale=1.5, shift=0.2, turn_deg=0, flip=0.5, light=0, soft=0)
    for picture in (p for p in pictures if len(p.boxes) == 1):
        sample = varied(picture, decoded(picture), (128, 128), how, np.random.default_rng(seed))
        if len(sample.boxes):
            np.testing.assert_allclose(sample.boxes[0], red(sample), atol=4)


def test_turned_boxes_hold_the_ellipse_of_the_object(pictures):
    how = Augmentation(scale=1, shift=0, turn_deg=45, flip=0, light=0, soft=0)
    picture = next(p for p in pictures if len(p.boxes) == 1)
    for seed in range(8):
        sample = varied(picture, decoded(picture), (256, 256), how, np.random.default_rng(seed))
        side = picture.boxes[0, 2] * 256 / 64  # of a square: its circle stays as it is
        if len(sample.boxes):
            np.testing.assert_allclose(sample.boxes[0, 2:] - sample.boxes[0, :2], side, rtol=1e-4)


def test_mirroring_is_from_left_to_right(pictures):
    how = Augmentation(scale=1, shift=0, turn_deg=0, flip=1, light=0, soft=0)
    for picture in pictures:
        plain, mirrored = (
            fitted(picture, decoded(picture), (64, 64)),
            varied(picture, decoded(picture), (64, 64), how, np.random.default_rng(0)),
        )
        np.testing.assert_array_equal(mirrored.pixels[:, ::-1], plain.pixels)


def test_the_same_draw_gives_the_same_pixels(pictures):
    how = Augmentation()
    one, other = (
        varied(pictures[0], decoded(pictures[0]), (64, 64), how, np.random.default_rng(7)).pixels
        for _ in range(2)
    )
    np.testing.assert_array_equal(one, other)
