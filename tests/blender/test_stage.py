"""A scene that stays in Blender while its camera moves, against one that is built anew."""

import os
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("bpy")

from simgen.blender import renderer, stage
from simgen.blender.renderer import Cycles
from simgen.blender.stage import Stage
from simgen.errors import SimgenError
from simgen.spec import Body, Lens, Light, Material, Motion, SceneSpec, Shape, World
from simgen.views import right_eye
from tests.composing import composed

pytestmark = pytest.mark.blender

QUICK = Cycles(samples=2, device="cpu", threads=1)


@pytest.fixture
def built(monkeypatch) -> list[SceneSpec]:
    """Returns the specs that were built anew, from an empty stage on."""
    specs = []
    monkeypatch.setattr(renderer, "_STAGE", Stage())
    monkeypatch.setattr(stage, "build", lambda spec: specs.append(spec) or build(spec))
    return specs


build, bpy = stage.build, stage.bpy


def same(a, b) -> bool:
    names = ("rgb", "instance", "depth")
    return all(np.array_equal(getattr(a, name), getattr(b, name)) for name in names)


def cubes(**changes) -> SceneSpec:
    paint = Material("paint", (0.2, 0.4, 0.1))
    bodies = tuple(
        Body(f"cube {i}", Shape.of("block", x=0.3, y=0.3, z=0.3), (0.4 * i, 0.0, 0.0),
             materials={"surface": paint})
        for i in range(3)
    )  # fmt: skip
    return replace(
        SceneSpec(bodies, (Light("point", (0.0, 0.0, 2.0)),), World(color=(0.2, 0.3, 0.4))),
        camera=camera(),
        **changes,
    )


def camera(x=0.0, **changes):
    plain = SceneSpec().camera
    return replace(
        plain, position=(x, 0.0, 2.0), rotation=(0.0, 1.0, 0.0, 0.0), width=48, height=32, **changes
    )


def test_views_look_as_if_each_were_built_anew(built):
    """Also through another lens, in another size, and from the right eye."""
    moves = (
        camera(0.2),
        camera(0.3, lens=Lens("brown_conrady", (-0.1,))),
        camera(0.1, focal_mm=20),
    )
    views = [cubes(), *(replace(cubes(), camera=each) for each in moves)]
    views += [right_eye(replace(cubes(), camera=camera(baseline_m=0.1)))]
    views += [replace(cubes(), camera=replace(camera(0.2), width=40, height=44))]
    kept = [QUICK.render(view) for view in views]
    assert len(built) == 1
    for view, seen in zip(views, kept):
        renderer._STAGE.__init__()
        assert same(QUICK.render(view), seen)
    assert len(built) == 1 + len(views)


def test_the_frames_of_a_scene_look_as_if_made_alone(built):
    from simgen.recipe import Recipe

    config = composed(
        "scene=tabletop", "scene.count=3", "scene.dropped=0", "views=3", "resolution=[48,36]",
        "quality=preview", "renderer.samples=1",
    )  # fmt: skip
    specs = [Recipe.from_config(config).proposal(i) for i in range(3)]
    kept = [QUICK.render(spec) for spec in specs]
    assert len(built) == 1
    renderer._STAGE.__init__()
    assert same(QUICK.render(specs[2]), kept[2]) and same(QUICK.render(specs[1]), kept[1])


def test_what_will_move_later_is_the_same_scene(built):
    moving = tuple(replace(body, motion=Motion((1.0, 0.0, 0.0))) for body in cubes().bodies)
    QUICK.render(cubes())
    QUICK.render(replace(cubes(), bodies=moving, step_s=0.1))
    assert len(built) == 1


@pytest.mark.parametrize(
    "change",
    [
        dict(bodies=cubes().bodies[:2]),
        dict(bodies=(*cubes().bodies[:2], replace(cubes().bodies[2], position=(0.8, 0.1, 0.0)))),
        dict(bodies=tuple(replace(body, materials={}) for body in cubes().bodies)),
        dict(lights=(Light("point", (0.0, 0.0, 2.0), power=200.0),)),
        dict(world=World(color=(0.4, 0.3, 0.2))),
    ],
)
def test_another_scene_is_built_anew(built, change):
    before = QUICK.render(cubes())
    after = QUICK.render(replace(cubes(), **change))
    assert len(built) == 2 and not same(before, after)


def test_another_renderer_builds_anew(built):
    QUICK.render(cubes())
    replace(QUICK, samples=1).render(cubes())
    assert len(built) == 2


def test_a_scene_that_someone_else_has_reset_is_built_anew(built):
    first = QUICK.render(cubes())
    bpy.ops.wm.read_factory_settings(use_empty=True)
    assert same(QUICK.render(cubes()), first) and len(built) == 2


def test_after_an_error_nothing_is_kept(built, monkeypatch):
    QUICK.render(cubes())
    noisy = monkeypatch.context
    with noisy() as patch, pytest.raises(SimgenError, match="out of stack"):
        told = lambda scene: os.write(1, b"Error: shader out of stack\n") and "CPU"  # noqa: E731
        patch.setattr(Cycles, "configure", lambda self, scene: told(scene))
        QUICK.render(cubes())
    QUICK.render(cubes())
    assert len(built) == 2


def test_many_scenes_leave_nothing_behind(built):
    for i in range(5):
        QUICK.render(replace(cubes(), world=World(color=(0.1 * i, 0.0, 0.0))))
        QUICK.render(replace(cubes(), world=World(color=(0.1 * i, 0.0, 0.0)), camera=camera(0.2)))
    kinds = (bpy.data.scenes, bpy.data.cameras, bpy.data.lights)
    assert len(built) == 5 and [len(kind) for kind in kinds] == [1, 1, 1]
    assert sum(bool(world.users) for world in bpy.data.worlds) == 1  # the others are models
    assert len(bpy.data.objects) == 3 + 2
