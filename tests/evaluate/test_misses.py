import numpy as np
import pytest

from simgen.evaluate.detections import Detections
from simgen.evaluate.misses import contact_sheet, false_alarms, misses
from simgen.evaluate.picture import Picture
from simgen.evaluate.tiles import TRUE, Drawn, sheet, tile
from tests.evaluate.detected import guesses, perfect, picture, pictures

A, B, C, FAR = [0, 0, 10, 10], [50, 0, 20, 20], [100, 0, 30, 30], [200, 200, 10, 10]


def test_misses_from_the_least_seen_and_largest_on():
    made = pictures(picture([A, B, C], [0, 0, 1]), picture([A], [1]))
    doubted = Detections.of([B], [0.3], [0])
    worst = misses(made, [doubted, Detections.of([A], [0.9], [0])], 0.5)
    assert [w.said for w in worst] == [
        "king: nothing seen",
        "queen: nothing seen",
        "queen: queen at 0.30",
    ]
    assert [w.box.tolist() for w in worst] == [C, A, B]


def test_false_alarms_from_the_surest_on():
    made = pictures(picture([A, B], [0, 1]))
    boxes = [A, FAR, B, B, [50, 0, 20, 8], FAR]
    found = Detections.of(boxes, [0.9, 0.8, 0.7, 0.6, 0.55, 0.1], [1, 0, 1, 1, 1, 0])
    assert [w.said for w in false_alarms(made, [found], 0.5)] == [
        "king at 0.90: is queen",
        "queen at 0.80: nothing there",
        "king at 0.60: king, twice",
        "king at 0.55: king at IoU 0.40",
    ]


def test_no_crowd_is_missed_or_a_false_alarm():
    made = pictures(picture([C], [0], crowd=[True]))
    found = [Detections.of([[105, 5, 10, 10]], [0.9], [0])]
    assert misses(made, found, 0.5) == false_alarms(made, found, 0.5) == []


def test_perfect_has_neither():
    made, _ = guesses(np.random.default_rng(0), 9)
    assert misses(made, perfect(made), 1.0) == false_alarms(made, perfect(made), 1.0) == []


@pytest.mark.parametrize("shape", [(100, 200), (200, 100), (400, 300)])
def test_a_box_is_drawn_on_its_object(shape):
    """A white object on black: inside its outline it is white, outside black."""
    rgb = np.zeros((*shape, 3), np.uint8)
    rgb[60:70, 48:58] = 255
    box = np.float32([48, 60, 10, 10])
    square = tile(rgb, box, [Drawn(box, TRUE, main=True)], ())
    green = (np.abs(square.astype(int) - TRUE) < 30).all(2)
    rows, columns = np.flatnonzero(green.any(1)), np.flatnonzero(green.any(0))
    inside = square[rows[0] + 6 : rows[-1] - 5, columns[0] + 6 : columns[-1] - 5]
    assert inside.size and (inside > 250).all()
    beside = square[rows[0] - 9, columns[0] : columns[-1]], square[rows[-1] + 9, columns[0] :]
    assert all((line < 5).all() for line in beside)


def test_tiles_and_sheets_have_one_size(monkeypatch):
    made, found = guesses(np.random.default_rng(1), 12)
    monkeypatch.setattr(Picture, "read", lambda _: np.full((360, 360, 3), 90, np.uint8))
    full = contact_sheet(made, found, 0.2)
    one = contact_sheet(made.subset([0]), found[:1], 0.2)
    assert full.dtype == np.uint8 and full.shape[1:] == one.shape[1:] and len(one) <= len(full)


def test_long_and_foreign_names_are_drawn_within_their_tile():
    square = tile(np.zeros((9, 9, 3), np.uint8), np.float32([0, 0, 5, 5]), [], ("é" * 200, "b\n"))
    assert sheet([("none", []), ("one", [square])], 5, [(TRUE, "said")]).ndim == 3


def test_boxes_far_outside_or_of_no_size_are_no_error():
    rgb = np.zeros((40, 60, 3), np.uint8)
    for box in ([1e9, -1e9, 5, 5], [10, 10, 0, 0], [-1e9, 0, 3e9, 9]):
        box = np.float32(box)
        assert tile(rgb, box, [Drawn(box, TRUE)], ("said",)).shape[2] == 3
