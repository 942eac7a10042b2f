"""Folders of textures: what belongs together, what is credited, and what is wrong with them."""

import cv2
import numpy as np
import pytest

from simgen.distributions import Uniform
from simgen.errors import SimgenError
from simgen.props import materials_of
from simgen.randomize.materials import KEPT, Materials
from simgen.randomize.textures import Textures
from simgen.rng import stream
from simgen.spec import Body, Material, SceneSpec, Shape
from simgen.surfaces import Surface, Surfaces


def files(folder, *names):
    for i, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".exr":
            path.write_bytes(b"\x76\x2f\x31\x01")
        else:
            assert cv2.imwrite(str(path), np.full((4, 6, 3), i, np.uint8))


def found(folder):
    return {
        s.name: tuple(p.removeprefix(f"{folder}/") for p in (s.color, s.roughness, s.normal))
        for s in Surfaces.open(str(folder)).surfaces
    }


def test_files_of_one_name_are_one_surface(tmp_path):
    """As Poly Haven, ambientCG and others name them."""
    files(
        tmp_path,
        "oak_diff_1k.jpg", "oak_rough_1k.jpg", "oak_nor_gl_1k.exr", "oak_nor_dx_1k.jpg",
        "oak_disp_1k.png", "oak_arm_1k.jpg",
        "W1_1K-JPG_Color.jpg", "W1_1K-JPG_Roughness.jpg", "W1_1K-JPG_NormalGL.jpg",
        "W1_1K-JPG_NormalDX.jpg", "W1_1K-JPG_AmbientOcclusion.jpg",
        "more/rug-basecolor.png", "more/rug-normal.png",
        "light-wood.png", "sand.webp", "sand_normal.png",
    )  # fmt: skip
    assert found(tmp_path) == {
        "W1_1K-JPG": (
            "W1_1K-JPG_Color.jpg", "W1_1K-JPG_Roughness.jpg", "W1_1K-JPG_NormalGL.jpg"
        ),
        "light-wood": ("light-wood.png", "", ""),
        "more/rug": ("more/rug-basecolor.png", "", "more/rug-normal.png"),
        "oak_1k": ("oak_diff_1k.jpg", "oak_rough_1k.jpg", "oak_nor_gl_1k.exr"),
        "sand": ("sand.webp", "", "sand_normal.png"),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["color", "normal", "rough", "rough-plaster", "metal", "diffuser"])
def test_a_word_that_is_not_at_the_end_of_a_name_is_a_name(tmp_path, name):
    files(tmp_path, f"{name}.png")
    assert found(tmp_path) == {name: (f"{name}.png", "", "")}


def test_a_manifest_says_how_wide_a_surface_is_and_whose(tmp_path):
    files(tmp_path, "oak_diffuse.png", "oak_normal.png", "tar.png")
    (tmp_path / "manifest.yaml").write_text(
        "files: {oak_diffuse.png: {size_m: [2, 1], licence: CC-BY-NC-4.0}}"
    )
    surfaces = Surfaces.open(str(tmp_path))
    assert [s.width_m for s in surfaces.surfaces] == [2, None]
    assert [(a.name, a.flag) for a in surfaces.assets] == [
        ("textures/oak", "non-commercial"),
        ("textures/tar", "unknown licence"),
    ]


def test_each_map_and_the_size_change_the_digest(tmp_path):
    def digest():
        return Surfaces.open(str(tmp_path)).assets[0].digest

    files(tmp_path, "a_color.png")
    digests = [digest()]
    for name in ("a_color.png", "a_normal.png", "a_rough.png"):
        files(tmp_path, "other/x.png", name)
        digests.append(digest())
    (tmp_path / "manifest.yaml").write_text("defaults: {size_m: [1, 1]}")
    assert len({*digests, digest()}) == 5


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a_normal.png", None, ": a_normal.png belongs to a surface without a colour: add a_diff"),
        ("a.png", b"no", ": a.png: it is no picture that can be read"),
        ("a.exr", b"no", ": a.exr: it is no HDRI"),
        ("a.txt", b"", " holds no file that ends in .png, "),
    ],
)
def test_what_is_wrong_is_named_in_one_line(tmp_path, name, content, said):
    files(tmp_path, name) if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(SimgenError) as error:
        Materials(textures=str(tmp_path))
    assert str(error.value).startswith(f"textures={tmp_path}{said}")
    assert "\n" not in str(error.value)


def spec():
    kinds = ("plain", "wood", "image", "emitter")
    bodies = [
        Body(f"{kind}{i}", Shape("block"), category="block" * (i % 2),
             materials={"surface": Material(kind, image="label_parcel.png" * (kind == "image"))})
        for kind in kinds for i in range(20)
    ]  # fmt: skip
    return SceneSpec(tuple(bodies))


def textured(folder, **settings):
    """Returns whether each body has a texture, with its material and whether it has a category."""
    made = Materials(looks=50, textures=str(folder), **settings)(spec(), stream(0, 0, "materials"))
    for body in made.bodies:
        (material,) = materials_of(body).values()
        yield material.kind == "texture", material, bool(body.category)


def test_textures_go_on_what_has_no_category(tmp_path):
    files(tmp_path, "a_color.png", "a_rough.png", "b.png")
    seen = list(textured(tmp_path, textured=1))
    assert all(is_so != labelled for is_so, m, labelled in seen if m.kind not in KEPT)
    images = {(m.image, m.roughness_image, m.normal_image) for is_so, m, _ in seen if is_so}
    assert images == {
        (f"{tmp_path}/a_color.png", f"{tmp_path}/a_rough.png", ""), (f"{tmp_path}/b.png", "", "")
    }  # fmt: skip
    assert not any(is_so for is_so, _, _ in textured(tmp_path, textured=0))
    assert any(is_so and labelled for is_so, _, labelled in textured(tmp_path, textured_objects=1))


def test_shares_and_widths_are_drawn(tmp_path):
    files(tmp_path, "a.png")
    seen = [m for is_so, m, _ in textured(tmp_path, tile_m=Uniform(1, 2)) if is_so]
    assert 5 <= len(seen) <= 15 and len({m.scale_m for m in seen}) == len(seen)
    assert all(1 <= m.scale_m <= 2 for m in seen)
    (tmp_path / "manifest.yaml").write_text("defaults: {size_m: [0.7, 0.7]}")
    assert {m.scale_m for is_so, m, _ in textured(tmp_path) if is_so} == {0.7}


def test_without_textures_nothing_is_drawn_for_them():
    a = Materials(looks=4)(spec(), stream(0, 0, "materials"))
    b = Materials(looks=4, textured=1, tile_m=3)(spec(), stream(0, 0, "materials"))
    assert a == b


def test_prints_keep_what_is_printed_on_them():
    bodies = tuple(Body(f"{i}", Shape("flat_print"), category="card") for i in range(20))
    made = Textures(probability=1)(SceneSpec(bodies), stream(0, 0, "textures"))
    assert made.bodies == bodies and made.parameters == {"textures.wild": 0}


def test_surfaces_name_paths_as_the_user_does(tmp_path, monkeypatch):
    files(tmp_path, "a.png")
    monkeypatch.chdir(tmp_path.parent)
    (surface,) = Surfaces.open(tmp_path.name).surfaces
    assert surface == Surface("a", f"{tmp_path.name}/a.png")
