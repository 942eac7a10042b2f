"""COCO's files as pycocotools, panopticapi and supervision read them."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.export.coco import Coco
from simgen.export.convert import Choices
from simgen.export.splits import Splits
from simgen.truth.rle import decode
from simgen.writers.panoptic import Panoptic
from tests import rectangles
from tests.export.drawn import exported, samples

HALVES = Splits((0.5, 0.5))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Dataset:
    """Returns 8 frames with panoptic/, in the second of them nothing."""
    folder = tmp_path_factory.mktemp("made") / "data"
    config = rectangles.config(folder)
    recipe = rectangles.build(config)
    card = make_card({"seed": 0, "randomize": ()}, recipe.categories, {"simgen": "test"})
    of = Dataset.open(folder, card, config)
    for number in range(8):
        few = rectangles.Rectangles(count=0 if number == 1 else 6)
        frame = rectangles.make(few, number)
        of.commit(frame, [*recipe.writers.values(), Panoptic()])
    return of


@pytest.fixture(scope="module")
def out(made, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("coco") / "out"
    exported(made, folder, Coco(), HALVES)
    return folder


def test_pycocotools_gives_every_label_back(made, out):
    seen = set()
    for split in ("train", "val"):
        coco = COCO(str(out / f"annotations/instances_{split}.json"))
        for number in coco.getImgIds():
            truth = samples(made)[number]
            image = coco.loadImgs([number])[0]
            assert (out / f"images/{split}" / image["file_name"]).is_file()
            assert (image["width"], image["height"]) == (truth.width, truth.height)
            found = coco.loadAnns(coco.getAnnIds([number]))
            assert [each["instance_id"] for each in found] == [label.id for label in truth.labels]
            for each, label in zip(found, truth.labels, strict=True):
                assert (coco.annToMask(each).astype(bool) == decode(label.mask)).all()
                assert tuple(each["bbox"]) == label.box and each["area"] == label.area
                assert coco.loadCats([each["category_id"]])[0]["name"] == label.category
                assert tuple(each["amodal_bbox"]) == label.amodal_box
            seen.add(number)
    assert seen == set(range(8))


def test_supervision_gives_every_mask_back(made, out):
    supervision = pytest.importorskip("supervision")
    for split in ("train", "val"):
        of = supervision.DetectionDataset.from_coco(
            str(out / f"images/{split}"), str(out / f"annotations/instances_{split}.json"), True
        )
        for path, _, found in of:
            truth = samples(made)[int(Path(path).stem)]
            for i, label in enumerate(truth.labels):
                x, y, w, h = label.box
                assert tuple(found.xyxy[i]) == (x, y, x + w, y + h)
                assert (found.mask[i] == decode(label.mask)).all()
                assert of.classes[found.class_id[i]] == label.category
            assert len(found) == len(truth.labels)


def test_every_pixel_is_in_the_segment_that_the_panoptic_file_says(made, out):
    for split in ("train", "val"):
        about = json.loads((out / f"annotations/panoptic_{split}.json").read_bytes())
        things = {c["id"]: c["name"] for c in about["categories"] if c["isthing"]}
        for entry in about["annotations"]:
            truth = samples(made)[entry["image_id"]]
            rgb = cv2.imread(str(out / f"panoptic/{split}" / entry["file_name"]))[:, :, ::-1]
            ids = rgb.astype(int) @ (1, 256, 65536)
            assert set(np.unique(ids)) - {0} == {s["id"] for s in entry["segments_info"]}
            segments = {s["id"]: s for s in entry["segments_info"]}
            for label in truth.labels:
                assert ((ids == label.id) == decode(label.mask)).all()
                assert things[segments[label.id]["category_id"]] == label.category
                assert tuple(segments[label.id]["bbox"]) == label.box


def test_panopticapi_finds_it_the_same_as_itself(out):
    evaluation = pytest.importorskip("panopticapi.evaluation")
    file, maps = out / "annotations/panoptic_train.json", out / "panoptic/train"
    result = evaluation.pq_compute(str(file), str(file), str(maps), str(maps))
    assert result["All"]["pq"] == pytest.approx(1.0)


def test_objects_that_are_left_out_stay_in_the_panoptic_maps(made, tmp_path):
    summary = exported(made, tmp_path / "out", Coco(), choices=Choices(min_visible_px=150))
    about = json.loads((tmp_path / "out/annotations/panoptic_train.json").read_bytes())
    segments = sum(s["id"] < 65536 for e in about["annotations"] for s in e["segments_info"])
    assert summary.lost["objects left out: below min_visible_px"] + summary.labels == segments


def test_without_panoptic_there_is_no_file(made, tmp_path):
    exported(made, tmp_path / "out", Coco(panoptic=False))
    assert not (tmp_path / "out/panoptic").exists()
    assert [p.name for p in (tmp_path / "out/annotations").iterdir()] == ["instances_train.json"]


def test_annotations_say_what_is_asked_for(made, tmp_path):
    include = ("cuboid", "pose", "occluders")
    exported(made, tmp_path / "out", Coco(include))
    file = json.loads((tmp_path / "out/annotations/instances_train.json").read_bytes())
    entry, label = file["annotations"][0], samples(made)[0].labels[0]
    assert tuple(entry["pose"]["position"]) == label.camera_position
    assert len(entry["cuboid"]) == 8 and "amodal_bbox" not in entry
    with pytest.raises(SimgenError, match="include='cubid' is not known; did you mean 'cuboid'"):
        Coco(("cubid",))
    with pytest.raises(SimgenError, match="include=amodal must be a list"):
        Coco("amodal")
