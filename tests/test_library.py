"""What is said of a library's files, which they are and what they refer to: without Blender."""

import json
import os
from pathlib import Path

import numpy as np
import pytest

from simgen.errors import SimgenError
from simgen.library import Library, units
from simgen.library.files import category_of, files
from simgen.library.form import put_right
from simgen.library.manifest import Entry, Manifest, read_manifest
from simgen.library.references import references
from simgen.library.turns import after_import, foot, turned
from simgen.solids import box
from tests import meshes


def manifest(root: Path, text: str) -> Manifest:
    (root / "bolts").mkdir(exist_ok=True)
    meshes.write(root / "bolts/m8.stl", b"")
    meshes.write(root / "manifest.yaml", text)
    return read_manifest(root)


def test_no_manifest_says_nothing(tmp_path):
    assert read_manifest(tmp_path).of("a/b.glb") == Entry()


def test_what_is_closest_to_a_file_counts(tmp_path):
    said = manifest(
        tmp_path,
        """
        defaults: {licence: CC0-1.0, category: thing}
        files:
          bolts: {category: bolt, units: mm, symmetry: {z: 6, x: any}}
          bolts/m8.stl: {mass_kg: 0.02, keypoints: {tip: [0, 0, 40]}, up: -y}
        """,
    )
    entry = said.of("bolts/m8.stl")
    assert entry == Entry(
        category="bolt", scale=0.001, up="-y", licence="CC0-1.0", mass_kg=0.02,
        symmetry=(("z", 6), ("x", 0)), keypoints=(("tip", (0.0, 0.0, 40.0)),),
    )  # fmt: skip
    assert said.of("other.glb") == Entry(category="thing", licence="CC0-1.0")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file: {}", "^manifest.yaml: at its top: 'file' is not known; did you mean 'files'?"),
        ("files: {bolts: {licens: x}}", "bolts: 'licens' is not known; did you mean 'licence'?"),
        ("files: {bolts: {license: x}}", "bolts: 'license' is not known; did you mean 'licence'?"),
        ("files: {bolt: {}}", "there is no 'bolt'; did you mean 'bolts'?"),
        ("files: {../x: {}}", "'../x' must be a path inside the library's folder"),
        ("files: {/etc: {}}", "'/etc' must be a path inside the library's folder"),
        ("files: {bolts: {category: [a, b]}}", r"category=\['a', 'b'\]: it can have only one"),
        ("files:\n  bolts: {category: a}\n  bolts: {category: b}", "'bolts' is there twice"),
        ("files:\n  bolts: {category: a}\n  ./bolts: {category: b}", "'bolts' twice, once as"),
        ("files: {bolts: {category: a, category: b}}", "'category' is there twice below line 1"),
        ("files: {bolts: {units: miles}}", "bolts: units='miles' is not known; choose one of: cm,"),
        ("files: {bolts: {units: mm, scale: 2}}", "bolts has both units and scale: keep one"),
        ("files: {bolts: {scale: 0}}", "scale=0 must be a number above 0"),
        ("files: {bolts: {mass_kg: .nan}}", "mass_kg=nan must be a number above 0"),
        ("files: {bolts: {up: up}}", "up='up' is not known"),
        ("files: {bolts: {symmetry: {z: 1}}}", "symmetry.z=1 must be 2, 3, ..."),
        ("files: {bolts: {keypoints: {tip: [1, 2]}}}", r"keypoints.tip=\[1, 2\] must be \[x, y, z"),
        ("limits: {triangle: 3}", "'triangle' is not known; did you mean 'triangles'?"),
        ("limits: {triangles: -3}", "limits.triangles=-3 must be a number above 0"),
        ("ignore: '*.step'", "must be a list of patterns"),
        ("[a, b]", r"its content=\['a', 'b'\] must be settings"),
        ("files: [", "while parsing a flow node"),
        ("files: 3", "files=3 must be settings"),
        ("defaults: {source: !!python/object/apply:os.system [ls]}", "could not determine a const"),
    ],
)
def test_a_wrong_manifest_is_told_in_a_line(tmp_path, text, told):
    with pytest.raises(SimgenError, match=told) as error:
        manifest(tmp_path, text)
    assert "\n" not in str(error.value) and str(error.value).startswith("manifest.yaml")


EMPTY = Manifest()


def found(root: Path, said: Manifest = EMPTY):
    return {name: error and str(error) for name, error in files(root, said)}


