"""What Blender renders, against what geometry and optics say it must be."""

import hashlib
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("bpy")

from simgen import geometry
from simgen.blender import chatter, devices, world
from simgen.blender.renderer import Cycles, Eevee
from simgen.errors import SimgenError
from simgen.spec import (
    IDENTITY,
    MATERIAL_KINDS,
    Body,
    Camera,
    Light,
    Material,
    SceneSpec,
    Shape,
    World,
)

pytestmark = pytest.mark.blender

OTHERS = {"emitter", "image", "texture", "imported"}  # look as their file does, or shine
WIDTH, HEIGHT = 64, 48
DARK = World(color=(0.0, 0.0, 0.0), strength=0.0)
WHITE = World(color=(1.0, 1.0, 1.0), strength=1.0)
ABOVE = Camera((0.0, 0.0, 2.0), (0.0, 1.0, 0.0, 0.0), WIDTH, HEIGHT, focal_mm=50.0)
QUICK = Cycles(samples=1, adaptive=0.0, denoise=False, device="cpu")
SMOOTH = replace(QUICK, samples=16)


def slab(finish=None, top=0.0, **body) -> Body:
    """A floor of 20 x 20 m whose upper face is at z = top."""
    shape = Shape.of("block", x=20.0, y=20.0, z=0.1)
    return Body("slab", shape, (0.0, 0.0, top - 0.1), materials=_dressed(finish), **body)


def cube(x=0.0, y=0.0, edge=0.2, finish=None, **body) -> Body:
    shape = Shape.of("block", x=edge, y=edge, z=edge)
    return Body("cube", shape, (x, y, 0.0), materials=_dressed(finish), **body)


def _dressed(finish):
    return {"surface": finish} if finish else {}


def oblique() -> Camera:
    position = (1.0, -2.0, 1.5)
    return replace(ABOVE, position=position, rotation=geometry.look_at(position, (0.0, 0.0, 0.0)))


def rays(camera: Camera) -> np.ndarray:
    """Returns (H, W, 3): world directions through pixel centres, 1 m along the axis."""
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    pixels = np.stack([u, v, np.ones_like(u)], axis=-1)
    local = pixels @ np.linalg.inv(geometry.intrinsics(camera)).T
    return local @ geometry.rotation_matrix(camera.rotation).T


def lit(finish: Material, light: Light) -> float:
    """Returns the brightness of a floor straight under a lamp."""
    camera = replace(ABOVE, focal_mm=200.0)
    spec = SceneSpec((slab(finish),), (light,), DARK, camera)
    return float(SMOOTH.render(spec).rgb.mean())


def test_depth_of_a_facing_plane_is_its_distance():
    seen = QUICK.render(SceneSpec((slab(),), camera=ABOVE))
    assert seen.depth.shape == (HEIGHT, WIDTH) and seen.depth.dtype == np.float32
    np.testing.assert_allclose(seen.depth, 2.0, rtol=1e-6)


def test_depth_of_a_tilted_plane_is_the_ray_formula():
    camera = oblique()
    seen = QUICK.render(SceneSpec((slab(),), camera=camera))
    expected = -camera.position[2] / rays(camera)[..., 2]
    np.testing.assert_allclose(seen.depth, expected, rtol=1e-4)  # its pixel centres: to 1e-3 px


def test_depth_under_non_uniform_scale():
    tower = cube(edge=1.0, scale=(2.0, 3.0, 0.5))
    seen = QUICK.render(SceneSpec((slab(), tower), camera=ABOVE))
    points = ABOVE.position + 1.5 * rays(ABOVE)
    on_top = (abs(points[..., 0]) < 1.0) & (abs(points[..., 1]) < 1.5)
    np.testing.assert_array_equal(seen.instance, np.where(on_top, 2, 1))
    np.testing.assert_allclose(seen.depth[on_top], 1.5, rtol=1e-6)


def test_nothing_hit_is_infinitely_far_and_instance_0():
    seen = QUICK.render(SceneSpec((cube(),), camera=ABOVE))
    np.testing.assert_array_equal(np.isinf(seen.depth), seen.instance == 0)
    assert 0 < (seen.instance == 0).mean() < 1


