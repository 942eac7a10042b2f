import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from simgen.evaluate import gap, spread
from simgen.evaluate.gauges import GAUGES
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.readings import Readings

NAMES = {gauge.name for gauge in GAUGES}
LABELLED = {gauge.name for gauge in GAUGES if gauge.labelled}
values = st.lists(st.floats(-1000, 1000), min_size=1, max_size=30).map(np.array)


def folder(root, pictures, boxes=None, size=(64, 48), name="images"):
    """A COCO folder (or mere images, without boxes) of grey pictures, each of its own level."""
    root.mkdir(parents=True, exist_ok=True)
    images, annotations = [], []
    for i, level in enumerate(pictures):
        pixels = np.full((size[1], size[0], 3), level, np.uint8)
        (root / name).mkdir(exist_ok=True)
        cv2.imwrite(str(root / name / f"{i}.png"), pixels)
        images.append({"id": i, "file_name": f"{i}.png", "width": size[0], "height": size[1]})
        for box in boxes[i] if boxes else ():
            annotations.append(
                {"id": len(annotations), "image_id": i, "category_id": 1, "bbox": box, "area": 1,
                 "iscrowd": 0}
            )  # fmt: skip
    if boxes:
        coco = {"images": images, "annotations": annotations}
        coco["categories"] = [{"id": 1, "name": "thing"}]
        (root / "instances.json").write_text(json.dumps(coco))
    return Pictures.open(root)


@given(values, values)
def test_on_a_line_it_is_scipys_wasserstein_distance(a, b):
    assert spread.distance(a, b) == pytest.approx(wasserstein_distance(a, b), abs=1e-6)


@given(values, values, st.floats(0, 360))
def test_on_a_circle_it_turns_with_both_and_never_exceeds_half_a_turn(a, b, turn):
    apart = spread.distance(a, b, 360.0)
    assert spread.distance(a + turn, b + turn, 360.0) == pytest.approx(apart, abs=1e-6)
    assert apart <= 180 + 1e-6 and apart <= spread.distance(a % 360, b % 360) + 1e-6


@pytest.mark.parametrize("turn", [0, 7, 90, 150])
def test_a_turned_sample_is_as_far_as_it_was_turned(turn):
    sample = np.array([350.0, 355.0, 2.0, 8.0])
    assert spread.distance(sample, sample + turn, 360.0) == pytest.approx(turn)
    middle = spread.mean(sample + turn, 360.0)
    assert (middle - turn - 358.75 + 180) % 360 - 180 == pytest.approx(0, abs=0.1)


def test_the_deviation_of_angles_is_that_of_a_line_where_they_are_close():
    sample = np.random.default_rng(0).normal(0, 10, 20000)
    assert spread.deviation(sample, 360.0) == pytest.approx(10, rel=0.02)
    around = np.arange(360.0)
    assert spread.deviation(around, 360.0) == pytest.approx(360 / np.sqrt(12), rel=1e-6)


@given(values, values, st.sampled_from([None, 360.0]), st.booleans())
def test_histograms_share_their_edges_and_hold_every_value(a, b, period, discrete):
    a, b = (np.round(v) if discrete else v for v in (a, b))
    edges = spread.edges(a, b, 0.1, period, discrete)
    assert (np.diff(edges) > 0).all()
    for sample in (a, b):
        assert spread.counts(sample, edges, period).sum() == len(sample)


def test_equal_sides_are_at_no_distance(tmp_path):
    boxes = [[[4, 4, 20, 10]], [[10, 10, 30, 30], [0, 0, 5, 5]], []]
    one = folder(tmp_path / "a", [40, 90, 200], boxes)
    two = folder(tmp_path / "b", [40, 90, 200], boxes)
    items = gap.measure(one, two)
    assert {item["statistic"] for item in items} == NAMES
    known = {item["statistic"]: item["distance"] for item in items if item["distance"] is not None}
    assert set(known) == NAMES - {"hue", "jpeg_quality"}  # grey PNG files have neither
    assert max(known.values()) == 0
    assert json.loads(json.dumps(items)) == items


