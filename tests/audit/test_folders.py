"""Folders of images with a COCO file that simgen did not make."""

import json

import cv2
import numpy as np
import pytest

from simgen.audit.audit import audit
from simgen.audit.folder import Folder
from simgen.errors import SimgenError

SIZE = (80, 100)  # height, width


def put(folder, annotations, images=1, name="instances.json", **entry):
    """Writes images with a bright square each, and a COCO file."""
    (folder / "images").mkdir(parents=True, exist_ok=True)
    entries = []
    for i in range(1, images + 1):
        rng = np.random.default_rng(i)
        pixels = rng.integers(0, 255, (*SIZE, 3), np.uint8)
        pixels[20:60, 30:70] = 255 - i
        (folder / "images" / f"{i}.png").write_bytes(cv2.imencode(".png", pixels)[1])
        size = {"width": SIZE[1], "height": SIZE[0]}
        entries.append({"id": i, "file_name": f"{i}.png", **size, **entry})
    content = {
        "images": entries,
        "annotations": annotations,
        "categories": [{"id": 17, "name": "cat"}, {"id": 90, "name": "brush"}],
    }
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))
    return folder


def square(i=1, **changes):
    """Returns the annotation of the bright square, as outline."""
    outline = [30, 20, 70, 20, 70, 60, 30, 60]
    return {
        "id": i, "image_id": 1, "category_id": 17, "bbox": [30, 20, 40, 40], "area": 1600,
        "iscrowd": 0, "segmentation": [outline],
    } | changes  # fmt: skip


def findings(folder, **options):
    outcomes = audit(Folder.open(folder, **options)).outcomes
    return {
        name: [(f.severity, f.instance) for f in each.findings]
        for name, each in outcomes.items()
        if each.findings
    }


def test_sound_annotations_are_not_accused(tmp_path):
    runs = {"size": list(SIZE), "counts": [30 * 80 + 20, *[40, 40] * 39, 40, 29 * 80 + 100]}
    runs["counts"][-1] = SIZE[0] * SIZE[1] - sum(runs["counts"][:-1])
    boxed = square(3, segmentation=[], bbox=[0, 0, 10.5, 10], category_id=90, area=105)
    masked = square(2, segmentation=runs, category_id=90)
    assert findings(put(tmp_path, [square(), masked, boxed])) == {}


@pytest.mark.parametrize(
    "check, severity, changes",
    [
        ("box_in_image", "error", {"bbox": [70, 20, 40, 40], "segmentation": [], "area": 1600}),
        ("box_in_image", "warning", {"bbox": [60, 39, 41, 40], "segmentation": [], "area": 1600}),
        ("box_in_image", "error", {"bbox": [30, 20, 0, 40], "segmentation": [], "area": 0}),
        ("box_fits", "warning", {"bbox": [28, 20, 42, 40]}),
        ("box_fits", "error", {"bbox": [10, 10, 40, 40]}),
        ("box_fits", "error", {"bbox": [20, 30, 40, 40]}),
        ("area_fits", "warning", {"area": 2000}),
        ("area_fits", "error", {"area": 3000}),
        ("area_fits", "error", {"segmentation": [], "area": 5000}),
        ("annotation", "error", {"bbox": [30, 20, 40]}),
        ("annotation", "error", {"bbox": "30 20 40 40"}),
        ("annotation", "error", {"category_id": 3}),
        ("annotation", "error", {"category_id": None}),
        ("annotation", "error", {"segmentation": [[30, 20, 70]]}),
        ("annotation", "error", {"segmentation": [["a"] * 8]}),
        ("annotation", "error", {"iscrowd": 2}),
        ("annotation", "error", {"bbox": None, "segmentation": None}),
        ("annotation", "error", {"area": True}),
        ("mask", "error", {"segmentation": {"size": [100, 80], "counts": [8000]}}),
        ("mask", "error", {"segmentation": {"size": list(SIZE), "counts": "PPPP"}}),
        ("mask", "error", {"segmentation": {"size": list(SIZE), "counts": {"a": 1}}}),
    ],
)
def test_what_is_wrong_with_an_annotation_is_found(tmp_path, check, severity, changes):
    found = findings(put(tmp_path, [square(5, **changes)]))
    assert (severity, 5) in found[check]