def test_ids_follow_the_order_of_the_spec():
    bodies = [cube(x=0.4 * k) for k in (-1, 0, 1)]
    seen = QUICK.render(SceneSpec((bodies[2], bodies[0], bodies[1]), camera=ABOVE))
    assert seen.instance.dtype == np.uint16
    row = seen.instance[HEIGHT // 2]
    assert list(dict.fromkeys(row[row > 0])) == [2, 3, 1]


def test_image_rows_run_down_and_columns_right():
    """A body at +x, +y under a camera that looks down with image right +x lies upper right."""
    upright = replace(ABOVE, rotation=geometry.look_at(ABOVE.position, (0.0, 0.0, 0.0)))
    right, up = (
        geometry.rotation_matrix(upright.rotation) @ axis for axis in ([1, 0, 0], [0, -1, 0])
    )
    x, y, _ = 0.4 * right + 0.3 * up
    v, u = np.nonzero(QUICK.render(SceneSpec((cube(x, y),), camera=upright)).instance)
    assert u.min() > WIDTH / 2 and v.max() < HEIGHT / 2


def test_emission_and_world_come_out_as_exact_linear_colours():
    glow = Material("emitter", color=(0.2, 0.5, 0.8), emission=2.5)
    spec = SceneSpec(
        (cube(finish=glow),), world=World(color=(0.1, 0.7, 3.0), strength=0.5), camera=ABOVE
    )
    seen = QUICK.render(spec)
    inside, outside = (slice(20, 28), slice(28, 36)), (slice(0, 8), slice(0, 8))
    np.testing.assert_allclose(seen.rgb[inside] - (0.5, 1.25, 2.0), 0.0, atol=1e-6)
    np.testing.assert_allclose(seen.rgb[outside] - (0.05, 0.35, 1.5), 0.0, atol=1e-6)


@pytest.mark.parametrize(
    "light",
    [
        Light("area", (0.0, 0.0, 2.0), power=4 * np.pi, size=(0.02, 0.02)),
        Light("point", (0.0, 0.0, 2.0), power=16 * np.pi, size=(0.02, 0.0)),
        Light("spot", (0.0, 0.0, 2.0), power=4 * np.pi, size=(0.02, 0.0), cone_deg=120.0),
    ],
    ids=lambda light: light.kind,
)
def test_lamps_give_their_flux(light):
    """Each of these lights the floor below with 1 W/m^2, as a sun of 1 W/m^2 does."""
    matt = Material(roughness=1.0)
    sun = lit(matt, Light("sun", (0.0, 0.0, 2.0), power=1.0, size=(0.5, 0.0)))
    assert sun == pytest.approx(0.5 / np.pi, rel=0.03)  # a matt floor's, and a trace of gloss
    assert lit(matt, light) == pytest.approx(sun, rel=0.03)


def test_camera_does_not_see_lamps():
    """From below, a lamp that shines down hides nothing of the ceiling and is not seen itself."""
    lamp = Light("area", (0.0, 0.0, 2.0), power=10.0, size=(1.0, 1.0))
    upward = replace(ABOVE, position=(0.0, 0.0, 0.5), rotation=IDENTITY)
    seen = QUICK.render(SceneSpec((slab(top=3.1),), (lamp,), DARK, upward))
    np.testing.assert_allclose(seen.depth, 2.5, rtol=1e-6)
    assert seen.rgb.max() == 0.0


def test_a_roof_that_does_not_block_light_lets_all_daylight_in():
    camera, matt = replace(ABOVE, position=(0.0, 0.0, 1.0)), Material(roughness=1.0)
    sun = Light("sun", (0.0, 0.0, 9.0), power=1.0)

    def brightness(*roof):
        spec = SceneSpec((slab(matt), *roof), (sun,), WHITE, camera)
        return SMOOTH.render(spec).rgb.mean()

    clear, shade = slab(top=3.0, blocks_light=False), slab(top=3.0)
    assert brightness(clear) == pytest.approx(brightness(), rel=0.05)
    assert brightness(shade) < 0.3 * brightness()
    below = replace(camera, rotation=IDENTITY)
    assert (QUICK.render(SceneSpec((clear,), camera=below)).instance == 1).all()


def test_hdri_turns_with_its_rotation():
    east = Camera(rotation=geometry.look_at((0, 0, 0), (1, 0, 0)), width=WIDTH, height=HEIGHT)
    north = replace(east, rotation=geometry.look_at((0, 0, 0), (0, 1, 0)))
    first = QUICK.render(SceneSpec(world=World("forest"), camera=east)).rgb
    turned = QUICK.render(SceneSpec(world=World("forest", rotation_deg=90.0), camera=north)).rgb
    assert first.std() > 0.01
    np.testing.assert_allclose(turned, first, atol=1e-2)


def busy() -> SceneSpec:
    bodies = (slab(Material("concrete")), cube(finish=Material("wood")), cube(0.4))
    lamp = Light("area", (1.0, 0.0, 2.0), power=30.0)
    return SceneSpec(bodies, (lamp,), World("city"), oblique())


def fingerprint() -> str:
    seen = Cycles(samples=2, device="cpu").render(busy())
    arrays = (seen.rgb, seen.instance, seen.depth)
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()


def test_same_spec_same_pixels_whatever_came_before():
    first = fingerprint()
    QUICK.render(SceneSpec((slab(Material("metal")),), world=DARK, camera=ABOVE))
    assert fingerprint() == first
    code = "from test_render import fingerprint; print(fingerprint())"
    here = os.path.dirname(__file__)
    fresh = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True)
    assert fresh.stdout.split()[-1] == first, fresh.stderr