def test_the_largest_comes_first_and_means_are_the_values_own(tmp_path):
    boxes = [[[16, 12, 16, 12]]] * 3
    ours = folder(tmp_path / "a", [60, 62, 64], [[[8, 6, 32, 24]]] * 3)
    theirs = folder(tmp_path / "b", [60, 62, 64], boxes)
    items = gap.measure(ours, theirs)
    sizes = [item["distance"] for item in items if item["distance"] is not None]
    assert sizes == sorted(sizes, reverse=True)
    first = items[0]
    assert first["statistic"] == "box_size" and first["distance"] == pytest.approx(1 / 0.1)
    assert first["synthetic"]["mean"] == pytest.approx(-1) and first["real"]["mean"] == -2
    assert sum(first["synthetic"]["counts"]) == 3 == sum(first["real"]["counts"])
    assert len(first["edges"]) == len(first["real"]["counts"]) + 1


def test_without_labels_those_of_boxes_are_skipped_and_said(tmp_path, caplog):
    ours = folder(tmp_path / "a", [60, 90], [[[1, 2, 9, 9]]] * 2)
    theirs = folder(tmp_path / "b", [70, 80])
    with caplog.at_level("INFO"):
        items = gap.measure(ours, theirs)
    skipped = {item["statistic"] for item in items if item["note"] == gap.UNLABELLED}
    assert skipped == LABELLED and "box_size" in caplog.text
    assert all(item["distance"] is None for item in items[-len(LABELLED) :])


def test_brightness_is_off_by_what_was_added_in_units_of_the_real_spread(tmp_path):
    levels = np.arange(60, 120, 4)
    ours = folder(tmp_path / "a", levels + 40)
    theirs = folder(tmp_path / "b", levels)
    item = next(i for i in gap.measure(ours, theirs) if i["statistic"] == "brightness")
    light = [np.log2(((v / 255 + 0.055) / 1.055) ** 2.4) for v in (levels + 40, levels)]
    expected = np.abs(np.sort(light[0]) - np.sort(light[1])).mean() / np.std(light[1])
    assert item["distance"] == pytest.approx(expected, rel=1e-3)


def test_many_pictures_are_sampled_by_the_seed(tmp_path, caplog):
    many = folder(tmp_path / "a", range(0, 250, 5))
    few = [Readings.of(many, seed, 10).values("brightness") for seed in (1, 1, 2)]
    assert len(few[0]) == 10 and (few[0] == few[1]).all() and (few[0] != few[2]).any()


def test_an_entry_names_the_seed_where_pictures_were_drawn(tmp_path):
    many, few = folder(tmp_path / "a", range(0, 250, 5)), folder(tmp_path / "b", [60, 90])
    for ours, theirs in ((many, few), (few, many)):
        assert {item["seed"] for item in gap.measure(ours, theirs, {}, seed=7, limit=10)} == {7}
    assert {item["seed"] for item in gap.measure(few, few, {}, seed=7)} == {None}
    drawn = gap.measure(many, few, {}, seed=7, limit=10)[0]
    assert (drawn["synthetic"]["pictures"], drawn["real"]["pictures"]) == (10, 2)


def test_an_entry_says_of_how_many_pictures_or_boxes_it_is(tmp_path):
    boxes = [[[4, 4, 20, 10]], [[10, 10, 30, 30], [0, 0, 5, 5]], []]
    side = folder(tmp_path / "a", [40, 90, 200], boxes)
    red = np.zeros((48, 64, 3), np.uint8) + np.uint8([30, 30, 200])
    cv2.imwrite(str(side.root / "images" / "0.png"), red)  # the others are grey, without a hue
    items = {item["statistic"]: item for item in gap.measure(side, side)}
    for name, of, n, pictures in (
        ("brightness", "pictures", 3, 3),
        ("hue", "pictures", 16, 1),
        ("count", "pictures", 3, 3),
        ("off_middle", "pictures", 2, 2),
        ("box_size", "boxes", 3, 2),
        ("truncation", "boxes", 3, 2),
    ):
        assert items[name]["of"] == of, name
        assert (items[name]["real"]["n"], items[name]["real"]["pictures"]) == (n, pictures), name
