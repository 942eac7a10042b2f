import json

import cv2
import numpy as np
import pytest
from pycocotools.coco import COCO

from simgen.dataset import CARD
from simgen.errors import SimgenError
from simgen.evaluate.album import canvas, decoded
from simgen.evaluate.gauges import sight
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.subjects import Subject
from tests.evaluate.folders import squares
from tests.evaluate.folders_of import photo


def test_boxes_and_labels_are_those_that_pycocotools_reads(tmp_path):
    pictures = Pictures.open(squares(tmp_path / "a", 5, seed=1))
    coco = COCO(tmp_path / "a" / "instances.json")
    assert pictures.labelled and pictures.categories == ("red", "blue") and len(pictures) == 5
    for i, picture in enumerate(pictures.pictures):
        entries = coco.loadAnns(coco.getAnnIds(imgIds=[i]))
        np.testing.assert_array_equal(picture.boxes, [entry["bbox"] for entry in entries])
        np.testing.assert_array_equal(picture.labels + 1, [e["category_id"] for e in entries])
        assert picture.read().shape == (48, 64, 3) and picture.frame is None


def test_colours_are_red_green_blue(tmp_path):
    picture = Pictures.open(squares(tmp_path / "a", 1, seed=1, names=("red",))).pictures[0]
    x, y, *_ = picture.boxes[-1].astype(int)
    assert tuple(picture.read()[y + 1, x + 1]) == (220, 40, 40)


def test_images_alone_have_no_labels(tmp_path):
    cv2.imwrite(str(tmp_path / "b.jpg"), np.zeros((4, 6, 3), np.uint8))
    (tmp_path / "deep").mkdir()
    cv2.imwrite(str(tmp_path / "deep" / "a.png"), np.zeros((4, 6, 3), np.uint8))
    pictures = Pictures.open(tmp_path)
    assert [p.name for p in pictures.pictures] == ["b.jpg", "deep/a.png"]
    assert not pictures.labelled and pictures.pictures[0].boxes.shape == (0, 4)


def test_other_categories_are_left_out_and_the_rest_renumbered(tmp_path):
    pictures = Pictures.open(squares(tmp_path / "a", 12, seed=2))
    blue = pictures.with_categories(["green", "blue"])
    for before, after in zip(pictures.pictures, blue.pictures):
        np.testing.assert_array_equal(after.boxes, before.boxes[before.labels == 1])
        assert set(after.labels) <= {1} and len(after.annotations) == len(after.boxes)


def test_categories_with_nothing_in_common_are_told_at_once(tmp_path):
    pictures = Pictures.open(squares(tmp_path / "a", 2, seed=2))
    with pytest.raises(SimgenError, match="nothing in common with rad; did you mean 'red'"):
        pictures.with_categories(["rad"])


def test_the_digest_tells_other_pixels_and_other_boxes(tmp_path):
    first = Pictures.open(squares(tmp_path / "a", 3, seed=1))
    assert first.digest == Pictures.open(squares(tmp_path / "b", 3, seed=1)).digest
    assert first.digest != Pictures.open(squares(tmp_path / "c", 3, seed=2)).digest
    coco = json.loads((tmp_path / "b" / "instances.json").read_text())
    coco["annotations"][0]["bbox"][2] += 1
    (tmp_path / "b" / "instances.json").write_text(json.dumps(coco))
    assert first.digest != Pictures.open(tmp_path / "b").digest


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda f: f / "nowhere", "is no folder"),
        (lambda f: [p.unlink() for p in (f / "images").iterdir()] and f, "0000.png: it is missing"),
        (lambda f: (f / "images/0000.png").write_bytes(b"none") and f, "no picture that can"),
        (lambda f: (f / "instances.json").write_text("{") and f, "/mine/instances.json: no such"),
        (lambda f: f.joinpath("instances_b.json").write_text("{}") and f, "real_annotations="),
    ],
)
def test_what_cannot_be_used_is_one_line_that_names_it(tmp_path, spoil, message):
    folder = squares(tmp_path / "mine", 2, seed=1)
    with pytest.raises(SimgenError, match=message) as caught:
        pictures = Pictures.open(spoil(folder))
        [picture.read() for picture in pictures.pictures]
    assert "\n" not in str(caught.value)
    assert message == "is no folder" or "/mine" in str(caught.value)  # which of two folders


def changed(folder, **first):
    """Returns the folder with another first annotation."""
    coco = json.loads((folder / "instances.json").read_text())
    coco["annotations"][0] |= first
    (folder / "instances.json").write_text(json.dumps(coco))
    return folder


@pytest.mark.parametrize(
    "box", [["x", 1, 2, 3], [1, 2, 3], [1, 2, -3, 4], [0, 0, 1e300, 1], [10**400, 0, 1, 1], None]
)
def test_a_box_that_is_none_is_told(tmp_path, box):
    with pytest.raises(SimgenError, match="is no box") as caught:
        Pictures.open(changed(squares(tmp_path / "a", 1, seed=1), bbox=box))
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


