import torch
from hypothesis import given
from hypothesis import strategies as st

from simgen.evaluate.assign import assign, centres
from simgen.evaluate.boxes import generalized, keep, overlap, pairwise

corner = st.integers(0, 40)
side = st.integers(1, 30)
box = st.tuples(corner, corner, side, side).map(lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3]))


def raster(box):
    x0, y0, x1, y1 = box
    return {(x, y) for x in range(x0, x1) for y in range(y0, y1)}


@given(box, box)
def test_overlaps_are_those_of_counted_pixels(a, b):
    both, either = raster(a) & raster(b), raster(a) | raster(b)
    around = (max(a[2], b[2]) - min(a[0], b[0])) * (max(a[3], b[3]) - min(a[1], b[1]))
    one, other = (torch.tensor([each], dtype=torch.float) for each in (a, b))
    iou = len(both) / len(either)
    torch.testing.assert_close(overlap(one, other), torch.tensor([iou]))
    wanted = iou - (around - len(either)) / around
    torch.testing.assert_close(generalized(one, other), torch.tensor([wanted]))
    torch.testing.assert_close(pairwise(one, other), torch.tensor([[iou]]))


def test_of_those_that_overlap_the_best_of_each_label_stays():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [0, 0, 10, 10], [50, 50, 60, 60]])
    labels = torch.tensor([0, 0, 1, 0])
    kept = keep(boxes, torch.tensor([0.5, 0.9, 0.7, 0.1]), labels, 0.6)
    assert kept.tolist() == [1, 2, 3]


def test_boxes_of_two_labels_never_meet_even_below_zero():
    boxes = torch.tensor([[-11.0, -11, 0, 0], [-22, -22, -11, -11], [-20, -20, -9, -9]])
    for labels in ([0, 0, 1], [1, 0, 1], [1, 0, 0], [0, 1, 1]):
        kept = keep(boxes, torch.tensor([0.9, 0.8, 0.7]), torch.tensor(labels), 0.0)
        twins = labels[1] == labels[2]
        with_first = labels[0] == labels[2]
        assert (2 in kept) == (not twins and not with_first)


def test_nothing_found_is_nothing_kept():
    empty = torch.zeros(0)
    assert keep(empty.view(0, 4), empty, empty.long(), 0.6).tolist() == []


@given(st.lists(box, min_size=1, max_size=5))
def test_every_object_has_a_cell_and_cells_lie_near_their_object(boxes):
    at = centres(9, 9, 8)
    wanted = torch.tensor(boxes, dtype=torch.float)
    labels, theirs = assign(at, 8, wanted, torch.arange(len(boxes)))
    taken = labels >= 0
    torch.testing.assert_close(theirs[taken], wanted[labels[taken]])
    middle = (theirs[:, :2] + theirs[:, 2:]) / 2
    small = (theirs[:, 2:] - theirs[:, :2]).amin(1) < 8
    reach = ((theirs[:, 2:] - theirs[:, :2]) / 4).clamp_min(12)
    near = ((at - middle).abs() <= reach).all(1)
    assert (near | small | ~taken).all()
    if len(boxes) == 1:
        assert taken.any()


def test_of_two_objects_about_one_point_the_smaller_has_the_cell():
    at = centres(8, 8, 8)
    boxes = torch.tensor([[0.0, 0, 64, 64], [22, 22, 42, 42]])
    labels, _ = assign(at, 8, boxes, torch.tensor([3, 5]))
    within = ((at > 22) & (at < 42)).all(1)
    assert within.sum() == 4 and (labels[within] == 5).all() and (labels[~within] != 5).all()
    around = ((at > 16) & (at < 48)).all(1) & ~within
    assert (labels[around] == 3).all() and (labels == 3).sum() == around.sum()


def test_a_picture_without_objects_has_no_cells():
    labels, _ = assign(centres(4, 4, 8), 8, torch.zeros(0, 4), torch.zeros(0, dtype=torch.long))
    assert (labels == -1).all()
