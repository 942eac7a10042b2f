"""Targets, on proposals that cost nothing: rows of cubes before a camera, and painted numbers."""

import json
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from simgen.codec import encode_spec
from simgen.distributions import Integer, Uniform
from simgen.errors import ProposalRejected, SimgenError
from simgen.farm.todo import Todo
from simgen.frame import AmodalMask, Truth
from simgen.proposal import Accept
from simgen.recipe import Recipe
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.targets.goals import balance
from simgen.targets.match import misfit
from simgen.targets.plan import Plan
from simgen.targets.reached import Distance, Reached
from simgen.targets.shown import Shown
from simgen.targets.targets import Targets
from simgen.targets.wanted import Wanted, reweighted, steerable, tilted
from simgen.truth.raycast import raycast
from tests.composing import composed, painted, recipe

NAMES = ("a", "b", "c", "d", "e", "f")
COMMON = np.array([8, 6, 4, 2, 1, 1]) / 22


@dataclass(frozen=True)
class Row:
    """Things side by side, common and rare ones; `heeds` says whether it can be steered."""

    heeds: bool = False
    categories = NAMES

    def sample(self, rng, wanted=None):
        wanted = wanted if self.heeds else None
        shares = reweighted(dict(zip(NAMES, COMMON)), wanted)
        count = int(rng.integers(2, 7))
        if wanted and wanted.count:
            count = wanted.count
        kinds = rng.choice(list(shares), count, p=list(shares.values()))
        bodies = (
            Body(
                "",
                CUBE,
                (14.0 * k, float(rng.uniform(0, 60)), float(rng.integers(4, 20))),
                category=kind,
            )
            for k, kind in enumerate(kinds.tolist())
        )
        return SceneSpec(tuple(bodies), camera=Camera(width=96, height=72))


CUBE = Shape.of("block")


def paint(spec, amodal=True):
    """Returns the truth of squares: x and y of their corner and their side, in pixels, are where
    bodies have their position; the later cover the earlier."""
    instance = np.zeros((72, 96), np.uint16)
    masks = {}
    for k, body in enumerate(spec.bodies, 1):
        x, y, side = (int(v) for v in body.position)
        whole = instance[y : y + side, x : x + side]
        whole[:] = k
        masks[k] = AmodalMask((x, y, *whole.shape[::-1]), whole > 0, side**2 - whole.size)
    seen = set(instance.ravel().tolist()) - {0}
    depth = np.where(instance, 5, np.inf).astype(np.float32)
    return Truth(
        instance, depth, np.int32(instance) - 1, {k: masks[k] for k in seen} if amodal else {}
    )


@pytest.fixture(autouse=True)
def painted_truth(monkeypatch):
    monkeypatch.setattr("simgen.targets.plan.raycast", paint)


def plan(targets, heeds=False, seed=3):
    row = Row(heeds)

    def draw(index, attempt, wanted, prefix):
        rng = np.random.default_rng([seed, index, attempt, len(prefix)])
        return row.sample(rng, wanted)

    return Plan(targets, draw, heeds, Accept(near_m=0), NAMES, seed)


def shown_of(made, frames):
    specs = [made.spec(index) for index in range(frames)]
    return [Shown.of(one, paint(one)) for one in specs]


def counted(shown):
    return Counter(name for one in shown for name in one.category)


# choosing


def test_classes_asked_for_alike_come_alike():
    counts = counted(shown_of(plan(Targets(balance="equal", pilot=200), heeds=True), 96))
    assert set(counts) == set(NAMES)
    assert max(counts.values()) / min(counts.values()) < 1.05


def test_choosing_alone_brings_shares_closer():
    """A scene that heeds nothing: rare ones are found among proposals."""
    asked = dict(a=3, b=3, c=2, d=2)
    made = plan(Targets(balance=asked, proposals=6))
    counts = counted(shown_of(made, 64))
    shares = np.array([counts[name] for name in asked]) / sum(counts[name] for name in asked)
    assert np.abs(shares - np.array([0.3, 0.3, 0.2, 0.2])).max() < 0.02


def test_categories_left_out_are_free():
    counts = counted(shown_of(plan(Targets(balance={"a": 1, "b": 1}, proposals=4)), 40))
    assert counts["a"] == pytest.approx(counts["b"], rel=0.05) and counts["c"] > 10


def test_numbers_of_objects_follow_a_histogram():
    asked = {"edges": [2, 3, 5, 7], "shares": [1, 2, 1]}
    numbers = [len(one.box) for one in shown_of(plan(Targets(objects=asked), True), 64)]
    found = np.histogram(numbers, (2, 3, 5, 8))[0] / 64
    assert np.abs(found - (0.25, 0.5, 0.25)).max() < 0.05