@pytest.mark.parametrize("kind", sorted(set(MATERIAL_KINDS) - {*OTHERS, "metal"}))
@pytest.mark.parametrize("wear", [0.0, 1.0])
def test_materials_keep_their_colour(kind, wear):
    """Under an even white sky a surface looks as bright as it reflects: about its base colour."""
    color = (0.45, 0.30, 0.20)
    finish = Material(kind, color=color, accent=color, roughness=0.9, wear=wear)
    seen = under_white_sky(finish)
    assert np.isfinite(seen).all() and seen.min() > 0 and seen.max() < 1.0
    ratio = seen.mean((0, 1)) / color
    assert (ratio > 0.65).all() and (ratio < 1.35).all()


@pytest.mark.parametrize("kind", sorted(set(MATERIAL_KINDS) - {*OTHERS, "plain"}))
def test_materials_have_a_pattern(kind):
    seen, flat = under_white_sky(Material(kind, wear=1.0)), under_white_sky(Material())
    assert np.isfinite(seen).all()
    assert seen.std() / seen.mean() > 1.5 * flat.std() / flat.mean()


def under_white_sky(finish: Material) -> np.ndarray:
    return SMOOTH.render(SceneSpec((slab(finish),), world=WHITE, camera=ABOVE)).rgb


def test_offset_moves_the_pattern():
    finish = Material("checker", scale_m=0.3)
    moved = replace(finish, offset=(0.3, 0.0, 0.0))
    one, other = (under_white_sky(m)[..., 0] > 0.35 for m in (finish, moved))
    assert (one != other).mean() > 0.9  # one cell over, light and dark change places


@pytest.fixture
def print_file(tmp_path):
    cv2 = pytest.importorskip("cv2")
    path = tmp_path / "print.png"
    pixels = np.zeros((8, 8, 3), np.uint8)
    pixels[:4] = (0, 0, 255)  # BGR: red above, black below
    cv2.imwrite(str(path), pixels)
    return path


