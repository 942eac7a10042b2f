"""Mesh files through Blender: what they become, what is refused, what is never done twice."""

import os
import shutil
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import bpy  # noqa: TID251
import cv2
import numpy as np
import pytest

from simgen.blender.renderer import Cycles
from simgen.blender.thumbnail import alone
from simgen.cache import cache
from simgen.errors import SimgenError
from simgen.geometry import look_at
from simgen.library import Library, importing, usd
from simgen.library.store import facts
from simgen.props import keypoints_of, materials_of, mesh_of
from simgen.spec import Body, Camera, Shape
from simgen.truth.crosscheck import crosscheck
from simgen.truth.raycast import raycast
from simgen.truth.solid import solid_of
from tests import meshes

pytestmark = pytest.mark.blender

RED, GREEN = (0.6, 0.05, 0.05), (0.05, 0.6, 0.05)


@pytest.fixture(scope="module", autouse=True)
def own_cache(tmp_path_factory):
    """Keeps the user's cache out of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def formats(tmp_path_factory):
    """Returns a folder with one scene of two things in each format that Blender writes: a red one,
    and one with an image of green beside it; z is up, 0.3 m high."""
    folder = tmp_path_factory.mktemp("formats")
    bpy.ops.wm.read_factory_settings(use_empty=True)
    image = bpy.data.images.load(str(meshes.png(folder / "green.png", (20, 200, 20))))
    _thing("low", (0.1, 0.04, 0.1), (0.0, 0.0, 0.05), image)
    _thing("high", (0.04, 0.06, 0.2), (0.03, 0.0, 0.2), None)
    at = {name: str(folder / f"{name}.{name}") for name in ("glb", "gltf", "obj", "ply", "stl")}
    bpy.ops.export_scene.gltf(filepath=at["glb"], export_format="GLB")
    bpy.ops.export_scene.gltf(filepath=at["gltf"], export_format="GLTF_SEPARATE")
    bpy.ops.wm.obj_export(filepath=at["obj"], path_mode="RELATIVE")
    bpy.ops.wm.ply_export(filepath=at["ply"], forward_axis="Y", up_axis="Z")
    bpy.ops.wm.stl_export(filepath=at["stl"], forward_axis="Y", up_axis="Z")
    bpy.ops.export_scene.fbx(filepath=str(folder / "fbx.fbx"), path_mode="RELATIVE")
    for suffix in ("usdc", "usda", "usdz"):
        bpy.ops.wm.usd_export(filepath=str(folder / f"{suffix}.{suffix}"))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "blend.blend"), relative_remap=True)
    (folder / "blend.blend1").unlink(missing_ok=True)
    return folder


def _thing(name, size, place, image):
    bpy.ops.mesh.primitive_cube_add(size=1, location=place)
    item = bpy.context.object
    item.name, item.scale = name, size
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    surface = material.node_tree.nodes["Principled BSDF"]
    surface.inputs["Base Color"].default_value = (*RED, 1.0)
    if image:
        texture = material.node_tree.nodes.new("ShaderNodeTexImage")
        texture.image = image
        material.node_tree.links.new(texture.outputs["Color"], surface.inputs["Base Color"])
    item.data.materials.append(material)


@pytest.fixture(scope="module")
def library(formats):
    return Library.open(formats)


FORMATS = ("blend", "fbx", "glb", "gltf", "obj", "ply", "stl", "usda", "usdc", "usdz")


def asset(library, name):
    return next(each for each in library.assets if Path(each.name).stem == name)


def test_every_format_is_there(library):
    assert [asset.category for asset in library.assets] == list(FORMATS)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_the_same_thing(library, name):
    """As large, as high up, closed, and agreed on by both engines."""
    found = asset(library, name)
    assert np.allclose(found.size_m, (0.1, 0.06, 0.3), atol=1e-6)
    assert found.triangles == 24 and found.closed and not found.content.missing
    assert found.content.agreement >= 0.999
    lower, upper = mesh_of(found.shape).bounds
    assert np.allclose(lower, (-0.05, -0.03, 0), atol=1e-6)
    assert np.allclose(upper, (0.05, 0.03, 0.3), atol=1e-6)
    assert solid_of(found.shape).closed
    assert found.thumbnail.is_file() and cv2.imread(str(found.thumbnail)).std() > 5
    top = mesh_of(found.shape).vertices
    assert np.isclose(top[top[:, 2] > 0.25][:, 0].min(), 0.01, atol=1e-6)  # not mirrored


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"ply", "stl"}))
def test_materials_and_images_survive(library, name):
    """Red above, green below, on a render without any light but the world's."""
    spec = alone(asset(library, name).shape)
    spec = replace(spec, lights=())
    truth, radiance = raycast(spec), Cycles(samples=4, denoise=False).render(spec)
    row = np.arange(len(truth.instance))[:, None] * (truth.instance == 2)
    first, last = row[row > 0].min(), row.max()
    masks = ((row > 0) & (row < first + 20), row > last - 20)
    high, low = (radiance.rgb[mask].mean(0) for mask in masks)
    assert high[0] > 2 * high[1] and low[1] > 2 * low[0]


