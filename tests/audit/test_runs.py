import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools import mask as coco

from simgen.audit.rle import parse
from simgen.audit.runs import Runs

LETTERS = [chr(i) for i in range(48, 112)]
SHAPES = st.tuples(st.integers(1, 12), st.integers(1, 12))
MASKS = SHAPES.flatmap(
    lambda shape: st.lists(arrays(bool, shape), min_size=1, max_size=4).map(np.array)
)


def text(mask):
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))["counts"].decode()


def listed(mask):
    flat = mask.T.ravel()
    cuts = np.flatnonzero(np.diff(flat)) + 1
    lengths = np.diff([0, *cuts, flat.size]).tolist()
    return [0, *lengths] if flat[0] else lengths


@given(MASKS)
def test_masks_come_back_from_cocos_text_and_lists(masks):
    size = masks.shape[1:]
    for code in (text, listed):
        runs, flaws = parse([(size, code(mask)) for mask in masks], size)
        assert not flaws
        assert all(np.array_equal(runs.mask(i), mask) for i, mask in enumerate(masks))


@given(MASKS)
def test_areas_and_boxes_are_pycocotools(masks):
    size = masks.shape[1:]
    codes = [{"size": list(size), "counts": text(mask)} for mask in masks]
    runs, _ = parse([(size, code["counts"]) for code in codes], size)
    assert runs.areas.tolist() == coco.area(codes).tolist()
    assert runs.boxes.tolist() == coco.toBbox(codes).tolist()


@given(MASKS, st.integers(0, 2**30))
def test_comparisons_are_those_of_the_pixels(masks, seed):
    size, others = masks.shape[1:], np.random.default_rng(seed).permutation(masks)
    others |= masks & (seed % 2 == 0)
    (mine, _), (its, _) = (parse([(size, text(m)) for m in each], size) for each in (masks, others))
    assert mine.same(its).tolist() == [np.array_equal(a, b) for a, b in zip(masks, others)]
    assert mine.inside(its).tolist() == [not (a & ~b).any() for a, b in zip(masks, others)]


@given(SHAPES.flatmap(lambda shape: arrays(np.uint16, shape, elements=st.integers(0, 4))))
def test_an_id_map_is_the_masks_of_its_ids(ids):
    runs, values = Runs.of_map(ids)
    assert values.tolist() == sorted(set(ids.ravel().tolist()) - {0})
    assert all(np.array_equal(runs.mask(i), ids == value) for i, value in enumerate(values))


@given(MASKS)
def test_samples_are_pixels_of_their_mask(masks):
    runs, _ = parse([(masks.shape[1:], text(mask)) for mask in masks], masks.shape[1:])
    owner, row, column = runs.sample(5)
    assert masks[owner, row, column].all()
    assert np.bincount(owner, minlength=len(masks)).tolist() == np.minimum(runs.areas, 5).tolist()


@given(st.text(max_size=40) | st.text(LETTERS, max_size=6), MASKS)
def test_any_text_is_a_mask_of_the_right_size_or_a_flaw(counts, masks):
    """And never a crash, nor memory by what it claims; its neighbours are read all the same."""
    size = masks.shape[1:]
    runs, flaws = parse([(size, counts), (size, text(masks[0]))], size)
    assert 1 not in flaws and np.array_equal(runs.mask(1), masks[0])
    if 0 in flaws:
        assert runs.areas[0] == 0
    else:
        decoded = coco.decode({"size": list(size), "counts": counts.encode()})
        assert np.array_equal(runs.mask(0), decoded.astype(bool))


@pytest.mark.parametrize(
    "code",
    [
        ((4, 4), None), ((4, 4), 7), ((4, 4), [16, "x"]), ((4, 4), [-1, 17]), ((4, 4), [8, 7]),
        ((4, 4), [2**70]), ((4, 4), ""), ((4, 4), "0"), ((8, 2), "P1"), (None, "P1"),
        ("44", "P1"), ((4, 4), "ooooooooooooooo0"), ((4, 4), "\u00e9"), ((4, 4), b"P1"),
    ],
)  # fmt: skip
def test_malformed_codes_have_a_flaw(code):
    runs, flaws = parse([code], (4, 4))
    assert set(flaws) == {0} and runs.areas.tolist() == [0]


def test_samples_drawn_by_chance_are_one_from_each_part_of_a_mask():
    ids = np.zeros((20, 30), np.uint8)
    ids[2:18, 3:27], ids[0, :3] = 1, 2
    runs, _ = Runs.of_map(ids)
    drawn = [runs.sample(8, np.random.default_rng(seed)) for seed in (0, 0, 1)]
    for owner, row, column in drawn:
        assert (ids[row, column] == owner + 1).all()
        assert np.bincount(owner).tolist() == [8, 3]
        assert len({*zip(row.tolist(), column.tolist())}) == 11
    assert all(map(np.array_equal, drawn[0], drawn[1]))
    assert not all(map(np.array_equal, drawn[0], drawn[2]))
