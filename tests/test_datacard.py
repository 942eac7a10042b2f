import json
import re
import shutil
from dataclasses import replace
from html import escape as html
from pathlib import Path

import cv2
import mlcroissant
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from simgen.audit.folder import Folder
from simgen.card import decode_card, encode_card
from simgen.credits import credit
from simgen.datacard.__main__ import main
from simgen.datacard.readme import MARK, escape
from simgen.datacard.words import licences
from simgen.dataset import Dataset
from simgen.evaluate.pictures import Pictures
from simgen.generate import generate
from tests import rectangles
from tests.folders import contents

ASSETS = (
    credit("chair.glb", "CC-BY-4.0", "someone"),
    credit("mug.glb", "", ""),
    credit("tree.glb", "CC-BY-NC-4.0", "someone"),
)
CARDS = ("croissant.json", "README.md", "annotations/images.jsonl")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("card") / "out"
    config = rectangles.config(out, frames=5)
    generate(config, lambda config: replace(rectangles.build(config), assets=ASSETS), make)
    return out


def make(recipe, index):
    """Returns frames of which number 3 has no label."""
    frame = rectangles.make(recipe, index)
    if index != 3:
        return frame
    nothing = np.zeros_like(frame.truth.instance)
    return replace(frame, truth=replace(frame.truth, instance=nothing, amodal={}), instances=())


@pytest.fixture(scope="module")
def document(folder) -> mlcroissant.Dataset:
    return mlcroissant.Dataset(str(folder / "croissant.json"))  # raises where it is not valid


def test_mlcroissant_finds_nothing_amiss_but_what_a_publisher_adds(document):
    issues = document.metadata.ctx.issues
    assert not issues.errors
    lacking = {re.search(r'Property "[^"]*/(\w+)"', warning)[1] for warning in issues.warnings}
    assert lacking == {"citeAs", "datePublished", "version"}


def test_mlcroissant_loads_every_image_with_its_boxes(folder, document):
    found = list(document.records("images"))
    records = list(Dataset.load(folder).records())
    assert len(found) == len(records) == 5
    for each, record in zip(found, records):
        name = each["images/file_name"].decode()
        assert f"images/{name}" in record.files
        assert each["images/frame"] == record.frame
        pixels = cv2.imread(str(folder / "images" / name))[:, :, ::-1]
        assert (np.asarray(each["images/image"]) == pixels).all()
        check_labels(each, "images", record)


def check_labels(each, name, record):
    assert [tuple(box) for box in each[f"{name}/boxes"]] == [label.box for label in record.labels]
    categories = [category.decode() for category in each[f"{name}/categories"]]
    assert categories == [label.category for label in record.labels]
    assert each[f"{name}/instances"] == [label.id for label in record.labels]
    fractions = [label.visible_fraction for label in record.labels]
    assert each[f"{name}/visible_fractions"] == pytest.approx(fractions)  # pandas' own rounding


def test_the_labels_load_without_the_pixels(folder, document):
    for each, record in zip(document.records("labels"), Dataset.load(folder).records()):
        assert (each["labels/width"], each["labels/height"]) == (64, 48)
        check_labels(each, "labels", record)


def test_a_changed_file_is_noticed(folder, tmp_path):
    copy = copied(folder, tmp_path)
    lines = copy / "annotations/images.jsonl"
    lines.write_bytes(lines.read_bytes().replace(b'"frame":0', b'"frame":9'))
    with pytest.raises(Exception, match="(?s)images.jsonl|Hash"):
        list(mlcroissant.Dataset(str(copy / "croissant.json")).records("labels"))


def copied(folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(folder, tmp_path / "copy"))


def test_what_is_wrong_with_licences_comes_first(folder):
    assert [each.said for each in licences(Dataset.load(folder).card)] == [
        "CC-BY-NC-4.0 (non-commercial)",
        "unknown licence",
        "CC-BY-4.0",
        "CC0-1.0",
    ]
    text = (folder / "README.md").read_text()
    warning = text.index(
        "> - CC-BY-NC-4.0 (non-commercial): tree.glb\n> - unknown licence: mug.glb"
    )
    assert warning < text.index("Synthetic images")
    description = json.loads((folder / "croissant.json").read_bytes())["description"]
    assert "first: CC-BY-NC-4.0 (non-commercial): tree.glb; unknown licence: mug" in description