def test_a_randomizer_may_put_another_material_on_a_slot(library):
    found = asset(library, "glb")
    assert {m.kind for m in materials_of(found.body()).values()} == {"imported"}
    assert set(materials_of(found.body())) == {"low", "high"}
    assert {m.kind for m in materials_of(asset(library, "stl").body()).values()} == {"plastic"}


def test_colours_of_vertices_survive(tmp_path):
    meshes.ply(tmp_path / "a.ply", color=(0, 255, 0))
    spec = alone(Library.open(tmp_path).assets[0].shape)
    seen = Cycles(samples=4, denoise=False).render(spec).rgb[raycast(spec).instance == 2]
    assert seen[:, 1].mean() > 5 * seen[:, 0].mean()


def test_nothing_is_imported_twice(formats, library, monkeypatch):
    """Neither by another library of the same files, nor for a frame; only what changed is."""

    def refused(*_):
        raise AssertionError("Blender was asked to import")

    monkeypatch.setattr(importing.Importer, "_start", refused)
    assert Library.open(formats).assets == library.assets
    spec = alone(asset(library, "glb").shape)
    Cycles(samples=1, denoise=False).render(spec)
    meshes.png(formats / "green.png", (20, 201, 20))
    try:
        with pytest.raises(AssertionError, match="asked to import"):
            Library.open(formats)
    finally:
        meshes.png(formats / "green.png", (20, 200, 20))


def test_an_image_elsewhere_is_part_of_what_an_asset_is(tmp_path):
    meshes.obj(tmp_path / "a.obj", head="mtllib a.mtl")
    meshes.mtl(tmp_path / "a.mtl", "map_Kd wood.png")
    meshes.png(tmp_path / "wood.png", (200, 0, 0))
    red = Library.open(tmp_path).assets[0]
    meshes.png(tmp_path / "wood.png", (0, 200, 0))
    green = Library.open(tmp_path).assets[0]
    meshes.png(tmp_path / "wood.png", (200, 0, 0))
    assert red.digest != green.digest and Library.open(tmp_path).assets[0] == red


def test_the_manifest_says_size_axis_and_points(tmp_path):
    meshes.stl(tmp_path / "bolt.stl", (20.0, 10.0, 63.0))
    meshes.write(
        tmp_path / "manifest.yaml",
        "files: {bolt.stl: {units: mm, up: x, category: screw, keypoints: {tip: [20, 5, 63]}}}",
    )
    found = Library.open(tmp_path).assets[0]
    assert found.category == "screw" and found.assumed == ""
    assert np.allclose(found.size_m, (0.063, 0.010, 0.020))
    assert np.allclose(keypoints_of(found.shape)["tip"], (-0.0315, 0, 0.02), atol=1e-9)


def test_a_guess_at_units_is_loud(tmp_path, caplog):
    meshes.stl(tmp_path / "bolt.stl", (20.0, 10.0, 63.0))
    found = Library.open(tmp_path).assets[0]
    assert np.allclose(found.size_m, (0.02, 0.01, 0.063))
    assert "bolt.stl would be 63 m long if its unit were the metre" in caplog.text
    assert "units: m" in caplog.text and "manifest.yaml" in caplog.text