def test_box_sizes_follow_a_histogram():
    asked = {"edges": [0, 8, 12, 100], "shares": [0.6, 0.3, 0.1]}
    shown = shown_of(plan(Targets(box_px=asked, proposals=8)), 64)
    sizes = np.concatenate([np.sqrt(one.box[:, 2] * one.box[:, 3]) for one in shown])
    before = np.concatenate(
        [
            np.sqrt(one.box[:, 2] * one.box[:, 3])
            for one in shown_of(plan(Targets(objects=[1, 9])), 64)
        ]
    )
    found, plain = (np.histogram(v, (0, 8, 12, 100))[0] / len(v) for v in (sizes, before))
    wanted = np.array([0.6, 0.3, 0.1])
    assert np.abs(found - wanted).max() < 0.5 * np.abs(plain - wanted).max()


@pytest.mark.parametrize(
    ("targets", "measure"),
    [
        (Targets(objects=(3, 4)), lambda one: np.array([len(one.box)])),
        (Targets(box_px=(3, 16)), lambda one: np.sqrt(one.box[:, 2] * one.box[:, 3])),
        (Targets(visible_fraction=(0.9, 1)), lambda one: one.visible_fraction),
        (Targets(truncation=(0, 0)), lambda one: one.truncation),
    ],
)
def test_ranges_are_kept_by_every_object_of_every_frame(targets, measure):
    (asked,) = targets.ranges
    values = np.concatenate([measure(one) for one in shown_of(plan(targets), 12)])
    assert (values >= asked.low).all() and (values <= asked.high).all()


# frame i depends on (config, seed, i) alone


def test_frames_are_the_same_in_any_order_and_alone():
    targets = Targets(balance="equal", frames_together=4, pilot=40)
    there = plan(targets, True)
    first = [there.spec(index) for index in range(14)]
    back = plan(targets, True)
    assert [back.spec(index) for index in reversed(range(14))][::-1] == first
    assert plan(targets, True).spec(13) == first[13]
    assert plan(targets, True, seed=4).spec(13) != first[13]


def test_a_recipe_without_targets_proposes_as_ever():
    plain = recipe("scene=single", "resolution=[80,60]")
    assert not plain.targets.asked and plain.together == 1
    for index in range(3):
        specs = [plain.sample(index, attempt) for attempt in range(10)]
        assert encode_spec(plain.proposal(index)) in [encode_spec(one) for one in specs]
    alone = replace(plain, targets=Targets(proposals=7, pilot=99))
    assert encode_spec(alone.proposal(2)) == encode_spec(plain.proposal(2))


def test_a_frame_that_has_none_does_not_spoil_its_neighbours():
    def draw(index, attempt, wanted, prefix):
        made = Row().sample(np.random.default_rng([index, attempt]))
        return made if index != 5 or prefix else replace(made, bodies=())

    made = Plan(Targets(balance="equal"), draw, False, Accept(near_m=0), NAMES, 0)
    assert made.spec(4).bodies
    with pytest.raises(SimgenError, match="^frame 5: none of 40 proposals"):
        made.spec(5)


def test_targets_of_a_real_scene(monkeypatch):
    monkeypatch.undo()
    targets = ("targets.objects=[1,60]", "targets.pilot=10", "resolution=[96,72]")
    made = recipe("scene=single", *targets)
    one = made.proposal(0)
    assert 1 <= len(Shown.of(one, raycast(one, amodal=False)).box) <= 60


# what cannot be


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (
            Targets(box_px=(50, 60)),
            r"^targets.box_px=\[50, 60\]: only 0% of \d+ pilot proposals keep it \(they show .* to",
        ),
        (
            Targets(objects=(2, 3), box_px=(0, 1)),
            r"^targets.box_px=\[0, 1\]: only 0%",
        ),
        (
            Targets(objects={"edges": [20, 30, 40], "shares": [1, 1]}),
            "^targets.objects: 20 to 30 is asked for and in none of 32 pilot proposals",
        ),
    ],
)
def test_what_the_pilot_does_not_reach_is_told_with_its_key(targets, message):
    with pytest.raises(SimgenError, match=message):
        plan(targets).spec(0)


def test_a_category_that_never_shows_is_told():
    made = replace(plan(Targets(balance={"a": 1, "z": 1})), categories=(*NAMES, "z"))
    with pytest.raises(SimgenError, match="^targets.balance: z is asked for and in none of"):
        made.spec(0)


def test_a_scene_that_shows_nothing_is_told():
    def empty(*_):
        return SceneSpec()

    with pytest.raises(SimgenError, match="^targets: none of 32 pilot proposals will do: fewer"):
        Plan(Targets(objects=(1, 2)), empty, False, Accept(), NAMES, 0).spec(0)


