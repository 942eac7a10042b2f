import numpy as np
import pytest

from simgen.evaluate.confusion import best_score, confusion, pairs
from simgen.evaluate.detections import Detections
from simgen.evaluate.matching import Matching
from tests.evaluate.detected import guesses, perfect, picture, pictures

A, B, FAR = [0, 0, 10, 10], [50, 0, 10, 10], [200, 200, 10, 10]


def matrix(of, found, score=0.0):
    return confusion(of, found, score, 1.0)["matrix"]


def test_each_mistake_stands_in_its_cell():
    """A queen taken for a king, a king missed, a queen where nothing is."""
    made = pictures(picture([A, B], [0, 1]))
    found = [Detections.of([A, FAR], [0.9, 0.8], [1, 0])]
    assert matrix(made, found) == [[0, 1, 0], [0, 0, 1], [1, 0, 0]]


def test_perfect_is_a_diagonal():
    made, _ = guesses(np.random.default_rng(0), 20)
    found = np.array(matrix(made, perfect(made)))
    assert np.array_equal(found, np.diag(np.diag(found)))
    assert found.sum() == sum(len(p.boxes) for p in made.pictures)


def test_rows_add_up_to_the_boxes_and_columns_to_the_detections():
    made, found = guesses(np.random.default_rng(1), 40)
    table = np.array(matrix(made, found))
    labels = np.concatenate([p.labels for p in made.pictures])
    assert table[:2].sum(1).tolist() == np.bincount(labels).tolist()
    detected = np.concatenate([d.labels for d in found])
    assert table[:, :2].sum(0).tolist() == np.bincount(detected).tolist()


def test_a_box_is_taken_once_by_the_surest():
    made = picture([A], [0])
    taken = pairs(made, Detections.of([A, A], [0.4, 0.6], [0, 0]))
    assert (taken.box.tolist(), taken.taken.tolist()) == ([-1, 0], [1])


def test_crowds_count_for_nothing():
    made = pictures(picture([A, [100, 100, 80, 80]], [0, 0], crowd=[False, True]))
    found = [Detections.of([A, [110, 110, 20, 20]], [0.5, 0.9], [0, 0])]
    assert matrix(made, found) == [[1, 0, 0], [0, 0, 0], [0, 0, 0]]


def test_the_score_with_the_highest_f1_by_hand():
    """Hits at 0.9 and 0.6, false alarms at 0.7 and 0.5, of 3 boxes: F1 is 2/4, 4/6, 4/7."""
    made = pictures(picture([A, B, [100, 0, 10, 10]], [0, 0, 0]))
    boxes, scores = [A, FAR, B, [300, 300, 9, 9]], [0.9, 0.7, 0.6, 0.5]
    score, f1 = best_score(Matching.of(made, [Detections.of(boxes, scores, [0] * 4)]))
    assert (score, f1) == (pytest.approx(0.6), pytest.approx(2 / 3))


def test_the_score_is_the_best_of_all_scores():
    made, found = guesses(np.random.default_rng(2), 30)
    matching = Matching.of(made, found)
    score, f1 = best_score(matching)
    hits = np.concatenate([each.scores for each in matching.categories])
    every = np.concatenate([d.scores for d in found]).astype(float)
    wanted = sum(len(p.boxes) for p in made.pictures)
    by_hand = [2 * (hits >= s).sum() / ((every >= s).sum() + wanted) for s in every]
    assert f1 == pytest.approx(max(by_hand)) and score == every[np.argmax(by_hand)]


def test_nothing_ever_right_is_said():
    made = pictures(picture([A], [0]))
    for found in (Detections.of([], [], []), Detections.of([FAR], [0.9], [0])):
        score, f1 = best_score(Matching.of(made, [found]))
        told = confusion(made, [found], score, f1)
        assert (told["score"], f1, told["matrix"]) == (None, 0, [[0, 0, 1], [0, 0, 0], [0, 0, 0]])