def spoilt(folder: Path, name: str) -> None:
    """Writes a library with one bad file, and a good one beside it."""
    meshes.stl(folder / "good.stl")
    if name == "cut.glb":
        meshes.write(folder / name, meshes.gltf(folder / name).read_bytes()[:-100])
    elif name == "garbage.glb":
        meshes.write(folder / name, meshes.glb(b'{"asset":{"version":"2.0"},"meshes":[{}]}', b""))
    elif name == "nomtl.obj":
        meshes.obj(folder / name, head="mtllib gone.mtl")
    elif name == "noimage.obj":
        meshes.obj(folder / name, head="mtllib a.mtl")
        meshes.mtl(folder / "a.mtl", "map_Kd gone.png")
    elif name == "badimage.obj":
        meshes.obj(folder / name, head="mtllib a.mtl")
        meshes.mtl(folder / "a.mtl", "map_Kd bad.png")
        meshes.write(folder / "bad.png", b"\x89PNG\r\n\x1a\n no more")
    elif name == "flat.obj":
        meshes.obj(folder / name, (1.0, 0.0, 0.0))
    elif name == "nan.obj":
        text = meshes.obj(folder / name).read_text()
        meshes.write(folder / name, text.replace("v 0 0 0", "v nan 0 0"))
    elif name == "nan.stl":
        meshes.stl(folder / name, (np.nan, 1, 1))
    elif name.startswith("nan") and name.endswith(".ply"):
        meshes.ply(folder / name, (np.nan, 1, 1), binary="binary" in name)
    elif name == "nan.gltf":
        path = meshes.gltf(folder / name).with_suffix(".bin")
        meshes.write(path, struct.pack("<f", np.nan) + path.read_bytes()[4:])
    elif name.startswith("garbage"):
        meshes.write(folder / name, b"\0\1\2 this is no mesh at all" * 20)
    else:
        meshes.write(folder / name, b"x")


BAD = [
    ("cut.glb", "it is cut off or damaged"),
    ("garbage.glb", "it is damaged: KeyError 'primitives'"),
    ("garbage.stl", "it holds no triangles"),
    ("garbage.ply", "it is no PLY file"),
    ("garbage.obj", "it holds no triangles"),
    ("garbage.fbx", "Blender cannot read it: FBX Import"),
    ("garbage.usdc", "Blender cannot read it: USD Import"),
    ("garbage.blend", "Blender cannot read it: File format"),
    ("nomtl.obj", "it needs gone.mtl; put that where it looks for it, or say allow_missing"),
    ("noimage.obj", "it needs gone.png; put that where it looks for it"),
    ("badimage.obj", r"it needs bad.png \(cannot be read\)"),
    ("flat.obj", "it has no triangle with an area"),
    *(
        (f"nan{kind}", "it has vertices that are nan or inf")
        for kind in (".obj", ".stl", ".ply", "_binary.ply", ".gltf")
    ),
    ("part.step", ".step files cannot be read; convert it to .glb"),
]


@pytest.mark.parametrize(("name", "told"), BAD)
def test_a_broken_file_is_one_line_and_skipped_only_if_asked_for(tmp_path, name, told):
    spoilt(tmp_path, name)
    with pytest.raises(SimgenError, match=told) as error:
        Library.open(tmp_path)
    text = str(error.value)
    assert "\n" not in text and text.startswith(f"objects={tmp_path}: {name}: ") and len(text) < 400
    rest = Library.open(tmp_path, skip_broken=True)
    assert [asset.name for asset in rest.assets] == ["good.stl"]
    assert [each.name for each in rest.broken] == [name]


