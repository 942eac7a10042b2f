import numpy as np
import pytest

from simgen.evaluate.detections import Detections
from simgen.evaluate.matching import Matching
from simgen.evaluate.precision import precision
from tests.evaluate.detected import guesses, perfect, picture, pictures


@pytest.mark.parametrize("seed", range(4))
def test_all_of_it_is_cocos_ap50(seed):
    made, found = guesses(np.random.default_rng(seed), 30)
    whole = Matching.of(made, found).ap50(np.ones((1, 30)))
    assert whole[0] == pytest.approx(precision(made, found)["ap50"], abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_any_pictures_of_it_are_cocos_ap50_of_these(seed):
    rng = np.random.default_rng(seed)
    made, found = guesses(rng, 30)
    parts = rng.random((5, 30)) < 0.3
    aps = Matching.of(made, found).ap50(parts)
    for part, ap in zip(parts, aps):
        chosen = np.flatnonzero(part)
        alone = precision(made.subset(chosen), [found[i] for i in chosen])["ap50"]
        assert ap == pytest.approx(alone, abs=1e-12)


def test_a_picture_that_counts_twice_is_there_twice():
    made, found = guesses(np.random.default_rng(7), 6)
    drawn = [0, 0, 2, 5, 5, 5]
    counts = np.bincount(drawn, minlength=6)[None]
    twice = precision(made.subset(drawn), [found[i] for i in drawn])["ap50"]
    assert Matching.of(made, found).ap50(counts)[0] == pytest.approx(twice, abs=1e-12)


def test_some_boxes_alone_by_hand():
    """Two of four boxes found at 0.9 and 0.7, a false alarm at 0.8. Of the half of the boxes that
    holds the hit at 0.7: recall 1/2, with half a false alarm for one hit: precision 2/3."""
    boxes = [[0, 0, 10, 10], [20, 0, 10, 10], [40, 0, 10, 10], [60, 0, 10, 10]]
    made = pictures(picture(boxes, [0] * 4), categories=("queen",))
    found = [Detections.of([boxes[0], [0, 80, 9, 9], boxes[1]], [0.9, 0.8, 0.7], [0] * 3)]
    halves = np.array([[0, 1, 1, 0], [1, 0, 0, 1], [0, 0, 1, 1]])
    aps = Matching.of(made, found).ap50(np.ones((3, 1)), halves)
    assert aps == pytest.approx([51 / 101 * 2 / 3, 51 / 101, 0])


def test_all_boxes_are_as_no_choice_of_boxes():
    made, found = guesses(np.random.default_rng(3), 20)
    matching = Matching.of(made, found)
    weights = np.random.default_rng(4).multinomial(20, np.full(20, 1 / 20), 3)
    every = np.ones((1, len(matching.owner)))
    assert matching.ap50(weights, every) == pytest.approx(matching.ap50(weights))


def test_parts_without_boxes_are_unknown_and_crowds_are_not_wanted():
    made = pictures(picture([[0, 0, 10, 10]], [0]), picture([[0, 0, 9, 9]], [0], crowd=[True]))
    matching = Matching.of(made, perfect(made))
    aps = matching.ap50(np.array([[1, 0], [0, 1], [1, 1]]))
    assert aps == pytest.approx([1, np.nan, 1], nan_ok=True)
    assert matching.wanted.tolist() == [True, False]


def test_blocks_change_nothing(monkeypatch):
    made, found = guesses(np.random.default_rng(5), 20)
    matching = Matching.of(made, found)
    weights = np.random.default_rng(6).multinomial(20, np.full(20, 1 / 20), 9)
    whole = matching.ap50(weights)
    monkeypatch.setattr("simgen.evaluate.matching._BLOCK", 80)
    assert np.array_equal(matching.ap50(weights), whole)
