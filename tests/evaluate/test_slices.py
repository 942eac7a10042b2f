import json

import numpy as np
import pytest

from simgen.evaluate.chance import Part, chances, holm
from simgen.evaluate.detections import Detections
from simgen.evaluate.matching import Matching
from simgen.evaluate.precision import precision
from simgen.evaluate.slices import Slice, slices
from tests.evaluate.detected import guesses, picture, pictures

COUNT = 120


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def weak():
    """A detector that misses most where `dark` is below 0.25, and most small boxes anywhere."""
    made, found = guesses(rng(), COUNT)
    dark, kept = rng(1).random(COUNT), []
    for each, light in zip(found, dark):
        seen = rng(int(light * 1e9)).random(len(each)) > (0.8 if light < 0.25 else 0)
        seen &= np.minimum(each.boxes[:, 2], each.boxes[:, 3]) >= 21
        kept.append(Detections(each.boxes[seen], each.scores[seen], each.labels[seen]))
    return made, kept, dark.tolist()


def by_size(made):
    sides = [np.minimum(p.boxes[:, 2], p.boxes[:, 3]).tolist() for p in made.pictures]
    return Slice("side", [side for each in sides for side in each], of_boxes=True)


def test_the_weak_corner_is_named_and_noise_is_not(weak):
    made, found, dark = weak
    noise = [Slice(f"noise{i}", rng(i + 10).random(COUNT).tolist()) for i in range(8)]
    rows = slices(
        Matching.of(made, found), [*noise, Slice("dark", dark), by_size(made)], "real", rng()
    )
    assert {row["by"] for row in rows[:2]} == {"dark", "side"} and len(rows) == 10
    for row in rows:
        told = [b["stands_out"] for b in row["bins"]]
        assert told == [row["by"] in ("dark", "side"), False, False, False]
    assert all(row["weakest"] == 0 for row in rows[:2])


def test_a_bin_is_cocos_ap50_of_its_pictures(weak):
    made, found, dark = weak
    row = slices(Matching.of(made, found), [Slice("dark", dark)], "synthetic", rng())[0]
    assert row["of"] == "synthetic" and json.loads(json.dumps(row)) == row
    assert row["ap50"] == pytest.approx(precision(made, found)["ap50"])
    for each in row["bins"]:
        inside = [i for i, v in enumerate(dark) if each["from"] <= v <= each["to"]]
        alone = precision(made.subset(inside), [found[i] for i in inside])
        assert each["ap50"] == pytest.approx(alone["ap50"])
        assert each["loss"] == pytest.approx(row["ap50"] - each["ap50"])
        assert each["pictures"] == len(inside) == COUNT / 4
        assert each["boxes"] == sum(len(made.pictures[i].boxes) for i in inside)
        assert each["low"] <= each["ap50"] <= each["high"]


def test_categories_values_and_unknown_ones(weak):
    made, found, dark = weak
    lamps = [None] * 20 + ["lamp", "sun"] * 50
    row = slices(Matching.of(made, found), [Slice("kind", lamps)], "real", rng())[0]
    assert [each["value"] for each in row["bins"]] == ["lamp", "sun"]
    assert row["ap50"] == pytest.approx(precision(made.subset(range(20, 120)), found[20:])["ap50"])


def test_crowds_are_no_boxes_of_a_slice():
    made = [picture([[0, 0, 10, 10], [50, 50, 30, 30]], [0, 0], crowd=[False, True])] * 40
    made = pictures(*made)
    found = [Detections.of([[0, 0, 10, 10]], [0.5], [0])] * 40
    cut = Slice("x", [float(i) for i in range(80)], of_boxes=True)
    row = slices(Matching.of(made, found), [cut], "real", rng())[0]
    assert (
        [each["boxes"] for each in row["bins"]] == [10] * 4 == [b["pictures"] for b in row["bins"]]
    )


def test_the_same_seed_says_the_same(weak):
    made, found, dark = weak
    matching = Matching.of(made, found)
    assert slices(matching, [Slice("a", dark)], "real", rng(3)) == slices(
        matching, [Slice("a", dark)], "real", rng(3)
    )


def test_nothing_to_slice_by():
    made = pictures(picture([[0, 0, 10, 10]], [0]))
    matching = Matching.of(made, [Detections.of([], [], [])])
    assert slices(matching, [Slice("one", [1.0])], "real", rng()) == []
    assert slices(matching, [], "real", rng()) == []


def test_p_values_are_uniform_where_nothing_matters():
    """Of 200 random halves about a tenth has p <= 0.1, and never far more."""
    made, found = guesses(rng(5), 60)
    matching = Matching.of(made, found)
    halves = [rng(i).permutation(60) < 30 for i in range(200)]
    known = np.ones(60, bool)
    p = chances(matching, [Part(half, known) for half in halves], 400, rng())
    assert 0.05 <= (p <= 0.1).mean() <= 0.17
    assert 0.4 <= (p <= 0.5).mean() <= 0.6


def test_boxes_of_one_picture_are_no_separate_witnesses():
    """Ten pictures of ten boxes, in five of which nothing is found: of 252 ways to deal five of
    ten pictures one is as bad, whatever the number of boxes."""
    boxes = [[30 * i, 0, 20, 20] for i in range(10)]
    made = pictures(*[picture(boxes, [0] * 10)] * 10, categories=("queen",))
    none, all_ = Detections.of([], [], []), Detections.of(boxes, [0.9] * 10, [0] * 10)
    matching = Matching.of(made, [none] * 5 + [all_] * 5)
    missed = np.repeat([True, False], 50)
    part = Part(missed, np.ones(100, bool), of_boxes=True)
    assert chances(matching, [part], 5000, rng())[0] == pytest.approx(1 / 252, rel=0.6)


def test_holm_by_hand():
    assert holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert holm(np.array([0.6, 0.7])) == pytest.approx([1, 1])
    assert holm(np.array([])).shape == (0,)
