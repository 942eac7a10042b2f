"""Which corner of a picture is where, on the front of a printed sheet and on its back."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip("bpy")

from simgen.blender.renderer import Cycles
from simgen.geometry import axis_angle
from simgen.prints import Prints
from simgen.spec import Camera, SceneSpec, World
from simgen.truth.crosscheck import crosscheck
from simgen.truth.raycast import raycast

pytestmark = pytest.mark.blender

WHITE = World(color=(1.0, 1.0, 1.0), strength=1.0)
ABOVE = Camera((0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 0.0), 64, 48, focal_mm=50.0)  # up is +y
CORNERS = [["red", "green"], ["blue", "grey"]]
COLORS = {"red": (1, 0, 0), "green": (0, 1, 0), "blue": (0, 0, 1), "grey": (0.5, 0.5, 0.5)}
SIZE = (0.8, 0.6)


def picture(path, corners, kind=np.uint8, alpha=None):
    rgb = np.array([[COLORS[name] for name in row] for row in corners], float)
    pixels = np.kron(rgb[:, :, ::-1], np.ones((32, 32, 1)))
    if alpha is not None:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], alpha)])
    cv2.imwrite(str(path), np.rint(pixels * np.iinfo(kind).max).astype(kind))


def seen(folder, **pose) -> np.ndarray:
    """Returns the (2, 2, 3) radiance in the middle of each quarter of the only print's face."""
    ((body,),) = Prints.open(str(folder), SIZE).bodies.values()
    spec = SceneSpec((replace(body, **pose),), world=WHITE, camera=ABOVE)
    radiance = Cycles(samples=4, adaptive=0.0, denoise=False, device="cpu").render(spec)
    assert crosscheck(raycast(spec), radiance).pixels == 1
    rows, columns = (48 // 2 - 7, 48 // 2 + 6), (64 // 2 - 10, 64 // 2 + 9)
    return radiance.rgb[np.ix_(rows, columns)]


def named(rgb) -> list[list[str]]:
    """Returns the colour that each point has most of."""

    def name(color):
        level = color / color.max()
        return "grey" if level.min() > 0.8 else ("red", "green", "blue")[int(color.argmax())]

    return [[name(color) for color in row] for row in rgb]


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("suffix", ["png", "tiff"])
def test_the_front_shows_the_picture_upright_and_unmirrored(tmp_path, kind, suffix):
    picture(tmp_path / f"a.{suffix}", CORNERS, kind)
    assert named(seen(tmp_path)) == CORNERS


def test_turned_over_left_to_right_the_back_is_upright_too(tmp_path):
    other = [["grey", "blue"], ["red", "green"]]
    picture(tmp_path / "a.png", CORNERS)
    picture(tmp_path / "back.png", other)
    (tmp_path / "manifest.yaml").write_text("defaults: {back: back.png}")
    over = {"rotation": axis_angle((0, 1, 0), np.pi), "position": (0.0, 0.0, 0.0003)}
    assert named(seen(tmp_path, **over)) == other
    assert named(seen(tmp_path)) == CORNERS


def test_what_is_transparent_is_paper(tmp_path):
    """At half alpha, halfway from paper; the picture's own colour is not darkened by it."""
    plain, half, none = [], [], []
    for alpha, found in ((1, plain), (0.5, half), (0, none)):
        picture(tmp_path / "a.png", CORNERS, alpha=alpha)
        found.append(seen(tmp_path))
    assert np.ptp(none[0], axis=(0, 1)).max() < 0.02 and none[0].min() > 0.6
    assert np.allclose(half[0], (plain[0] + none[0]) / 2, atol=0.02)


def test_grey_pictures_are_grey(tmp_path):
    cv2.imwrite(str(tmp_path / "a.jpg"), np.full((60, 80), 128, np.uint8))
    grey = seen(tmp_path)
    assert np.ptp(grey) < 0.02 and grey.mean() == pytest.approx(0.216, abs=0.06)  # and gloss
