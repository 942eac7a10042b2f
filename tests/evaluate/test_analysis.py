import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from simgen.audit.reading import Unreadable
from simgen.evaluate.analysis import analyse, sampled
from simgen.evaluate.detections import Detections
from simgen.evaluate.pictures import Pictures
from simgen.generate import generate
from simgen.writers.png import encode_png
from tests import rectangles
from tests.evaluate.detected import guesses


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Sixty pictures of growing brightness, and a detector that misses most in the dark ones."""
    root = tmp_path_factory.mktemp("made")
    made, found = guesses(np.random.default_rng(0), 60)
    (root / "annotations.json").write_text(json.dumps(_coco(made)))
    for i in range(60):
        grey = np.full((360, 360, 3), 40 + 3 * i, np.uint8)
        (root / f"{i:03d}.png").write_bytes(encode_png(grey))
    nothing = Detections.of([], [], [])
    return Pictures.open(root), [nothing if i < 12 else each for i, each in enumerate(found)]


def _coco(made):
    boxes = [(i, b, n) for i, p in enumerate(made.pictures) for b, n in zip(p.boxes, p.labels)]
    return {
        "images": [{"id": i, "file_name": f"{i:03d}.png"} for i in range(len(made))],
        "categories": [{"id": k, "name": name} for k, name in enumerate(made.categories)],
        "annotations": [
            {"id": k, "image_id": i, "category_id": int(n), "bbox": b.tolist()}
            for k, (i, b, n) in enumerate(boxes)
        ],
    }


def test_the_whole_of_it_is_plain_data_and_names_the_dark(folder, tmp_path):
    pictures, found = folder
    told = analyse(pictures, found, tmp_path, seed=1)
    assert json.loads(json.dumps(told)) == told
    worst = told["slices"][0]
    assert (worst["of"], worst["by"], worst["weakest"]) == ("real", "brightness", 0)
    assert worst["bins"][0]["stands_out"]
    assert {each["by"] for each in told["slices"]} >= {"brightness", "boxes", "box_size"}
    assert cv2.imread(str(tmp_path / told["misses"])).shape[2] == 3
    assert sum(map(sum, told["confusion"]["matrix"])) > 60


def test_the_same_seed_writes_the_same(folder, tmp_path):
    pictures, found = folder
    assert analyse(pictures, found, tmp_path, seed=2) == analyse(pictures, found, tmp_path, seed=2)


def test_what_was_sampled_is_sliced_by(folder, tmp_path):
    pictures, found = folder
    records = {
        i: {"lamp": "low" if i < 12 else "high", "at": (float(i % 7), 1.0), "on": i % 2 == 0}
        for i in range(60)
    }
    frames = tuple(replace(p, frame=i) for i, p in enumerate(pictures.pictures))
    rendered = replace(pictures, pictures=frames)
    told = analyse(rendered, found, tmp_path, records)["slices"]
    by = {each["by"]: each for each in told}
    assert {"lamp", "at[0]", "on"} <= set(by) and "at[1]" not in by
    lamp = by["lamp"]
    assert lamp["of"] == "synthetic" and lamp["bins"][lamp["weakest"]]["value"] == "low"
    assert lamp["bins"][lamp["weakest"]]["stands_out"]


def test_a_picture_that_is_gone_is_said(folder, tmp_path):
    pictures, found = folder
    lost = replace(pictures, pictures=(replace(pictures.pictures[0], name="gone.png"),))
    with pytest.raises(Unreadable, match="gone.png"):
        analyse(lost, [Detections.of([], [], [])], tmp_path)


def test_sampled_reads_the_records_of_a_dataset(tmp_path):
    generate(rectangles.config(tmp_path / "out"), rectangles.build, _with_parameters)
    told = sampled(Pictures.open(tmp_path / "out"))
    assert told == {frame: {"lamp.power": 10 * frame} for frame in range(4)}


def _with_parameters(made, index):
    frame = rectangles.make(made, index)
    return replace(frame, spec=replace(frame.spec, parameters={"lamp.power": 10 * index}))
