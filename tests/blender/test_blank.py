"""A blank scene has nothing of what was before, in data or in settings."""

import pytest

bpy = pytest.importorskip("bpy")

from simgen.blender.blank import blank_scene, lasting  # noqa: E402
from simgen.blender.build import build  # noqa: E402
from simgen.spec import Body, Light, Material, SceneSpec, Shape, World  # noqa: E402

pytestmark = pytest.mark.blender
SPEC = SceneSpec(
    (Body("ball", Shape.of("ball"), materials={"surface": Material("wood")}),),
    (Light("area", (0.0, 0.0, 3.0)),),
    World(hdri="forest"),
)
DATA = ("objects", "meshes", "materials", "lights", "cameras", "worlds", "images", "node_groups")


def test_all_data_of_earlier_frames_is_gone():
    build(SPEC)
    assert bpy.data.objects and bpy.data.images
    blank_scene()
    left = {name: len(getattr(bpy.data, name)) for name in DATA}
    assert {name for name in left if left[name]} <= {"materials", "worlds"}
    assert not any(model.users for model in (*bpy.data.materials, *bpy.data.worlds))
    build(SPEC)
    scene = blank_scene()
    assert left == {name: len(getattr(bpy.data, name)) for name in DATA}
    assert list(bpy.data.scenes) == [scene] == [bpy.context.scene]


def test_what_lasts_is_made_anew_once_somebody_reset_blender():
    blank_scene()
    make = lambda: (bpy.data.worlds.new("kept"), "known")  # noqa: E731
    first, known = lasting("test", make)
    blank_scene()
    assert lasting("test", make) == (first, "known") == (first, known)
    bpy.ops.wm.read_factory_settings(use_empty=True)
    blank_scene()
    second, _ = lasting("test", make)
    assert second.name == "kept" and list(bpy.data.worlds) == [second]


def test_no_setting_is_as_the_frame_before_had_it():
    before = _settings(blank_scene())
    scene = build(SPEC)
    scene.render.engine, scene.cycles.samples, scene.render.film_transparent = "CYCLES", 7, True
    scene.view_layers[0].use_pass_mist = True
    assert _settings(scene) != before
    assert _settings(blank_scene()) == before


def test_blender_keeps_nothing_of_scenes_gone_by():
    kept = []
    for number in range(301):
        blank_scene()
        for _ in range(40):
            material = bpy.data.materials.new("painted")
            material.use_nodes = True
            material.node_tree.nodes.new("ShaderNodeTexNoise").inputs["Scale"].default_value = 3.0
        if number % 100 == 0:
            kept.append(_blenders_mebibytes(blank_scene()))
    assert kept[-1] < kept[0] + 0.15, kept


def test_cycles_is_set_as_by_the_factory():
    blank = blank_scene()
    found = _settings(blank, blank.cycles, blank.view_layers[0])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    factory = bpy.context.scene
    assert found == _settings(factory, factory.cycles, factory.view_layers[0])


def _settings(scene, *groups) -> dict[str, object]:
    groups = groups or (scene.render, scene.cycles, scene.view_settings, scene.view_layers[0])
    return {
        f"{type(group).__name__}.{p.identifier}": _plain(getattr(group, p.identifier))
        for group in groups
        for p in group.bl_rna.properties
        if p.type in ("BOOLEAN", "INT", "FLOAT", "ENUM")
    }


def _blenders_mebibytes(scene) -> float:
    bpy.context.preferences.view.show_statusbar_memory = True
    said = scene.statistics(scene.view_layers[0])
    return float(said.partition("Memory: ")[2].split()[0])


def _plain(value):
    return tuple(value) if hasattr(value, "__len__") and not isinstance(value, str) else value