def test_what_is_hard_to_reach_is_told(caplog):
    caplog.set_level("INFO")
    plan(Targets(balance={"a": 1, "f": 20}, proposals=1)).spec(0)
    (record,) = caplog.records
    assert "32 pilot proposals" in record.message
    assert "hard to reach: balance: f" in record.message


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("targets.balance=even", "^targets.balance=even must be equal, or {category: weight"),
        ("targets.balance={pallet:-1,drum:2}", "^targets.balance: shares must be at least 0"),
        ("targets.balance={pallet:0}", "^targets.balance: shares must be at least 0"),
        ("targets.objects=3", r"^targets.objects=3 must be \[low, high\], or"),
        ("targets.objects=[3,1]", r"^targets.objects=\[3, 1\]: low is greater than high"),
        ("targets.objects=[uniform,1,3]", "^targets.objects=.*: write a range as"),
        ("targets.box_px={edges:[1,2]}", "^targets.box_px=.* must be"),
        ("targets.box_px={edges:[2,1],shares:[1]}", "^targets.box_px.edges="),
        ("targets.box_px={edges:[1,2],shares:[1,2]}", "^targets.box_px=.* must be"),
        ("targets.proposals=0", "^targets.proposals=0 must be at least 1"),
        ("targets.match=3", "^targets.match=3 must be the path"),
        ("targets.match=nowhere.json", "^targets.match=nowhere.json: No such file"),
        ("+targets.size=3", "^targets.size is not known; "),
    ],
)
def test_settings_that_make_no_sense_name_their_key(setting, message):
    with pytest.raises(SimgenError, match=message):
        Recipe.from_config(painted("scene=single", setting))


def test_an_unknown_category_is_told():
    made = recipe("scene=single", "targets.balance={palet:1}")
    with pytest.raises(SimgenError, match="^targets.balance='palet' is not known; did you mean"):
        made.proposal(0)


def test_the_default_asks_for_nothing():
    assert not Recipe.from_config(painted("scene=single")).targets.asked
    assert composed("scene=single")["targets"]["balance"] is None


# a dataset to match


def coco(tmp_path, pictures, **changes):
    images = [dict(id=k, width=200, height=100) for k in range(len(pictures))]
    annotations = [
        dict(id=1, image_id=k, category_id=1, bbox=[x, y, w, h])
        for k, boxes in enumerate(pictures)
        for x, y, w, h in boxes
    ]
    path = tmp_path / "real.json"
    path.write_text(json.dumps({"images": images, "annotations": annotations} | changes))
    return str(path)


def test_boxes_and_their_number_follow_a_file(tmp_path):
    shown = shown_of(plan(Targets(objects=(2, 4), box_px=(0, 18)), seed=1), 60)
    pictures = [(one.relative * (200, 100, 200, 100)).tolist() for one in shown]
    targets = Targets(match=coco(tmp_path, pictures), proposals=6, frames_together=16)
    found = shown_of(plan(targets, seed=9), 48)
    plain = shown_of(plan(Targets(objects=(0, 99)), seed=9), 64)
    for measure in (lambda one: one.relative[:, 2], lambda one: [len(one.box)]):
        real, ours, before = (
            np.concatenate([measure(one) for one in each]) for each in (shown, found, plain)
        )
        assert ks_2samp(real, ours).statistic < 0.85 * ks_2samp(real, before).statistic


def test_a_steered_scene_gets_the_boxes_of_each_picture_in_turn(tmp_path):
    pictures = [[[0, 0, 10 + k, 20]] * (1 + k % 3) for k in range(30)]
    made = plan(Targets(match=coco(tmp_path, pictures), pilot=8))
    wanted = [made.wanted(index) for index in range(30)]
    assert Counter(one.count for one in wanted) == {1: 10, 2: 10, 3: 10}
    assert len({one.boxes for one in wanted}) > 24
    assert wanted[0].resolution((300, 600)) == (600, 300)
    assert all(one.count == len(one.boxes) for one in wanted)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is no COCO file of boxes: "),
        ("[]", "is no COCO file of boxes: "),
        ('{"images": []}', "no 'annotations'"),
        ('{"images": [], "annotations": []}', "it has no boxes"),
        (
            '{"images": [], "annotations": [{"id": 4, "image_id": 1}]}',
            "annotation 4 is of no image",
        ),
        (
            '{"images": [{"id": 1, "width": 9, "height": 9}],'
            ' "annotations": [{"image_id": 1, "bbox": [0, 0, -1, 2]}]}',
            "bbox",
        ),
    ],
)
def test_a_file_that_is_no_dataset_is_told_in_one_line(tmp_path, text, message):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(SimgenError, match=message) as caught:
        Recipe.from_config(painted("scene=single", f"targets.match={path}"))
    assert str(caught.value).startswith("targets.match=") and "\n" not in str(caught.value)


