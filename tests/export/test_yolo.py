"""YOLO as supervision and Ultralytics read it."""

from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from simgen.errors import SimgenError
from simgen.export.splits import Splits
from simgen.export.yolo import TASKS, Yolo
from simgen.frame import Keypoint
from simgen.truth.rle import decode
from tests.export.drawn import dataset, exported, label, sample, samples

WIDTH, HEIGHT = 64, 48


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("made") / "data", 12)


@pytest.fixture(scope="module")
def outs(made, tmp_path_factory):
    folder = tmp_path_factory.mktemp("yolo")
    tasks = [task for task in TASKS if task != "pose"]
    return {task: (folder / task, exported(made, folder / task, Yolo(task))) for task in tasks}


def loaded(out, split="train", **more):
    """Returns what supervision reads: file name stem -> Detections, and the classes."""
    supervision = pytest.importorskip("supervision")
    of = supervision.DetectionDataset.from_yolo(
        str(out / "images" / split), str(out / "labels" / split), str(out / "data.yaml"), **more
    )
    return {Path(path).stem: found for path, _, found in of}, of.classes


def accepted(text: str, classes: int, points: int = 0) -> np.ndarray:
    """Returns (N, 5 + 3 points) as Ultralytics takes a label file; its documented rules.

    A line is a class and a box, a class and a polygon of at least three points, or a class, a box
    and the keypoints; not two kinds in a file. Numbers lie between 0 and 1, classes are whole and
    known, and no line comes twice.
    """
    rows = [line.split() for line in text.splitlines()]
    assert len(set(text.splitlines())) == len(rows)
    widths = {len(row) for row in rows}
    if points:
        assert widths <= {5 + 3 * points}
    elif any(width > 6 for width in widths):
        assert all(width >= 7 and width % 2 for width in widths)
        rows = [[row[0], *extent(np.array(row[1:], float).reshape(-1, 2))] for row in rows]
    values = np.array(rows, float).reshape(len(rows), -1 if rows else 5)
    assert (values[:, 0] % 1 == 0).all() and (values[:, 0] < classes).all()
    shares = np.delete(values, np.s_[7::3], axis=1) if points else values
    assert (shares[:, 1:] >= 0).all() and (shares[:, 1:] <= 1).all()
    return values


def extent(points):
    low, high = points.min(0), points.max(0)
    return [*((low + high) / 2), *(high - low)]


def test_supervision_finds_every_box_to_the_stated_rounding(made, outs):
    found, classes = loaded(outs["detect"][0])
    assert classes == list(made.categories)
    for number, truth in samples(made).items():
        detections = found[f"{number:06d}"]
        boxes = np.array([label.box for label in truth.labels], float).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        assert np.abs(detections.xyxy - boxes).max(initial=0) < 1.5e-6 * WIDTH
        assert list(detections.class_id) == [label.category_id - 1 for label in truth.labels]


def test_supervision_paints_the_masks_again(made, outs):
    found, _ = loaded(outs["segment"][0], force_masks=True)
    assert not outs["segment"][1].lost, "no rectangle here is in two parts"
    for number, truth in samples(made).items():
        for each, again in zip(truth.labels, found[f"{number:06d}"].mask, strict=True):
            assert (again == decode(each.mask)).all()


def test_supervision_reads_the_rotated_boxes(made, outs):
    found, _ = loaded(outs["obb"][0], is_obb=True)
    for number, truth in samples(made).items():
        detections = found[f"{number:06d}"]
        for each, corners in zip(truth.labels, detections.data["xyxyxyxy"], strict=True):
            x, y, w, h = each.box
            assert corners.min() > -1e-3 and (corners.max(0) < (WIDTH + 1e-3, HEIGHT + 1e-3)).all()
            if (decode(each.mask)[y : y + h, x : x + w]).all():
                ours = sorted(map(tuple, np.rint(corners).astype(int)))
                assert ours == sorted([(x, y), (x + w, y), (x, y + h), (x + w, y + h)])


@pytest.mark.parametrize("task", [task for task in TASKS if task != "pose"])
def test_ultralytics_rules_hold(made, outs, task):
    out = outs[task][0]
    about = yaml.safe_load((out / "data.yaml").read_text())
    assert about["names"] == dict(enumerate(made.categories))
    for key in ("train", "val"):
        assert (out / about[key]).is_dir()
    for path in sorted((out / "labels/train").iterdir()):
        accepted(path.read_text(), len(about["names"]))
        assert (out / "images/train" / f"{path.stem}.png").is_file()


@pytest.mark.parametrize("task", [task for task in TASKS if task != "pose"])
def test_ultralytics_own_checker_agrees(made, outs, task):
    try:
        from ultralytics.data.utils import check_det_dataset, verify_image_label
    except Exception as error:  # it cannot be imported without torchvision
        pytest.skip(f"ultralytics: {error}")
    out = outs[task][0]
    assert check_det_dataset(str(out / "data.yaml"), autodownload=False)["nc"] == 3
    for path in sorted((out / "labels/train").iterdir()):
        picture = out / "images/train" / f"{path.stem}.png"
        result = verify_image_label((str(picture), str(path), "", False, 3, 0, 0, False))
        assert result[-2] == 0 and not result[-1], result[-1]
        assert len(result[1]) == len(path.read_text().splitlines())


def line(task: str, *labels, width=100, height=80):
    part = Yolo(task).convert(sample(labels, width, height), "train")
    text = part.files["labels/train/000000.txt"].decode()
    accepted(text, 2, len(labels[0].keypoints) if task == "pose" else 0)
    return text.split(), part.lost


