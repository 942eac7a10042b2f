from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.evaluate.fcos import Small
from simgen.evaluate.loader import Augmentation
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.precision import precision
from simgen.evaluate.training import Schedule, detections, train
from tests.evaluate.folders import squares

CALM = Augmentation(scale=1.1, shift=0.1, turn_deg=0, flip=0.5, light=0.1, soft=0)
SQUARE = (96, 96)
SHORT = Schedule(steps=60, batch=4, size=96, rate=2e-3, memory=0.9)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return Pictures.open(squares(tmp_path_factory.mktemp("training") / "a", 24, seed=5))


def detector(seed=0):
    torch.manual_seed(seed)
    return Small(width=32).new(2)


def test_learns_to_find_squares_and_their_colours(pictures, tmp_path):
    unseen = Pictures.open(squares(tmp_path / "b", 12, seed=6))
    model = train(detector(), [(pictures, (1.0, 1.0))], SHORT, CALM, SQUARE, seed=0)
    found = precision(unseen, detections(model, unseen, SQUARE))
    assert found["ap50"] > 0.6
    assert precision(unseen, detections(detector(), unseen, SQUARE))["ap50"] < 0.05


def test_the_same_seed_learns_the_same(pictures):
    brief = replace(SHORT, steps=2)
    states = [
        train(detector(), [(pictures, (1.0, 1.0))], brief, CALM, SQUARE, seed).state_dict()
        for seed in (3, 3, 4)
    ]
    same, other = (
        all(torch.equal(a, b) for a, b in zip(states[0].values(), state.values()))
        for state in states[1:]
    )
    assert same and not other


def test_what_is_below_stride_4_stays_as_imagenet_left_it(pictures):
    before = detector()
    after = train(
        detector(), [(pictures, (1.0, 1.0))], replace(SHORT, steps=2), CALM, SQUARE, seed=0
    )
    changed = {
        name
        for (name, a), b in zip(before.state_dict().items(), after.state_dict().values())
        if not torch.equal(a, b)
    }
    frozen = ("backbone.stem", "backbone.head", *(f"backbone.blocks.{i}." for i in range(3)))
    assert changed and not [name for name in changed if name.startswith(frozen)]
    assert any(name.startswith("backbone.blocks.4") for name in changed)


@settings(max_examples=30)
@given(st.floats(0.05, 0.95), st.integers(0, 2**32))
def test_a_batch_has_the_share_of_each_part(share, seed):
    import numpy as np

    from simgen.evaluate.training import _sources

    shares = [share, 1 - share]
    counts = [
        int((_sources(shares, 16, np.random.default_rng(seed + i)) == 0).sum()) for i in range(9)
    ]
    assert all(abs(count - 16 * share) < 1 for count in counts)


def test_a_mix_changes_from_the_first_step_to_the_last(pictures, tmp_path, monkeypatch):
    from simgen.evaluate import training

    others = Pictures.open(squares(tmp_path / "b", 4, seed=6))
    dealt, deal = [], training._Deck.next
    monkeypatch.setattr(training._Deck, "next", lambda self: dealt.append(deal(self)) or dealt[-1])
    parts = [(pictures, (0.0, 1.0)), (others, (1.0, 0.0))]
    train(detector(), parts, replace(SHORT, steps=4), CALM, SQUARE, seed=0)
    first = [picture.root == pictures.root for picture in dealt]
    assert [sum(first[i : i + 4]) for i in range(0, 16, 4)] == [0, 1, 2, 3]


def test_the_steps_are_told(pictures):
    told = []
    train(
        detector(), [(pictures, (1.0, 1.0))], replace(SHORT, steps=2), CALM, SQUARE, 0, told.append
    )
    assert told == [1, 2]


@pytest.mark.parametrize(
    "wrong", [{"steps": 0}, {"size": 8}, {"size": 100}, {"batch": 1.5}, {"rate": -1}]
)
def test_schedules_that_make_no_sense_are_told(wrong):
    with pytest.raises(SimgenError, match=next(iter(wrong))):
        Schedule(**wrong)