@pytest.mark.parametrize(("category", "kept"), [([1], 0), ({}, 0), (None, 0), (9, 0), (2.0, 1)])
def test_labels_without_a_category_are_left_out(tmp_path, category, kept):
    folder = squares(tmp_path / "a", 1, seed=1)
    before = len(Pictures.open(folder).pictures[0].boxes)
    found = Pictures.open(changed(folder, category_id=category)).pictures[0]
    assert len(found.boxes) == before - 1 + kept


def test_of_a_dataset_without_a_coco_file_the_images_are_the_pictures(tmp_path):
    folder = squares(tmp_path / "a", 2, seed=1)
    (folder / "instances.json").unlink()
    (folder / "depth").mkdir()
    (folder / "depth" / "0000.png").write_bytes((folder / "images" / "0000.png").read_bytes())
    assert len(Pictures.open(folder)) == 3
    (folder / CARD).write_text("{}")
    assert [p.name for p in Pictures.open(folder).pictures] == [
        "images/0000.png",
        "images/0001.png",
    ]


def test_a_name_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = squares(tmp_path / "a", 1, seed=1)
    text = (folder / "instances.json").read_text().replace("0000.png", "../../secret.png")
    (folder / "instances.json").write_text(text)
    with pytest.raises(SimgenError, match="out of the folder"):
        Pictures.open(folder)


RED = (220, 40, 40)


def phone(folder, orientation, size, box):
    """Returns a folder with a photo stored 64 x 48, red at x 8 to 24, y 4 to 12, and its labels."""
    folder.mkdir()
    pixels = np.full((48, 64, 3), 110, np.uint8)
    pixels[4:12, 8:24] = RED
    photo(folder / "a.jpg", pixels, orientation)
    image = {"id": 0, "file_name": "a.jpg"} | (dict(zip(("width", "height"), size)) if size else {})
    thing = {"id": 1, "image_id": 0, "category_id": 1, "bbox": box, "area": 128, "iscrowd": 0}
    kinds = [{"id": 1, "name": "red"}]
    coco = {"images": [image], "annotations": [thing], "categories": kinds}
    (folder / "instances.json").write_text(json.dumps(coco))
    return folder


STORED, TURNED = [8, 4, 16, 8], [36, 8, 8, 16]  # x, y, width, height of the red


@pytest.mark.parametrize(
    ("orientation", "size", "box", "shape"),
    [
        (6, (64, 48), STORED, (48, 64)),
        (6, (48, 64), TURNED, (64, 48)),
        (6, (48.0, 64.0), TURNED, (64, 48)),
        (6, None, STORED, (48, 64)),
        (6, (99, 7), STORED, (48, 64)),
        (3, (64, 48), STORED, (48, 64)),
        (1, (64, 48), STORED, (48, 64)),
    ],
)
def test_boxes_lie_on_what_they_name_whatever_the_exif_data_says(
    tmp_path, orientation, size, box, shape
):
    pictures = Pictures.open(phone(tmp_path / "a", orientation, size, box))
    (picture,) = pictures.pictures
    (part,) = Subject(picture, picture.boxes).read()
    x, y, width, height = box
    inside = picture.read()[y + 1 : y + height - 1, x + 1 : x + width - 1].reshape(-1, 3)
    assert np.abs(inside.astype(int) - RED).max() < 40
    assert part.shape[0] < part.shape[1] if width > height else part.shape[0] > part.shape[1]
    assert picture.read().shape[:2] == decoded(picture).shape == shape
    assert (sight(picture).height, sight(picture).width) == shape
    assert canvas(pictures, 64) == (64, 64)


def test_pictures_without_labels_are_turned_as_people_see_them(tmp_path):
    folder = phone(tmp_path / "a", 6, None, STORED)
    (folder / "instances.json").unlink()
    assert Pictures.open(folder).pictures[0].read().shape == (64, 48, 3)


def test_what_was_made_of_turned_pixels_is_not_taken_for_the_stored_ones(tmp_path):
    def opened(name, orientation, size, box):
        return Pictures.open(phone(tmp_path / name, orientation, size, box))

    lying, upright = opened("a", 6, (64, 48), STORED), opened("b", 6, (48, 64), STORED)
    of_file = [each.pictures[0].digest for each in (lying, upright)]
    assert of_file[0] == of_file[1] == upright.pictures[0].seen != lying.pictures[0].seen
    assert lying.digest != upright.digest
    assert Subject(lying.pictures[0]).key != Subject(upright.pictures[0]).key
    straight = opened("c", 1, (64, 48), STORED).pictures[0]
    assert straight.seen == straight.digest