def test_misfit_is_the_mean_distance_of_pairs():
    boxes = np.array([[0, 0, 10, 10], [50, 50, 10, 10]], float)
    one = Shown((100, 100), np.array(["a", "b"], object), boxes, np.ones(2), np.zeros(2))
    assert misfit(one, [(0.5, 0.5, 0.1, 0.1), (0.0, 0.0, 0.1, 0.2)]) == pytest.approx(0.05)
    assert misfit(one, [(0.5, 0.5, 0.1, 0.1)]) == pytest.approx(0.5)
    assert misfit(one, []) == 1


# the pieces


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=40), st.lists(st.integers(0, 9), min_size=1)
)
def test_the_distance_is_kolmogorov_and_smirnovs(sample, values):
    distance = Distance(np.array(sample, float))
    for value in values:
        distance.add(np.array([value], float))
    assert distance.value() == pytest.approx(ks_2samp(sample, values).statistic)


@settings(max_examples=50)
@given(
    st.integers(1, 40), st.lists(st.floats(0.01, 1), min_size=1, max_size=9), st.floats(0, 0.999)
)
def test_categories_come_as_often_as_their_shares_say(count, shares, point):
    wanted = Wanted(shares={str(k): share for k, share in enumerate(shares)}, point=point)
    counts = Counter(wanted.categories(count))
    assert abs(sum(counts.values()) - count) <= 1
    for name, share in wanted.shares.items():
        assert abs(counts[name] - count * share / sum(shares)) < 1.001


def test_shares_hold_over_the_frames_however_few_objects_each_has():
    made = plan(Targets(balance="equal", pilot=8), False)
    counts = Counter(name for index in range(120) for name in made.wanted(index).categories(2))
    assert max(counts.values()) - min(counts.values()) <= 6


def test_tilted_draws_stay_in_bounds_and_lean():
    rng = np.random.default_rng(0)
    for number in (Integer(0, 4), Uniform(0, 4), 2):
        low, plain, high = (
            np.mean([tilted(number, weight, rng) for _ in range(300)]) for weight in (0.2, 1, 5)
        )
        assert 0 <= low <= plain <= high <= 4
        assert number == 2 or low < plain - 0.5 < high - 1
    assert tilted(Integer(0, 4), 1e-9, rng) < tilted(Integer(0, 4), 1e9, rng)


def test_who_takes_what_is_wanted():
    made = recipe("scene=warehouse")
    assert steerable(made.scene.sample) and steerable(made.randomizers["camera"])
    assert not steerable(made.randomizers["materials"])
    assert not steerable(recipe("scene=single").scene.sample)


def fitting(made, index, wanted):
    for attempt in range(20):
        try:
            return made.sample(index, attempt, wanted)
        except ProposalRejected:
            continue
    raise AssertionError("20 proposals in a row were rejected")


def test_a_warehouse_can_be_steered():
    made = recipe("scene=warehouse", "randomize=[]")
    few = Wanted(weights={"carton": 0.01, "forklift": 20.0})

    def counts(wanted):
        specs = [fitting(made, index, wanted) for index in range(2)]
        return Counter(body.category for one in specs for body in one.bodies)

    plain, steered = counts(None), counts(few)
    assert steered["carton"] < 0.2 * plain["carton"] and steered["forklift"] > plain["forklift"]


def test_what_was_reached_is_told():
    targets = Targets(balance={"a": 1, "b": 3}, objects=(1, 3))
    reached = Reached(targets, NAMES)
    assert reached.lines() == {}
    for one in (["a", "b"], ["b", "b", "a"], ["b"] * 4):
        size = len(one)
        reached.add(
            Shown((9, 9), np.array(one, object), np.ones((size, 4)), np.ones(size), np.zeros(size))
        )
    assert reached.lines() == {
        "targets.objects=[1, 3]": "66.7% of the pictures keep it",
        "targets.balance": "a 22.2 of 25.0 %, b 77.8 of 75.0 %",
    }


def test_balance_counts_what_was_asked_for():
    goal = balance({"b": 1, "a": 3}, NAMES)
    one = Shown((9, 9), np.array(["a", "c", "a"], object), np.ones((3, 4)), np.ones(3), np.zeros(3))
    assert goal.bins == ("b", "a") and goal.counts(one).tolist() == [0, 2]
    assert goal.shares.tolist() == [0.25, 0.75]


def test_workers_keep_to_the_block_they_are_at():
    todo = Todo(range(8), 4)
    a, b = todo.take(), todo.take()
    assert (a, b) == (0, 4)
    assert [todo.take(a), todo.take(b), todo.take(1)] == [1, 5, 2]
    assert [todo.take(2), todo.take(3), todo.take(6), todo.take(7)] == [3, 6, 7, None]


def test_frames_that_are_chosen_alone_are_made_in_order():
    todo = Todo([3, 5, 9], 1)
    assert [todo.take(), todo.take(5), todo.take(3), todo.take(9)] == [3, 5, 9, None]