def test_one_content_in_two_categories_is_refused(tmp_path):
    meshes.stl(tmp_path / "bolts/a.stl")
    meshes.stl(tmp_path / "nuts/b.stl")
    with pytest.raises(SimgenError, match="nuts/b.stl: it is the same as bolts/a.stl"):
        Library.open(tmp_path)
    meshes.write(tmp_path / "manifest.yaml", "files: {nuts: {category: bolts}}")
    assert Library.open(tmp_path).categories == ("bolts",)


def test_missing_images_may_be_allowed_and_are_not_magenta(tmp_path):
    spoilt(tmp_path, "noimage.obj")
    meshes.write(tmp_path / "manifest.yaml", "defaults: {allow_missing: true}")
    found = asset(Library.open(tmp_path), "noimage")
    assert found.content.missing == ("gone.png",)
    spec = alone(found.shape)
    red, green, blue = Cycles(samples=1).render(spec).rgb[raycast(spec).instance == 2].mean(0)
    assert not (red > 2 * green and blue > 2 * green)


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ("{file_mb: 0.0001}", r"more than 0.0001; .* manifest.yaml: limits: {file_mb: 1}"),
        ("{triangles: 5}", r"12 triangles, more than 5; .* limits: {triangles: 12}"),
        ("{memory_gb: 0.05}", r"needs more than 0.05 GB, .* limits: {memory_gb: 0.1}"),
    ],
)
def test_limits_say_what_they_are_and_how_to_raise_them(tmp_path, limits, told):
    meshes.stl(tmp_path / "a.stl", (0.11, 0.1, 0.1))
    meshes.write(tmp_path / "manifest.yaml", f"limits: {limits}")
    with pytest.raises(SimgenError, match=told):
        Library.open(tmp_path)


def test_a_hang_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "_CHILD", (sys.executable, "-c", "import time; time.sleep(60)"))
    monkeypatch.setattr(importing, "_START_S", 0.2)
    meshes.stl(tmp_path / "a.stl", (0.12, 0.1, 0.1))
    meshes.write(tmp_path / "manifest.yaml", "limits: {seconds: 0.1}")
    with pytest.raises(SimgenError, match=r"within 0.1 s; .* limits: {seconds: 0.4}"):
        Library.open(tmp_path)


def test_scripts_and_drivers_in_blender_files_do_not_run(tmp_path):
    """A text that registers itself, a driver and a handler, each of which would leave a file."""
    left = tmp_path / "ran"
    code = f"open({str(left)!r}, 'a').close()"
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _thing("cube", (0.1, 0.1, 0.1), (0, 0, 0), None)
    text = bpy.data.texts.new("boot.py")
    text.write(code)
    text.use_module = True
    for owner, path in [
        (bpy.data.materials["cube"], "roughness"),
        (bpy.context.object, "location"),
    ]:
        driver = owner.driver_add(path, *([0] if path == "location" else [])).driver
        driver.type, driver.expression = "SCRIPTED", f"[{code}, 0][1]"
    root = tmp_path / "parts"
    root.mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(root / "cube.blend"))
    assert not left.exists()
    spec = alone(Library.open(root).assets[0].shape)
    Cycles(samples=1).render(spec)
    assert not left.exists()


def test_a_blender_file_that_links_outside_is_refused(tmp_path):
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _thing("cube", (0.1, 0.1, 0.1), (0, 0, 0), None)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "secret.blend"))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    with bpy.data.libraries.load(str(tmp_path / "secret.blend"), link=True) as (there, wanted):
        wanted.objects = there.objects
    bpy.context.scene.collection.objects.link(wanted.objects[0])
    (tmp_path / "parts").mkdir()
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "parts/a.blend"), relative_remap=True)
    with pytest.raises(SimgenError, match="outside of the library's folder"):
        Library.open(tmp_path / "parts")


def test_the_names_in_a_real_crate_are_read(formats):
    names = set(usd._tokens((formats / "usdc.usdc").read_bytes()))
    assert {"metersPerUnit", "faceVertexIndices", "low", "high"} <= names