def test_image_stands_upright_on_a_carton(print_file):
    finish = Material("image", image=str(print_file), roughness=1.0)
    shape = Shape.of("carton", x=1.0, y=1.0, z=1.0, tape=False, label="", print_on=("front",))
    carton = Body("carton", shape, materials={"print": finish})
    position = (0.0, -3.0, 0.5)
    camera = replace(ABOVE, position=position, rotation=geometry.look_at(position, (0.0, 0.0, 0.5)))
    rgb = SMOOTH.render(SceneSpec((carton,), world=WHITE, camera=camera)).rgb
    red = np.nonzero((rgb[..., 0] > 0.8) & (rgb[..., 1] < 0.2))[0]
    black = np.nonzero(rgb.max(-1) < 0.15)[0]
    assert min(len(red), len(black)) > 10 and red.mean() < black.mean() - 2


@pytest.mark.parametrize("name", ["", "nowhere.png", "__init__.py"])
def test_missing_or_unreadable_image_is_named(name):
    spec = SceneSpec((slab(Material("image", image=name)),), camera=ABOVE)
    with pytest.raises(SimgenError, match=f"Material.image=.*{name}"):
        QUICK.render(spec)


def test_missing_hdri_is_named_with_the_nearest():
    with pytest.raises(SimgenError, match=r"World.hdri='forrest'.*'forest'"):
        QUICK.render(SceneSpec(world=World("forrest"), camera=ABOVE))
    assert "city" in world.hdri_names()


def test_missing_gpu_is_an_error_not_a_slower_render(monkeypatch):
    preferences = type("NoGpu", (), {"get_devices_for_type": lambda self, kind: []})
    monkeypatch.setattr(devices, "_preferences", preferences)
    devices._backend.cache_clear()
    with pytest.raises(SimgenError, match="renderer.device=optix"):
        Cycles(device="optix").render(SceneSpec(camera=ABOVE))
    assert devices._backend("auto") == "CPU"
    devices._backend.cache_clear()


def test_settings_are_checked_when_made():
    for wrong in ({"samples": 0}, {"device": "gpu"}, {"threads": -1}, {"adaptive": -0.1}):
        with pytest.raises(SimgenError, match=f"^{next(iter(wrong))}="):
            Cycles(**wrong)


def test_blender_is_silent_and_its_errors_are_raised(capfd):
    QUICK.render(SceneSpec((slab(),), camera=ABOVE))
    assert capfd.readouterr() == ("", "")
    with pytest.raises(SimgenError, match="out of stack"), chatter.silenced():
        os.write(1, b"Fra:1 Mem:3M\nError: shader out of stack\n")


def test_says_what_rendered_and_where_time_went():
    seen = QUICK.render(SceneSpec((slab(),), camera=ABOVE))
    assert seen.device == "CPU"
    assert set(seen.seconds) == {"build", "render", "read"} and min(seen.seconds.values()) > 0


@pytest.mark.slow
def test_eevee_renders_light_and_depth_without_ids():
    camera = replace(ABOVE, width=32, height=32)
    spec = SceneSpec((slab(),), world=WHITE, camera=camera)
    try:
        seen = Eevee(samples=1).render(spec)
    except SimgenError as error:
        pytest.skip(f"no OpenGL here: {error}")
    assert seen.instance is None
    np.testing.assert_allclose(seen.depth, 2.0, rtol=1e-4)
    assert 0.4 < seen.rgb.mean() < 0.7


def test_the_accurate_denoiser_comes_nearer_to_many_samples():
    lamp = Light("area", (0.0, 0.0, 1.5), power=40.0, size=(1.0, 1.0))
    floor = slab(Material("checker", scale_m=0.2))
    bodies = (floor, *(cube(x, y) for x in (-0.6, 0.0, 0.6) for y in (-0.4, 0.4)))
    spec = SceneSpec(bodies, (lamp,), WHITE, replace(oblique(), width=160, height=120))

    def seen(**settings) -> np.ndarray:
        return replace(QUICK, max_bounces=3, **settings).render(spec).rgb

    many = seen(samples=512)
    off = {
        denoiser: np.square(seen(samples=8, denoise=True, denoiser=denoiser) - many).mean()
        for denoiser in ("fast", "accurate")
    }
    assert 0 < off["accurate"] < off["fast"]
