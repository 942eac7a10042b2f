"""What load_dataset of the package `datasets` reads back, offline."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as coco

from simgen.errors import SimgenError
from simgen.export.huggingface import Huggingface
from simgen.spec import Body, Shape
from tests.export.posed import CATEGORIES, block, dataset, exported, scene

MUG = Body("mug", Shape.of("mug"), (0.6, -2.0, 0.4), category="mug")

SPECS = [
    scene(*(block((0.7 * j - 0.7, 0.2 * i, 0.1)) for j in range(i % 3)), *([MUG] * (i == 4)))
    for i in range(6)
]
SPLITS = ["train", "val", "train"] * 2


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("made") / "out", SPECS)


@pytest.fixture
def load(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    import datasets

    datasets.disable_progress_bars()
    return lambda folder: datasets.load_dataset(str(folder), cache_dir=str(tmp_path / "cache"))


@pytest.mark.parametrize("layout", ["imagefolder", "parquet"])
def test_datasets_gives_back_every_picture_and_label(made, load, tmp_path, layout):
    assert exported(made, Huggingface(layout), tmp_path / "hf", SPLITS) == {}
    found = load(tmp_path / "hf")
    assert {name: len(rows) for name, rows in found.items()} == {"train": 4, "validation": 2}
    for name, split in (("train", "train"), ("validation", "val")):
        numbers = [i for i, each in enumerate(SPLITS) if each == split]
        assert found[name]["image_id"] == numbers
        for row, number in zip(found[name], numbers):
            check(row, made, number)
    category = found["train"].features["objects"]["category"].feature
    assert tuple(category.names) == CATEGORIES


def check(row, made, number):
    labels = made.read(number).labels
    path = made.path(f"images/{number:06d}.png")
    assert (np.asarray(row["image"]) == np.asarray(Image.open(path))).all()
    objects = row["objects"]
    assert (row["width"], row["height"]) == row["image"].size == (96, 64)
    assert objects["bbox"] == [list(label.box) for label in labels]
    assert [CATEGORIES[i] for i in objects["category"]] == [label.category for label in labels]
    assert objects["id"] == [label.id for label in labels]
    assert objects["area"] == [label.area for label in labels]
    assert objects["visible_fraction"] == [label.visible_fraction for label in labels]
    assert objects["truncation"] == [label.truncation for label in labels]
    for counts, label in zip(objects["mask"], labels):
        assert coco.decode({"size": [64, 96], "counts": counts}).sum() == label.area
    for points, label in zip(objects["keypoints"], labels):
        expected = [(k.x, k.y, k.visibility) for k in label.keypoints]
        assert np.allclose(np.reshape(points, (-1, 3)), np.reshape(expected, (-1, 3)), rtol=1e-6)


def test_some_object_has_keypoints_and_some_picture_no_object(made):
    records = list(made.records())
    assert any(label.keypoints for record in records for label in record.labels)
    assert any(not record.labels for record in records)


def test_both_layouts_have_the_same_columns(made, load, tmp_path):
    features = []
    for layout in ("imagefolder", "parquet"):
        exported(made, Huggingface(layout), tmp_path / layout)
        features.append(load(tmp_path / layout)["train"].features)
    assert features[0] == features[1]
    (tmp_path / "parquet/README.md").unlink()
    assert load(tmp_path / "parquet")["train"].features == features[0]


def test_parquet_is_bounded_and_the_same_each_time(made, tmp_path):
    form = Huggingface("parquet", shard_mb=0.002)
    for name in ("one", "two"):
        exported(made, form, tmp_path / name, SPLITS)
    one, two = (
        {path.name: path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert one == two
    assert len([name for name in one if name.startswith("train-")]) > 1


def test_the_pictures_of_a_parquet_file_are_the_files_themselves(made, tmp_path):
    import pyarrow.parquet

    exported(made, Huggingface("parquet"), tmp_path)
    table = pyarrow.parquet.read_table(tmp_path / "data/train-00000.parquet")
    for i, image in enumerate(table["image"].to_pylist()):
        assert image["bytes"] == made.path(f"images/{i:06d}.png").read_bytes()
        assert Image.open(BytesIO(image["bytes"])).format == "PNG"


def test_a_split_without_any_object_loads_too(load, tmp_path):
    empty = dataset(tmp_path / "made", [scene(block()), scene(), scene(block())])
    exported(empty, Huggingface(), tmp_path / "hf", ["train", "val", "test"])
    assert load(tmp_path / "hf")["validation"][0]["objects"]["bbox"] == []


def test_a_wrong_option_is_told():
    with pytest.raises(SimgenError, match="layout='arrow' is not known"):
        Huggingface("arrow")
    with pytest.raises(SimgenError, match="shard_mb"):
        Huggingface(shard_mb=0)