@pytest.mark.parametrize("suffix", ["blend", "fbx", "usda", "usdc", "obj"])
def test_images_outside_are_refused(tmp_path, formats, suffix):
    """The image that the file names is moved out of the library, to where the name still leads."""
    root = tmp_path / "deep/parts"
    root.mkdir(parents=True)
    image = meshes.png(tmp_path / "deep/secret.png", (20, 210, 20))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _thing("low", (0.1, 0.04, 0.1), (0.0, 0.0, 0.05), bpy.data.images.load(str(image)))
    path = str(root / f"a.{suffix}")
    if suffix == "blend":
        bpy.ops.wm.save_as_mainfile(filepath=path, relative_remap=True)
    elif suffix == "fbx":
        bpy.ops.export_scene.fbx(filepath=path, path_mode="ABSOLUTE")
    elif suffix == "obj":
        bpy.ops.wm.obj_export(filepath=path, path_mode="ABSOLUTE")
    else:
        bpy.ops.wm.usd_export(filepath=path, export_textures_mode="KEEP", relative_paths=True)
    with pytest.raises(SimgenError, match="outside of the library|no path relative to it"):
        Library.open(root)


def test_an_asset_that_is_not_in_the_cache_says_what_to_do():
    with pytest.raises(SimgenError, match="python -m simgen.library FOLDER"):
        mesh_of(Shape.of("asset", digest="0" * 32, scale=1.0))
    with pytest.raises(SimgenError, match="is not in the cache"):
        mesh_of(Shape.of("asset", digest="../../etc"))


def doctor(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "simgen.library", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True,
    )  # fmt: skip


def test_the_doctor_tells_and_draws(tmp_path, formats):
    root = tmp_path / "parts"
    shutil.copytree(formats, root)
    run = doctor(root, cwd=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "10 assets in 10 categories" in run.stdout and "watertight" in run.stdout
    sheet = cv2.imread(str(tmp_path / "parts-sheet.png"))
    assert sheet.shape == (2 * 150, 6 * 160, 3) and sheet.std() > 10
    meshes.write(root / "cut.glb", b"glTF")
    run = doctor(root, "--sheet", tmp_path / "b.png", cwd=tmp_path)
    assert run.returncode == 1 and "broken cut.glb: it is no GLB file" in run.stdout
    run = doctor(root, "--skip-broken", "--sheet", tmp_path / "b.png", cwd=tmp_path)
    assert run.returncode == 0 and "skipped cut.glb" in run.stdout
    run = doctor(tmp_path / "nowhere", cwd=tmp_path)
    assert run.returncode == 1 and run.stderr.startswith("simgen: ") and run.stderr.count("\n") == 1


def test_open_meshes_pass_the_crosscheck_from_all_sides(tmp_path):
    """A cup without a wall's thickness, seen from above and from below, mirrored too."""
    meshes.obj(tmp_path / "cup.obj", triangles=meshes.TRIANGLES[2:])
    found = Library.open(tmp_path).assets[0]
    assert not found.closed and not solid_of(found.shape).closed
    spec = alone(found.shape)
    mirrored = Body("m", found.shape, (0.2, 0.1, 0.1), (0.5, 0.5, 0.5, 0.5), (-1, 1, 2))
    bodies = (spec.bodies[0], Body("cup", found.shape, (0.0, 0.0, 0.01)), mirrored)
    for eye in ((0.3, -0.5, 0.4), (0.1, 0.4, 0.6), (-0.4, 0.2, 0.1)):
        camera = Camera(eye, look_at(eye, (0.1, 0.0, 0.05)), 96, 72, 30.0)
        turned = replace(spec, bodies=bodies, camera=camera)
        radiance = Cycles(samples=1, denoise=False).render(turned)
        assert crosscheck(raycast(turned), radiance).pixels > 0.999


def test_a_damaged_cache_is_made_anew(tmp_path):
    meshes.stl(tmp_path / "a.stl", (0.13, 0.1, 0.1))
    digest = Library.open(tmp_path).assets[0].digest
    meshes.write(cache() / "assets" / digest / "asset.json", b"{")
    assert facts(digest) is None
    assert Library.open(tmp_path).assets[0].digest == digest and facts(digest)
    assert not [name for name in os.listdir(cache() / "assets") if name.startswith(".new")]