def drawn(rows, columns, shape=(80, 100)):
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


def test_a_box_in_numbers():
    words, _ = line("detect", label(drawn(np.s_[20:60], np.s_[10:60]), category_id=2))
    assert words == ["1", "0.35", "0.5", "0.5", "0.5"]


@pytest.mark.parametrize("task", ["detect", "segment", "obb"])
def test_one_pixel_and_the_whole_picture_are_fine(task):
    line(task, label(drawn(79, 99)))
    line(task, label(drawn(np.s_[:], np.s_[:])))


@given(
    mask=arrays.arrays(bool, (9, 14)).filter(np.any), task=st.sampled_from(TASKS[:2] + TASKS[3:])
)
@settings(max_examples=120)
def test_any_mask_makes_a_line_that_is_accepted(mask, task):
    words, _ = line(task, label(mask), width=14, height=9)
    box = np.array(words[1:5], float)
    if task == "detect":
        x, y, w, h = label(mask).box
        assert np.allclose(box * (14, 9, 14, 9), (x + w / 2, y + h / 2, w, h), atol=1.5e-5)


def test_a_rotated_box_that_would_reach_out_is_upright_and_counted():
    mask = np.tri(80, 100, -20, dtype=bool)
    words, lost = line("obb", label(mask))
    assert sum(lost.values()) == 1 and "upright" in next(iter(lost))
    corners = np.array(words[1:], float).reshape(4, 2) * (100, 80)
    assert np.allclose(corners, [(0, 20), (60, 20), (60, 80), (0, 80)], atol=1e-3)


def test_equal_lines_are_written_once_and_counted():
    mask = drawn(np.s_[3:5], np.s_[3:5])
    part = Yolo().convert(sample([label(mask), label(mask, id=2)], 100, 80), "val")
    assert part.files["labels/val/000000.txt"].count(b"\n") == 1
    assert part.lost == {"objects left out: the same line as another": 1}


def test_an_empty_frame_has_an_empty_file():
    assert Yolo("segment").convert(sample([], 9, 9), "val").files["labels/val/000000.txt"] == b""


POINTS = (
    Keypoint("front_left", 10.0, 20.0, 2, (0, 0, 1)),
    Keypoint("front_right", 0.0, 0.0, 0, (0, 0, 1)),
    Keypoint("top", 50.0, 80.0, 1, (0, 0, 1)),
)


def test_keypoints_in_numbers():
    mask = drawn(np.s_[20:60], np.s_[10:60])
    words, _ = line("pose", label(mask, keypoints=POINTS))
    assert words[5:] == ["0.1", "0.25", "2", "0", "0", "0", "0.5", "1", "1"]
    two = label(mask, id=2, category_id=2, category="pallet")
    part = Yolo("pose").convert(sample([label(mask, keypoints=POINTS), two], 100, 80), "train")
    assert part.files["labels/train/000000.txt"].count(b"\n") == 1
    assert sum(part.lost.values()) == 1


class Written:
    """What finish gets of one frame."""

    def __init__(self, *notes, categories=()):
        self.splits, self._notes = {"train": len(notes)}, notes
        self.card = type("Card", (), {"categories": sample([], 1, 1).categories})

    def notes(self, split):
        return iter(self._notes)


def noted(*labels, **options):
    return Yolo("pose", **options).convert(sample(labels, 100, 80), "train").note


def test_data_yaml_of_keypoints():
    note = noted(label(drawn(1, 1), keypoints=POINTS))
    ((path, text),) = Yolo("pose").finish(Written(noted(), note, note))
    about = yaml.safe_load(b"".join(text))
    assert (path, about["kpt_shape"], about["flip_idx"]) == ("data.yaml", [3, 3], [1, 0, 2])
    assert about["kpt_names"] == {0: ["front_left", "front_right", "top"]}
    with pytest.raises(SimgenError, match="no object has keypoints"):
        list(Yolo("pose").finish(Written(noted())))


def test_classes_with_other_keypoints_are_to_be_chosen_from():
    one = label(drawn(1, 1), keypoints=POINTS)
    other = label(drawn(5, 5), id=2, category="pallet", category_id=2, keypoints=POINTS[:2])
    with pytest.raises(SimgenError, match=r"choose by format.categories=\[carton\]"):
        noted(one, other)
    with pytest.raises(SimgenError, match="choose by"):
        list(Yolo("pose").finish(Written(noted(one), noted(other))))
    chosen = noted(one, other, categories=("pallet",))
    ((_, text),) = Yolo("pose", ("pallet",)).finish(Written(chosen))
    assert yaml.safe_load(b"".join(text))["kpt_names"] == {1: ["front_left", "front_right"]}
    with pytest.raises(SimgenError, match="'palet' is none; did you mean 'pallet'"):
        noted(one, categories=("palet",))


def test_without_frames_to_validate_the_training_pictures_stand_in(made, tmp_path):
    exported(made, tmp_path / "out", Yolo(), Splits((1.0, 0.0)))
    about = yaml.safe_load((tmp_path / "out/data.yaml").read_text())
    assert about["val"] == about["train"] == "images/train" and "test" not in about


@pytest.mark.parametrize(
    "options", [{"task": "detct"}, {"categories": "x"}, {"categories": ("x",)}]
)
def test_options_that_make_no_sense(options):
    with pytest.raises(SimgenError):
        Yolo(**options)
