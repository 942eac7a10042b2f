import numpy as np
import pytest

from simgen.errors import SimgenError
from simgen.evaluate.detections import Detections, load, save
from simgen.evaluate.precision import precision
from tests.evaluate.detected import perfect, picture, pictures

NOTHING = Detections.of([], [], [])
TWO = pictures(
    picture([[10, 10, 20, 20], [50, 50, 40, 60]], [0, 1]), picture([[0, 0, 200, 100]], [0])
)


def test_perfect_detections_are_1_and_print_nothing(capsys):
    found = precision(TWO, perfect(TWO))
    assert capsys.readouterr().out == ""
    assert all(found[key] == 1 for key in ("ap", "ap50", "ap75", "ar"))
    assert (found["ap_small"], found["ap_medium"], found["ap_large"]) == (1, 1, 1)
    assert found["classes"] == found["classes_ap"] == {"queen": 1, "king": 1}


def test_the_right_boxes_of_the_wrong_class_are_0():
    swapped = [Detections.of(d.boxes, d.scores, 1 - d.labels) for d in perfect(TWO)]
    assert precision(TWO, swapped)["ap"] == 0


def test_nothing_found_is_0_and_nothing_to_find_is_none():
    assert precision(TWO, [NOTHING, NOTHING])["ap50"] == 0
    empty = pictures(picture([], []))
    found = precision(empty, [Detections.of([[0, 0, 9, 9]], [1], [0])])
    assert found["ap"] is found["ar"] is found["classes"]["queen"] is None


def test_a_category_without_boxes_counts_for_nothing():
    queens = pictures(picture([[10, 10, 20, 20]], [0]))
    found = precision(queens, perfect(queens))
    assert found["ap"] == 1 and found["classes"] == {"queen": 1, "king": None}


def test_a_curve_by_hand():
    """Hit, false alarm, hit of two boxes: precision 1 up to recall 1/2, then 2/3, at 101 points."""
    two = pictures(picture([[0, 0, 10, 10], [50, 50, 10, 10]], [0, 0]), categories=("queen",))
    boxes = [[0, 0, 10, 10], [90, 90, 10, 10], [50, 50, 10, 10]]
    found = precision(two, [Detections.of(boxes, [0.9, 0.8, 0.7], [0, 0, 0])])
    assert found["ap50"] == pytest.approx((51 + 50 * 2 / 3) / 101)


def test_a_known_overlap_is_a_hit_up_to_its_iou():
    """10 x 10 moved by 2 overlaps 8 / 12: a hit at 0.50, 0.55, 0.60, 0.65 of ten."""
    one = pictures(picture([[0, 0, 10, 10]], [0]), categories=("queen",))
    found = precision(one, [Detections.of([[2, 0, 10, 10]], [0.5], [0])])
    assert (found["ap50"], found["ap75"]) == (1, 0)
    assert found["ap"] == found["ar"] == pytest.approx(0.4)


def test_crowds_are_neither_hits_nor_misses():
    crowd = pictures(picture([[0, 0, 10, 10], [50, 50, 40, 40]], [0, 0], crowd=[False, True]))
    boxes = [[0, 0, 10, 10], [55, 55, 10, 10], [60, 70, 10, 10]]
    inside = Detections.of(boxes, [0.5, 0.9, 0.9], [0, 0, 0])
    assert precision(crowd, [inside])["ap"] == 1


def test_sizes_are_by_the_annotations_area_where_it_has_one():
    thin = picture([[0, 0, 100, 100]], [0], annotations=({"area": 500},))
    found = precision(pictures(thin), [Detections.of(thin.boxes, [1], [0])])
    assert found["ap_small"] == 1 and found["ap_large"] is None


def test_only_detections_that_fit_the_pictures():
    with pytest.raises(ValueError, match="1 detections for 2"):
        precision(TWO, [NOTHING])
    with pytest.raises(ValueError, match="indices of 2"):
        precision(TWO, [NOTHING, Detections.of([[0, 0, 1, 1]], [1], [2])])
    with pytest.raises(ValueError, match="finite"):
        Detections.of([[0, 0, 1, np.nan]], [1], [0])


@pytest.mark.parametrize("held", [[], [NOTHING], [*perfect(TWO), NOTHING]])
def test_detections_come_back_from_their_file(tmp_path, held):
    save(tmp_path, "found.npz", held)
    back = load(tmp_path, "found.npz")
    assert len(back) == len(held)
    for a, b in zip(held, back):
        assert all(np.array_equal(*pair) for pair in zip(vars(a).values(), vars(b).values()))
        assert [v.dtype for v in vars(a).values()] == [v.dtype for v in vars(b).values()]


def test_a_file_of_other_things_is_refused_and_never_run(tmp_path):
    np.savez(tmp_path / "found.npz", boxes=np.array([{}], object))
    with pytest.raises(SimgenError, match="no detections"):
        load(tmp_path, "found.npz")
