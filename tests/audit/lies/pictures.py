"""Pictures that are not what they should be."""

import cv2
import numpy as np

from tests.audit.forgery import FRAMES
from tests.audit.lies.telling import HEIGHT, WIDTH, biggest, lie


@lie("edges")
def picture_shifted(copy):
    copy.paint("images", 0, np.roll(copy.pixels("images", 0), 2, axis=1))


@lie("edges")
def all_pictures_shifted_a_pixel(copy):
    for i in range(FRAMES):
        copy.paint("images", i, np.roll(copy.pixels("images", i), -1, axis=0))


@lie("edges")
def picture_mirrored(copy):
    copy.paint("images", 0, copy.pixels("images", 0)[:, ::-1].copy())


@lie("edges")
def pictures_swapped(copy):
    a, b = copy.pixels("images", 0), copy.pixels("images", 3)
    copy.paint("images", 0, b)
    copy.paint("images", 3, a)


@lie("duplicates", "edges")
def stale_picture(copy):
    copy.path("images", 3).write_bytes(copy.path("images", 0).read_bytes())


@lie("duplicates")
def near_duplicate(copy):
    """Another frame's picture with noise on it."""
    noise = np.random.default_rng(0).normal(0, 4, (HEIGHT, WIDTH, 3))
    copy.paint("images", 3, np.clip(copy.pixels("images", 0) + noise, 0, 255).astype(np.uint8))


@lie("image_pink")
def missing_texture(copy):
    pixels = copy.pixels("images", 1)
    pixels[copy.pixels("instance", 1) == biggest(copy, 1)] = (220, 4, 225)
    copy.paint("images", 1, pixels)


@lie("image_shows")
def blank_picture(copy):
    copy.paint("images", 1, np.full((HEIGHT, WIDTH, 3), 127, np.uint8))


@lie("image_shows")
def black_picture(copy):
    copy.paint("images", 1, copy.pixels("images", 1) // 64)


@lie("image_shows")
def blown_picture(copy):
    bright = copy.pixels("images", 1).astype(int) * 6
    copy.paint("images", 1, np.clip(bright, 0, 255).astype(np.uint8))


@lie("image_size")
def picture_of_another_size(copy):
    copy.paint("images", 1, cv2.resize(copy.pixels("images", 1), (2 * WIDTH, 2 * HEIGHT)))