def test_which_files_are_assets(tmp_path):
    for name in ("b.glb", "a/c.OBJ", "a/c.mtl", "a/c.png", "LICENSE", ".hidden.stl", ".git/x.stl"):
        meshes.write(tmp_path / name, b"x")
    assert list(found(tmp_path)) == ["a/c.OBJ", "b.glb"]
    assert list(found(tmp_path, Manifest(ignore=("a/*",)))) == ["b.glb"]


def test_an_unknown_extension_is_told_unless_it_is_ignored(tmp_path):
    meshes.write(tmp_path / "part.step", b"x")
    assert found(tmp_path)["part.step"].startswith(".step files cannot be read; convert it to .glb")
    assert found(tmp_path, Manifest(ignore=("*.step",))) == {}


def test_links_that_leave_the_folder_are_refused(tmp_path):
    outside = meshes.stl(tmp_path / "secret.stl")
    root = tmp_path / "parts"
    inside = meshes.stl(root / "a.stl")
    os.symlink(outside, root / "b.stl")
    os.symlink(inside, root / "c.stl")
    os.symlink(tmp_path, root / "d")
    os.symlink("loop.stl", root / "loop.stl")
    told = found(root.resolve())
    assert told["a.stl"] is None and told["c.stl"] is None
    assert "outside of the library's folder" in told["b.stl"]
    assert "outside of the library's folder" in told["d"]
    assert told["loop.stl"]


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("bolts/m8.stl", "bolts"), ("bolts/long/m8.stl", "bolts"), ("duck.glb", "duck"),
        ("bolt_01.stl", "bolt"), ("bolt-2.stl", "bolt"), ("m8.stl", "m8"), ("007.obj", "007"),
    ],
)  # fmt: skip
def test_category_of_a_place(name, category):
    assert category_of(name) == category


OUTSIDE = ["../secret.png", "a/../../secret.png", "/etc/passwd", "..\\secret.png",
           "C:\\secret.png", "file:///etc/passwd", "http://example.org/a.png"]  # fmt: skip


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("kind", ["mtllib", "map_Kd", "map_Kd -s 1 1 1", "image", "buffer"])
def test_references_that_leave_the_folder_are_refused(tmp_path, name, kind):
    root = (tmp_path / "parts").resolve()
    meshes.png(tmp_path / "secret.png")
    if kind == "mtllib":
        path = meshes.obj(root / "a.obj", head=f"mtllib {name}")
    elif kind.startswith("map"):
        path = meshes.obj(root / "a.obj", head="mtllib a.mtl")
        meshes.mtl(root / "a.mtl", f"{kind} {name}")
    else:
        said = {"images": [{"uri": name}]} if kind == "image" else {"buffers": [{"uri": name}]}
        path = meshes.gltf(root / "a.gltf", **said)
    with pytest.raises(SimgenError, match="outside of the library|no path relative to it"):
        references(path, root)


def test_hidden_ways_out_are_refused(tmp_path):
    """An encoded dot, a link to an image, a material file that is a link and that nobody names."""
    root = (tmp_path / "parts").resolve()
    secret = meshes.png(tmp_path / "secret.png")
    path = meshes.gltf(root / "a.gltf", images=[{"uri": "%2e%2e/secret.png"}])
    with pytest.raises(SimgenError, match="outside of the library"):
        references(path, root)
    os.symlink(secret, root / "wood.png")
    path = meshes.gltf(root / "b.gltf", extensions={"X": {"more": [{"uri": "wood.png"}]}})
    with pytest.raises(SimgenError, match="outside of the library"):
        references(path, root)
    path = meshes.obj(root / "c.obj")
    os.symlink(meshes.mtl(tmp_path / "c.mtl"), root / "c.mtl")
    with pytest.raises(SimgenError, match="outside of the library"):
        references(path, root)


def test_references_inside_are_found(tmp_path):
    root = tmp_path.resolve()
    path = meshes.obj(root / "a/b.obj", head="mtllib ../all.mtl")
    meshes.mtl(root / "all.mtl", "map_Kd -s 2 2 1 -clamp on my wood.png", "bump -bm 0.1 a/n.png")
    names = [each.resolve().relative_to(root).as_posix() for each in references(path, root)]
    assert names == ["all.mtl", "my wood.png", "a/n.png"]
    inline = [{"uri": "data:image/png;base64,AAAA"}, {"uri": "tex/my%20wood.png"}]
    path = meshes.gltf(root / "c.gltf", images=inline)
    assert {each.name for each in references(path, root)} == {"c.bin", "my wood.png"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"glTF", "does not begin with 'glTF'"),
        (b"PK" + bytes(40), "does not begin with 'glTF'"),
        (meshes.glb(b"{", b""), "its JSON is damaged"),
        (meshes.glb(b"[1]", b""), "its JSON has no 'asset'"),
        (meshes.glb(json.dumps({"asset": {}}).encode(), bytes(99))[:-50], "cut off or damaged"),
        (
            meshes.glb(json.dumps({"asset": {"version": "1.0"}}).encode(), b""),
            "it is glTF 1.0, and",
        ),
    ],
)
def test_a_damaged_glb_is_told(tmp_path, content, told):
    path = meshes.write(tmp_path / "a.glb", content)
    with pytest.raises(SimgenError, match=told):
        references(path, tmp_path)


