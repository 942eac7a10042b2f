"""WebDataset shards, read back by the package webdataset."""

import json
from io import BytesIO

import cv2
import numpy as np
import OpenEXR
import pytest
import webdataset
from PIL import Image
from pycocotools import mask as coco

from simgen.errors import SimgenError
from simgen.export.webdataset import Webdataset
from tests.export.posed import block, dataset, exported, scene

SPECS = [scene(*(block((0.7 * j - 0.7, 0.2 * i, 0.1)) for j in range(i % 4))) for i in range(9)]
SPLITS = ["train", "val", "train"] * 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("made") / "out", SPECS)


@pytest.fixture(scope="module")
def out(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("shards")
    assert exported(made, Webdataset(shard_mb=0.03), folder, SPLITS) == {}
    return folder


def loaded(folder, split):
    shards = sorted(map(str, folder.glob(f"{split}-*.tar")))
    return list(webdataset.WebDataset(shards, shardshuffle=False, empty_check=False))


@pytest.mark.parametrize("split", ["train", "val"])
def test_webdataset_gives_back_pictures_labels_and_depth(made, out, split):
    samples = loaded(out, split)
    numbers = [i for i, name in enumerate(SPLITS) if name == split]
    assert [sample["__key__"] for sample in samples] == [f"{i:06d}" for i in numbers]
    for sample, number in zip(samples, numbers):
        record = made.read(number)
        assert sample["png"] == made.path(f"images/{number:06d}.png").read_bytes()
        assert sample["instance.png"] == made.path(f"instance/{number:06d}.png").read_bytes()
        depth = OpenEXR.File(BytesIO(sample["depth.exr"])).channels()["Z"].pixels
        instance = cv2.imdecode(np.frombuffer(sample["instance.png"], np.uint8), -1)
        assert (np.isfinite(depth) == (instance > 0)).all()
        about = json.loads(sample["json"])
        assert about["image"]["id"] == number
        assert about["image"]["file_name"] == f"{number:06d}.png"
        assert [a["bbox"] for a in about["annotations"]] == [list(x.box) for x in record.labels]
        assert [a["category"] for a in about["annotations"]] == ["block"] * len(record.labels)
        for annotation in about["annotations"]:
            mask = coco.decode(annotation["segmentation"])
            assert (mask == (instance == annotation["instance_id"])).all()


def test_webdatasets_own_decoders_take_it(out):
    shards = sorted(map(str, out.glob("train-*.tar")))
    pipeline = (
        webdataset.WebDataset(shards, shardshuffle=False).decode("rgb8").to_tuple("png", "json")
    )
    image, about = next(iter(pipeline))
    assert image.shape == (64, 96, 3) and image.dtype == np.uint8
    assert about["annotations"] == []


def test_shards_are_bounded_and_full(out):
    sizes = [path.stat().st_size for path in sorted(out.glob("train-*.tar"))]
    assert len(sizes) > 1 and max(sizes) <= 30_000
    assert all(a + b > 30_000 for a, b in zip(sizes, sizes[1:]))


def test_a_sample_larger_than_a_shard_has_one_of_its_own(made, tmp_path):
    exported(made, Webdataset(shard_mb=0.001), tmp_path)
    assert len(list(tmp_path.glob("train-*.tar"))) == 9
    assert [sample["__key__"] for sample in loaded(tmp_path, "train")] == [
        f"{i:06d}" for i in range(9)
    ]


def test_shards_are_the_same_bytes_each_time(made, out, tmp_path):
    exported(made, Webdataset(shard_mb=0.03), tmp_path, SPLITS)
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {
        p.name: p.read_bytes() for p in out.iterdir()
    }


def test_only_the_chosen_files_go_along(made, tmp_path):
    exported(made, Webdataset(files=("depth",)), tmp_path)
    keys = {key for key in loaded(tmp_path, "train")[0] if not key.startswith("__")}
    assert keys == {"png", "json", "depth.exr"}


def test_a_file_that_the_dataset_lacks_is_told(made, tmp_path):
    with pytest.raises(SimgenError, match=r"the dataset has no normals/: generate .*normals\]"):
        exported(made, Webdataset(files=("normals",)), tmp_path)


def test_a_wrong_option_is_told():
    with pytest.raises(SimgenError, match="include='pots' is not known; did you mean 'pose'"):
        Webdataset(include=("pots",))
    with pytest.raises(SimgenError, match="files=depth must be a list"):
        Webdataset(files="depth")


def test_pictures_stay_as_they_are_with_their_mark(made, out):
    with Image.open(BytesIO(loaded(out, "val")[0]["png"])) as image:
        assert "algorithmicMedia" in image.info["XML:com.adobe.xmp"]