def test_an_object_annotated_twice_is_found(tmp_path):
    near = square(2, bbox=[30, 20, 40, 41], segmentation=[])
    other = square(3, category_id=90)
    found = findings(put(tmp_path, [square(), near, other]))
    assert found == {"repeated": [("warning", 2)]}
    assert findings(put(tmp_path, [square(), square(2)]))["repeated"] == [("error", 2)]


def test_very_many_annotations_of_an_image_fit_into_memory(tmp_path):
    many = [square(i, bbox=[i % 90, i // 90, 2, 2], segmentation=[], area=4) for i in range(600)]
    assert findings(put(tmp_path, [*many, many[40] | {"id": 900}])) == {
        "repeated": [("error", 900)]
    }


@pytest.mark.parametrize("width, severity", [("100", "error"), (-100, "error"), (None, "warning")])
def test_images_without_a_size_are_found(tmp_path, width, severity):
    found = findings(put(tmp_path, [square()], width=width))
    assert found["image_entry"] == [(severity, None)]


@pytest.mark.parametrize(
    "changes, right",
    [
        ({"keypoints": [30, 20, 2, 0, 0, 0], "num_keypoints": 1}, True),
        ({"keypoints": [30, 20, 2, 0, 0, 0]}, True),
        ({"keypoints": [30, 20, 2, 0, 0, 0], "num_keypoints": 2}, False),
        ({"keypoints": [30, 20, 2]}, False),
        ({"keypoints": [30, 20, 2, 0]}, False),
        ({"keypoints": [30, 20, 3, 0, 0, 0]}, False),
        ({"keypoints": [30, 20, "2", 0, 0, 0]}, False),
        ({"keypoints": {"left": [30, 20]}}, False),
        ({"keypoints": [30, 20, 2, 0, 0, 0], "category_id": 90}, False),
    ],
)
def test_keypoints_are_those_of_their_category(tmp_path, changes, right):
    put(tmp_path, [square(**changes)])
    content = json.loads((tmp_path / "instances.json").read_bytes())
    content["categories"][0] |= {"keypoints": ["left", "right"], "skeleton": [[1, 2]]}
    (tmp_path / "instances.json").write_text(json.dumps(content))
    assert findings(tmp_path) == ({} if right else {"keypoint_list": [("error", 1)]})


def test_extra_keys_are_checked_where_they_are(tmp_path):
    wrong = square(visible_fraction=0.5, amodal_bbox=[0, 0, 9, 9])
    whole = {"size": list(SIZE), "counts": [0, SIZE[0] * SIZE[1]]}
    found = findings(put(tmp_path, [square(2, amodal_segmentation=whole, **{
        k: wrong[k] for k in ("visible_fraction", "amodal_bbox")})]))  # fmt: skip
    assert "amodal_box" in found


def test_missing_images_and_orphans_are_found(tmp_path):
    put(tmp_path, [square()], images=3)
    (tmp_path / "images/2.png").unlink()
    pixels = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), np.uint8)
    (tmp_path / "images/9.png").write_bytes(cv2.imencode(".png", pixels)[1])
    found = findings(tmp_path)
    assert found["readable"] == [("error", None)]
    assert found["orphans"] == [("warning", None)]


def test_ids_used_twice_and_strays_are_found(tmp_path):
    found = findings(put(tmp_path, [square(1), square(1, category_id=90), square(2, image_id=8)]))
    assert len(found["coco_ids"]) == 2


def test_sizes_that_are_not_the_images_are_found(tmp_path):
    found = findings(put(tmp_path, [square(segmentation=[])], width=120))
    assert found["image_size"] == [("error", None)]


def test_a_turned_image_is_a_warning(tmp_path):
    found = findings(put(tmp_path, [square(segmentation=[])], width=SIZE[0], height=SIZE[1]))
    assert found["image_size"] == [("warning", None)]


def test_images_are_found_where_people_put_them(tmp_path):
    put(tmp_path, [square()], name="annotations/instances_train2017.json")
    assert findings(tmp_path) == {}
    (tmp_path / "images").rename(tmp_path / "train2017")
    assert findings(tmp_path) == {}
    (tmp_path / "train2017").rename(tmp_path / "photos")
    assert "readable" in findings(tmp_path)
    assert findings(tmp_path, images="photos") == {}


def test_several_annotation_files_are_asked_about(tmp_path):
    put(tmp_path, [square()], name="a.json")
    put(tmp_path, [square()], name="b.json")
    with pytest.raises(SimgenError, match="holds 2 files of annotations .*--annotations"):
        Folder.open(tmp_path)
    assert findings(tmp_path, annotations="b.json") == {}
