import json
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest
from pycocotools.coco import COCO

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.writers.coco import Coco
from simgen.writers.images import Images
from tests import rectangles

FRAMES = (0, 3, 1234567)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "out"


def written(folder, coco: Coco, frames=FRAMES) -> COCO:
    config = rectangles.config(folder)
    dataset = Dataset.open(folder, make_card(config, rectangles.CATEGORIES, {}), config)
    for index in frames:
        dataset.commit(frame(index), (Images(), coco))
    coco.finish(dataset)
    with redirect_stdout(StringIO()):
        return COCO(folder / "annotations/instances.json")


def frame(index: int):
    return rectangles.make(rectangles.Rectangles(count=12), index)


def test_every_mask_is_the_instance_map(folder):
    coco = written(folder, Coco())
    for index in FRAMES:
        truth = frame(index).truth
        annotations = coco.loadAnns(coco.getAnnIds(imgIds=[index]))
        assert {a["instance_id"] for a in annotations} == set(truth.amodal)
        for annotation in annotations:
            mask = coco.annToMask(annotation).astype(bool)
            assert (mask == (truth.instance == annotation["instance_id"])).all()


def test_area_box_and_the_rest_are_the_mask_s(folder):
    coco = written(folder, Coco())
    for annotation in coco.loadAnns(coco.getAnnIds()):
        mask = coco.annToMask(annotation)
        rows, columns = np.nonzero(mask)
        x, y = columns.min(), rows.min()
        assert annotation["bbox"] == [x, y, columns.max() + 1 - x, rows.max() + 1 - y]
        assert annotation["area"] == mask.sum()
        assert annotation["iscrowd"] == 0
        body = frame(annotation["image_id"]).spec.bodies[annotation["instance_id"] - 1]
        assert coco.cats[annotation["category_id"]]["name"] == body.category


def test_amodal_masks_hold_the_visible_ones(folder):
    coco = written(folder, Coco())
    hidden = 0
    for annotation in coco.loadAnns(coco.getAnnIds()):
        whole = {**annotation, "segmentation": annotation["amodal_segmentation"]}
        amodal = coco.annToMask(whole)
        assert (amodal >= coco.annToMask(annotation)).all()
        assert annotation["amodal_area"] == amodal.sum()
        assert annotation["visible_fraction"] == annotation["area"] / amodal.sum()
        hidden += annotation["visible_fraction"] < 1
    assert hidden


def test_ids_are_unique_and_a_frame_s_own(folder, tmp_path):
    coco = written(folder, Coco())
    ids = [annotation["id"] for annotation in coco.dataset["annotations"]]
    assert len(set(ids)) == len(ids)
    assert all(i == a["image_id"] * 65536 + a["instance_id"] for i, a in coco.anns.items())
    alone = written(tmp_path / "alone", Coco(), frames=[3])
    for i, annotation in alone.anns.items():
        assert coco.anns[i] == annotation


def test_images_and_categories(folder):
    coco = written(folder, Coco())
    assert [coco.cats[i]["name"] for i in (1, 2, 3)] == list(rectangles.CATEGORIES)
    assert set(coco.imgs) == set(FRAMES)
    image = coco.imgs[3]
    assert image == {"id": 3, "file_name": "000003.jpg", "width": 64, "height": 48}
    assert (folder / "images" / image["file_name"]).is_file()


@pytest.mark.parametrize(
    ("field", "measure"),
    [("min_visible_px", "area"), ("min_visible_fraction", "visible_fraction")],
)
def test_what_is_left_out_is_counted(folder, tmp_path, field, measure):
    every = written(tmp_path / "every", Coco()).dataset
    found = sorted(annotation[measure] for annotation in every["annotations"])
    least = found[len(found) // 3]  # one is at the threshold: it stays
    some = written(folder, Coco(**{field: least})).dataset
    assert some["annotations"] == [a for a in every["annotations"] if a[measure] >= least]
    left_out = len(every["annotations"]) - len(some["annotations"])
    assert left_out > 0
    assert some["info"]["left_out"].pop(f"below_{field}") == left_out
    assert some["info"]["annotations"] == len(some["annotations"])
    assert set(some["info"]["left_out"].values()) == {0}
    assert some["images"] == every["images"]


def test_no_licence_is_made_up(folder):
    dataset = written(folder, Coco()).dataset
    assert dataset["licenses"] == []
    assert not any("license" in image for image in dataset["images"])


def test_a_dataset_without_objects_loads(folder):
    config = rectangles.config(folder)
    dataset = Dataset.open(folder, make_card(config, rectangles.CATEGORIES, {}), config)
    Coco().finish(dataset)
    data = json.loads((folder / "annotations/instances.json").read_bytes())
    assert data["images"] == data["annotations"] == []