def test_the_readme_counts_what_pycocotools_counts(folder, monkeypatch):
    text = (folder / "README.md").read_text()
    labels = [label for record in Dataset.load(folder).records() for label in record.labels]
    assert f"5 images (64x48 pixels), {len(labels)} labelled objects, 1 images without" in text
    for i, name in enumerate(rectangles.CATEGORIES, 1):
        count = sum(label.category == name for label in labels)
        assert f"| {name} | {i} | {count} |" in text
    monkeypatch.chdir(folder)
    loaded = {}
    exec(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1], loaded)
    first = Dataset.load(folder).read(0)
    assert loaded["boxes"] == [list(label.box) for label in first.labels]
    assert [int(mask.sum()) for mask in loaded["masks"]] == [label.area for label in first.labels]
    assert Path(re.search(r"!\[.*?\]\((.*?)\)", text)[1]).is_file()


def test_the_readme_says_which_images_show_one_scene(folder, tmp_path):
    assert "views" not in (folder / "README.md").read_text()
    copy = copied(folder, tmp_path)
    card = decode_card((copy / "dataset.json").read_bytes(), "card")
    card = replace(card, settings=card.settings | {"views": 2})
    (copy / "dataset.json").write_bytes(encode_card(card))
    assert main([str(copy)]) == 0
    assert "They show 3 scenes, 2 views of each" in (copy / "README.md").read_text()
    assert "5 images of 3 scenes" in (copy / "croissant.json").read_text()


def test_the_command_writes_the_same_bytes_and_leaves_a_readme_of_others(folder, tmp_path):
    copy = copied(folder, tmp_path)
    for name in CARDS:
        (copy / name).unlink()
    assert main([str(copy)]) == 0
    assert contents(copy) == contents(folder)
    (copy / "README.md").write_text(text := "# Ours\n")
    assert main([str(copy)]) == 0
    assert (copy / "README.md").read_text() == text
    (copy / "README.md").write_text(f"{MARK}\nold")
    assert main([str(copy)]) == 0
    assert contents(copy) == contents(folder)


def test_a_folder_without_a_dataset_is_told(tmp_path, capsys):
    assert main([str(tmp_path)]) == 1
    assert capsys.readouterr().err == (
        f"simgen: {tmp_path} holds no dataset: dataset.json: it is missing\n"
    )


def test_an_image_without_the_mark_is_not_said_to_have_it(folder, tmp_path):
    copy = copied(folder, tmp_path)
    assert "(XMP)" in (copy / "README.md").read_text()
    cv2.imwrite(str(copy / "images/000000.png"), np.zeros((48, 64, 3), np.uint8))
    assert main([str(copy)]) == 0
    assert "(XMP)" not in (copy / "README.md").read_text()


def test_croissant_is_not_taken_for_annotations(folder, tmp_path):
    copy = copied(folder, tmp_path)
    (copy / "annotations/instances.json").rename(copy / "labels.json")
    (copy / "dataset.json").unlink()
    assert Folder.open(copy).source.annotations == "labels.json"
    assert len(Pictures.open(copy)) == 5


@given(st.text())
def test_names_are_shown_as_they_are(text):
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    rendered = MarkdownIt("commonmark").renderInline(escape(text))
    assert rendered == html(shown, quote=False).replace('"', "&quot;")


def test_a_hostile_card_writes_nothing_else(folder, tmp_path):
    copy = copied(folder, tmp_path)
    card = decode_card((copy / "dataset.json").read_bytes(), "card")
    evil = credit("</td><script>|\n# x", "CC-NC ](javascript:1)", "")
    card = replace(card, assets=(evil,), settings={"scene._target_": "a.<img src=x>.B"})
    (copy / "dataset.json").write_bytes(encode_card(card))
    assert main([str(copy)]) == 0
    page = (
        MarkdownIt("commonmark", {"html": True})
        .enable("table")
        .render((copy / "README.md").read_text().removeprefix(MARK))
    )
    assert "<script" not in page and 'javascript:1"' not in page and page.count("<img") == 1
