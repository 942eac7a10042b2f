"""Licences of the user's files: flagged where they may hinder, carried into card and summary."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from simgen.card import decode_card, encode_card, make_card
from simgen.credits import NON_COMMERCIAL, UNKNOWN, credit, flag_of, flags_told
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.generate import generate
from tests import rectangles
from tests.composing import recipe

DUCK = credit("objects/duck.glb", "CC-BY-NC-4.0", "a pond", b"quack")
MUG = credit("objects/mug.obj", "", "", b"mug")
WOOD = credit("textures/wood", "CC0-1.0", "Poly Haven", b"wood", b"rough")


@pytest.mark.parametrize(
    "licence",
    [
        "CC-BY-NC-4.0",
        "cc by-nc-sa",
        "Attribution-NonCommercial",
        "non-commercial use",
        "free for non commercial projects",
        "Research use only",
        "personal use",
    ],
)
def test_non_commercial_licences_are_flagged(licence):
    assert flag_of(licence) == NON_COMMERCIAL


@pytest.mark.parametrize("licence", ["", " ", "unknown", "Unknown", "none"])
def test_a_licence_that_is_not_said_is_flagged(licence):
    assert flag_of(licence) == UNKNOWN


@pytest.mark.parametrize(
    "licence", ["CC0-1.0", "CC-BY-4.0", "MIT", "Apache-2.0", "NCSA", "commercial, paid", "ours"]
)
def test_others_are_not(licence):
    assert flag_of(licence) == ""


def test_contents_decide_the_digest_and_their_order_and_ends_too():
    digests = {
        credit("a", "", "", *contents).digest
        for contents in ((b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"c", b"ab"), ())
    }
    assert len(digests) == 5
    assert DUCK.digest == credit("other", "MIT", "", b"quack").digest


def test_the_line_names_three_of_each_kind():
    geese = tuple(credit(f"goose{i}", "CC-BY-NC-4.0", "") for i in range(4))
    assert flags_told(geese) == "non-commercial: goose0, goose1, goose2 and 1 more"
    assert flags_told((WOOD, MUG, DUCK)) == (
        "non-commercial: objects/duck.glb; unknown licence: objects/mug.obj"
    )
    assert flags_told((WOOD,)) == ""


def test_the_card_keeps_them_and_reads_cards_without_digests(tmp_path):
    card = make_card(rectangles.config(tmp_path), ("duck",), {}, (DUCK, WOOD))
    assert decode_card(encode_card(card), "") == card
    assert card.assets[-2:] == (DUCK, WOOD) and card.assets[0].flag == ""
    shorter = encode_card(card).replace(b'"digest"', b'"unread"')
    assert {asset.digest for asset in decode_card(shorter, "").assets} == {""}


def run(out, *assets):
    def build(config):
        return replace(rectangles.build(config), assets=assets)

    return generate(rectangles.config(out, frames=1), build, rectangles.make)


def test_the_summary_tells_of_flagged_ones_alone(tmp_path):
    told = run(tmp_path / "a", DUCK, WOOD).text().splitlines()
    assert [line.split() for line in told if "licences" in line] == [
        ["licences", "non-commercial:", "objects/duck.glb"]
    ]
    assert "licences" not in run(tmp_path / "b", WOOD).text()
    assert [a.name for a in Dataset.load(tmp_path / "a").card.assets][-2:] == [DUCK.name, WOOD.name]


@pytest.mark.parametrize("others", [(replace(DUCK, digest="0" * 64),), (), (DUCK, MUG)])
def test_a_dataset_is_not_continued_with_other_files(tmp_path, others):
    run(tmp_path, DUCK)
    assert run(tmp_path, replace(DUCK, licence="MIT")).frames_reused == 1
    with pytest.raises(SimgenError, match="other settings: content of objects/.* there, .* now"):
        run(tmp_path, *others)


def test_a_recipe_names_the_files_of_its_scene_and_of_its_randomizers(tmp_path):
    for name in ("cards/red/a.png", "stuff/oak_color.png", "skies/day.hdr"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        if path.suffix == ".png":
            assert cv2.imwrite(str(path), np.zeros((88, 63, 3), np.uint8))
        else:
            path.write_bytes(b"#?RADIANCE")
    (tmp_path / "cards" / "manifest.yaml").write_text("defaults: {licence: CC-BY-NC-4.0}")
    settings = (
        "scene=tabletop", f"objects={tmp_path}/cards", "scene.print_size=[0.063,0.088]",
        f"randomize.materials.textures={tmp_path}/stuff",
    )  # fmt: skip
    made = recipe(*settings, f"randomize.lighting.hdris={tmp_path}/skies")
    assert [(a.name, a.flag) for a in made.assets] == [
        ("objects/red/a.png", NON_COMMERCIAL),
        ("hdris/day.hdr", UNKNOWN),
        ("textures/oak", UNKNOWN),
    ]
    assert made.categories == ("red",)
    assert recipe("scene=warehouse").assets == ()