def test_units_of_a_folder_are_judged_together():
    assert units.guessed([63.0]) == 0.001
    assert units.guessed([4.0, 63.0, 200.0]) == 0.001  # a washer among bolts and plates
    assert units.guessed([0.063]) == units.guessed([1.2, 12.0, 0.3]) == 1.0
    said = units.announcement("bolts", {"m8.stl": 63.0})
    assert "m8.stl would be 63 m long" in said and "made 6.3 cm" in said and "units: m" in said


def test_sizes_that_make_one_wonder():
    assert units.suspicion(12.0) == "12 m long"
    assert units.suspicion(0.0004) == "only 0.4 mm long"
    assert units.suspicion(0.3) == ""


@pytest.mark.parametrize("axis", ["x", "y", "z", "-x", "-y", "-z"])
def test_turning_brings_the_axis_up(axis):
    up = np.zeros(3)
    up["xyz".index(axis[-1])] = -1 if axis[0] == "-" else 1
    path = Path("a.stl")
    assert np.allclose(turned(up, path, axis), [0, 0, 1])
    assert np.isclose(np.linalg.det(np.array(after_import(path, axis))), 1)


def test_gltf_is_turned_by_blender_already():
    assert np.allclose(after_import(Path("a.glb"), None), np.eye(3))
    assert np.allclose(turned((0, 1, 0), Path("a.glb"), None), [0, 0, 1])
    assert np.allclose(after_import(Path("a.obj"), None), after_import(Path("a.stl"), "y"))
    assert np.allclose(foot(np.array([0.0, 2, 3]), np.array([2.0, 4, 9])), [1, 3, 3])


def raw(mesh):
    return {
        "vertices": mesh.vertices.astype(float),
        "triangles": mesh.triangles,
        "uv": mesh.uv,
        "slot": mesh.slot,
        "smooth": mesh.smooth,
    }


def test_a_sound_mesh_is_left_as_it_is():
    arrays, form = put_right(raw(box((1, 2, 3), "s")))
    assert (form.triangles, form.watertight, form.flipped, form.dropped) == (12, True, 0, 0)
    assert np.array_equal(arrays["triangles"], box((1, 2, 3), "s").triangles)


def test_an_inside_out_mesh_is_turned_over_with_its_uv():
    mesh = raw(box((1, 2, 3), "s"))
    inverted = mesh | {"triangles": mesh["triangles"][:, ::-1], "uv": mesh["uv"][:, ::-1]}
    arrays, form = put_right(inverted)
    assert form.flipped == 12 and form.watertight
    assert np.array_equal(arrays["triangles"], mesh["triangles"])
    assert np.array_equal(arrays["uv"], mesh["uv"])


def test_holes_and_tears_are_counted():
    mesh = raw(box((1, 2, 3), "s"))
    _, form = put_right({n: a[1:] if n != "vertices" else a for n, a in mesh.items()})
    assert (form.watertight, form.torn, form.triangles) == (False, 0, 11)
    torn = mesh["triangles"].copy()
    torn[0] = torn[0][::-1]
    _, form = put_right(mesh | {"triangles": torn})
    assert (form.watertight, form.torn) == (False, 3)


def test_triangles_without_area_are_dropped_and_meshes_of_them_refused():
    mesh = raw(box((1, 2, 3), "s"))
    flat = mesh["triangles"].copy()
    flat[0] = flat[0][[0, 0, 1]]
    _, form = put_right(mesh | {"triangles": flat})
    assert (form.triangles, form.dropped) == (11, 1)
    with pytest.raises(SimgenError, match="it has no triangle with an area"):
        put_right(mesh | {"vertices": mesh["vertices"] * [1, 0, 0]})
    broken = mesh["vertices"].copy()
    broken[0] = np.nan
    with pytest.raises(SimgenError, match="of its 12 triangles have nan or inf"):
        put_right(mesh | {"vertices": broken})


def test_folders_that_are_none(tmp_path):
    with pytest.raises(SimgenError, match="is not a folder of mesh files"):
        Library.open(tmp_path / "nowhere")
    with pytest.raises(SimgenError, match="holds no mesh file"):
        Library.open(tmp_path)
