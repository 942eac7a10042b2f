"""Textures of the user's as Blender shows them: how wide, which way up, how glossy, how bumpy."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

pytest.importorskip("bpy")

from simgen.blender.renderer import Cycles
from simgen.errors import SimgenError
from simgen.geometry import axis_angle, look_at, multiply
from simgen.spec import Body, Camera, Light, Material, SceneSpec, Shape, World

pytestmark = pytest.mark.blender

WHITE, DARK = World(color=(1.0, 1.0, 1.0)), World(color=(0.0, 0.0, 0.0), strength=0.0)
ABOVE = Camera((0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 0.0), 64, 48, focal_mm=36.0)  # 2 m wide, up is +y
PER_M = 32  # pixels
QUICK = Cycles(samples=4, adaptive=0.0, denoise=False, device="cpu")
FLIP = axis_angle((1.0, 0.0, 0.0), np.pi)  # a light shines along -z


def saved(folder, name, pixels, kind=np.uint8):
    path = folder / name
    cv2.imwrite(
        str(path), np.rint(np.asarray(pixels)[:, :, ::-1] * np.iinfo(kind).max).astype(kind)
    )
    return str(path)


def rendered(world=WHITE, lights=(), **settings) -> np.ndarray:
    floor = {"surface": Material("texture", **settings)}
    body = Body("floor", Shape.of("block", x=5.0, y=4.0, z=0.1), (0, 0, -0.1), materials=floor)
    return QUICK.render(SceneSpec((body,), tuple(lights), world, ABOVE)).rgb


def quarters(size=32):
    """Red and green above, blue and black below."""
    corners = np.array([[(1, 0, 0), (0, 1, 0)], [(0, 0, 1), (0, 0, 0)]], float)
    return np.kron(corners, np.ones((size // 2, size // 2, 1)))


@pytest.mark.parametrize("wide", [0.5, 1.0])
def test_a_picture_repeats_with_its_width_in_metres_in_proportion(tmp_path, wide):
    """One twice as high as wide, so that it repeats half as often upwards."""
    picture = saved(tmp_path, "a.png", np.kron(quarters(), np.ones((2, 1, 1))))
    rgb = rendered(image=picture, scale_m=wide)
    columns, rows = int(wide * PER_M), int(2 * wide * PER_M)
    assert np.abs(rgb[:, columns:] - rgb[:, :-columns]).mean() < 0.04
    half = columns // 2
    assert np.abs(rgb[:, half:] - rgb[:, :-half]).mean() > 0.1
    if rows < 48:
        assert np.abs(rgb[rows:] - rgb[:-rows]).mean() < 0.04
        assert np.abs(rgb[rows // 2 :] - rgb[: -rows // 2]).mean() > 0.1


def test_a_picture_is_upright_and_unmirrored(tmp_path):
    """Around the middle of a picture: red left of green, red above blue."""
    rgb = rendered(image=saved(tmp_path, "a.png", quarters()), scale_m=1.0)
    red, green, blue = (rgb[:, :, i] > 0.5 for i in range(3))
    red &= ~green & ~blue
    side = PER_M // 2
    inner = red[: 48 - side, : 64 - side]
    assert inner.sum() > 100
    assert (green[: 48 - side, side:][inner].mean() > 0.85) and (
        blue[side:, : 64 - side][inner].mean() > 0.85
    )


def sun(direction) -> Light:
    """Returns one that shines from there."""
    position = tuple(float(10 * v) for v in direction)
    return Light("sun", position, multiply(look_at(position, (0.0, 0.0, 0.0)), FLIP), 3.0)


@pytest.mark.parametrize("towards", [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_a_normal_map_leans_the_surface_towards_its_red_and_green(tmp_path, towards):
    """As OpenGL has it: red to the right, green up in the picture. By Lambert, exactly so much."""
    lean = np.radians(30)
    normal = np.array([*(np.sin(lean) * np.array(towards)), np.cos(lean)])
    settings = dict(
        image=saved(tmp_path, "a.png", np.ones((4, 4, 3))),
        normal_image=saved(tmp_path, "n.png", np.full((4, 4, 3), (normal + 1) / 2), np.uint16),
        roughness_image=saved(tmp_path, "r.png", np.ones((4, 4, 3))),
    )
    sides = {way: sun((*way, 1.5)) for way in ((1, 0), (-1, 0), (0, 1), (0, -1))}
    seen = {way: rendered(DARK, [lamp], **settings).mean() for way, lamp in sides.items()}
    expected = {way: max(0.0, float(normal @ (*way, 1.5))) for way in sides}
    assert max(seen, key=seen.get) == towards
    for way in sides:
        share = expected[way] / expected[towards]
        assert seen[way] / seen[towards] == pytest.approx(share, abs=0.06)


def test_a_roughness_map_decides_the_gloss(tmp_path):
    color = saved(tmp_path, "a.png", np.zeros((4, 4, 3)))
    lamp = replace(sun((0, 0, 1)), size=(4.0, 0.0))
    glare = []
    for roughness in (0.1, 0.9):
        rough = saved(tmp_path, f"r{roughness}.png", np.full((4, 4, 3), roughness))
        glare.append(rendered(DARK, [lamp], image=color, roughness_image=rough).max())
    assert glare[0] > 10 * glare[1] > 0


@pytest.mark.parametrize("name", ["image", "roughness_image", "normal_image"])
def test_a_map_that_is_gone_is_named(tmp_path, name):
    maps = {"image": saved(tmp_path, "a.png", quarters()), name: str(tmp_path / "gone.png")}
    with pytest.raises(SimgenError, match=f"^Material.{name}='.*gone.png' cannot be read"):
        rendered(**maps)
