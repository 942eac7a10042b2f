"""The panoptic files, read as https://cocodataset.org/#format-data says, without simgen's help."""

import json

import cv2
import numpy as np
import pytest

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.writers.images import Images
from simgen.writers.panoptic import Panoptic
from tests import rectangles

FRAMES = (0, 3, 1234567)


def frame(index: int):
    return rectangles.make(rectangles.Rectangles(count=12), index)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


def dataset(folder, frames=FRAMES, categories=rectangles.CATEGORIES) -> Dataset:
    config = rectangles.config(folder)
    made = Dataset.open(folder, make_card(config, categories, {}), config)
    for index in frames:
        made.commit(frame(index), (Images(), Panoptic()))
    return made


def written(folder, **given) -> dict:
    made = dataset(folder, **given)
    Panoptic().finish(made)
    return json.loads((folder / "annotations/panoptic.json").read_bytes())


def segments(folder, name: str) -> np.ndarray:
    bgr = cv2.imread(str(folder / "panoptic" / name)).astype(int)
    return bgr[:, :, 2] + 256 * bgr[:, :, 1] + 65536 * bgr[:, :, 0]


def test_segments_are_counted_pixel_by_pixel(folder):
    for annotation in written(folder)["annotations"]:
        seen = segments(folder, annotation["file_name"])
        ids = [segment["id"] for segment in annotation["segments_info"]]
        assert sorted(ids) == sorted(set(np.unique(seen)) - {0})
        for segment in annotation["segments_info"]:
            rows, columns = np.nonzero(seen == segment["id"])
            x, y = columns.min(), rows.min()
            assert segment["area"] == len(rows)
            assert segment["bbox"] == [x, y, columns.max() + 1 - x, rows.max() + 1 - y]
            assert segment["iscrowd"] == 0


def test_areas_and_what_shows_nothing_add_up_to_all_pixels(folder):
    for annotation in written(folder)["annotations"]:
        seen = frame(annotation["image_id"]).truth.instance
        total = sum(segment["area"] for segment in annotation["segments_info"])
        assert total + (seen == 0).sum() == seen.size


def test_things_are_the_instances_and_stuff_is_grouped_by_prop(folder):
    data, both = written(folder), set()
    categories = {category["id"]: category for category in data["categories"]}
    for annotation in data["annotations"]:
        made = frame(annotation["image_id"])
        seen, stuff = segments(folder, annotation["file_name"]), np.zeros(made.truth.instance.shape)
        for segment in annotation["segments_info"]:
            here, category = seen == segment["id"], categories[segment["category_id"]]
            both.add(category["isthing"])
            if category["isthing"]:
                assert (here == (made.truth.instance == segment["id"])).all()
                assert made.spec.bodies[segment["id"] - 1].category == category["name"]
            else:
                assert category["name"] == "block-stuff"
                unlabelled = [i for i, b in enumerate(made.spec.bodies, 1) if not b.category]
                assert (here == np.isin(made.truth.instance, unlabelled)).all()
                stuff += here
        assert stuff.max() == 1
    assert both == {0, 1}


def test_categories_are_complete_apart_and_the_same_for_other_classes(folder, tmp_path):
    categories = written(folder)["categories"]
    assert [c["name"] for c in categories if c["isthing"]] == list(rectangles.CATEGORIES)
    assert [c["id"] for c in categories if c["isthing"]] == [1, 2, 3]
    for key in ("id", "name", "color"):
        assert len({json.dumps(c[key]) for c in categories}) == len(categories)
    assert all(len(c["color"]) == 3 and set(c["color"]) <= set(range(256)) for c in categories)
    other = written(tmp_path / "other", frames=(), categories=("a", "b", "c", "d"))["categories"]
    stuff, others = ([c for c in some if not c["isthing"]] for some in (categories, other))
    assert stuff == others and len(stuff) > 10


def test_images_are_those_of_instances_json(folder):
    data = written(folder)
    assert [image["id"] for image in data["images"]] == list(FRAMES)
    assert [a["image_id"] for a in data["annotations"]] == list(FRAMES)
    assert data["images"][1]["file_name"] == "000003.jpg"
    assert data["annotations"][1]["file_name"] == "000003.png"


def test_very_many_categories_stay_apart_from_stuff(folder):
    many = tuple(f"c{i}" for i in range(1500))
    categories = written(folder, frames=(), categories=many)["categories"]
    assert len({category["id"] for category in categories}) == len(categories) > 1500


def test_a_dataset_without_frames_is_valid(folder):
    data = written(folder, frames=())
    assert data["images"] == data["annotations"] == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "panoptic/000003.png: it is missing"),
        (lambda path: path.write_bytes(b""), "panoptic/000003.png is no picture"),
        (lambda path: path.write_bytes(b"PNG"), "panoptic/000003.png is no picture"),
        (
            lambda path: cv2.imwrite(str(path), np.full((4, 4, 3), 200, np.uint8)),
            "panoptic/000003.png shows segment 13158600",
        ),
    ],
)
def test_a_damaged_map_is_named_and_how_to_mend_it(folder, spoil, said):
    made = dataset(folder)
    spoil(folder / "panoptic/000003.png")
    with pytest.raises(SimgenError) as error:
        Panoptic().finish(made)
    assert str(error.value).startswith(said) and "run again" in str(error.value)
    assert not (folder / "annotations/panoptic.json").exists()
