from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.dataset import CARD
from simgen.errors import SimgenError
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.table import Table, parted, share_of, spread
from tests import rectangles
from tests.evaluate.folders import squares


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return Pictures.open(squares(tmp_path_factory.mktemp("table") / "a", 40, seed=8))


def names(pictures):
    return {picture.name for picture in pictures.pictures}


def test_every_row_is_trained_with_every_seed_and_what_others_start_from_comes_first():
    table = Table(
        real=(1.0,), synthetic=(0.5, 1.0), mixed=(0.1, 1.0), finetuned=(1.0,), seeds=(3, 4)
    )
    rows = list(table.rows())
    assert [row.training for row in rows[:2]] == ["pretrained"] * 2
    assert len(rows) == 2 * (1 + 1 + 2 + 2 + 1) == len({row.name for row in rows})
    assert {row.seed for row in rows} == {3, 4}
    assert "mixed-real10-synthetic100-seed4" in {row.name for row in rows}
    without = Table(finetuned=()).rows()
    assert "pretrained" not in {row.training for row in without}


@settings(max_examples=25)
@given(st.floats(0.1, 0.9))
def test_parts_are_apart_and_whole(pictures, share):
    train, test = parted(pictures, share)
    assert not names(train) & names(test) and names(train) | names(test) == names(pictures)


def test_parts_stay_when_pictures_are_added_and_copies_are_in_one(pictures, tmp_path):
    train, test = parted(pictures, 0.4)
    fewer = pictures.subset(range(25))
    assert names(parted(fewer, 0.4)[1]) == names(test) & names(fewer)
    folder = squares(tmp_path / "b", 3, seed=9)
    for i in range(1, 3):
        (folder / f"images/000{i}.png").write_bytes((folder / "images/0000.png").read_bytes())
    with pytest.raises(SimgenError, match="are too few to set 0.5 of them aside"):
        parted(Pictures.open(folder), 0.5)


def frames_of(part):
    return {picture.frame for picture in part.pictures}


def test_the_views_of_a_scene_are_all_trained_on_or_all_tried_on(tmp_path):
    rectangles.run(tmp_path / "out", frames=48, views=4)
    whole = Pictures.open(tmp_path / "out")
    train, test = (frames_of(part) for part in parted(whole, 0.4))
    assert train | test == set(range(48)) and not train & test
    assert not {n // 4 for n in train} & {n // 4 for n in test}
    assert len(train) % 4 == len(test) % 4 == 0
    fewer = whole.subset([i for i in range(48) if i % 4 != 1])
    assert frames_of(parted(fewer, 0.4)[1]) == test & frames_of(fewer)
    with pytest.raises(SimgenError, match=r"4 pictures \(1 without copies and further views\) are"):
        parted(whole.subset(range(4)), 0.4)


@pytest.mark.parametrize("views", [{}, {"views": 1}])
def test_where_each_picture_shows_a_scene_of_its_own_its_files_digest_decides(tmp_path, views):
    rectangles.run(tmp_path / "out", frames=24, **views)
    _, test = parted(Pictures.open(tmp_path / "out"), 0.4)
    digests = {p.name: sha256(p.read_bytes()).hexdigest() for p in tmp_path.glob("out/images/*")}
    chosen = {name for name, digest in digests.items() if int(digest[:8], 16) < 0.4 * 2**32}
    assert {Path(name).name for name in names(test)} == chosen


def test_a_strangers_card_changes_nothing_and_a_damaged_one_is_told(tmp_path):
    folder = squares(tmp_path / "a", 40, seed=8)
    before = [names(part) for part in parted(Pictures.open(folder), 0.4)]
    (folder / CARD).write_text('{"title": "holiday"}')
    assert [names(part) for part in parted(Pictures.open(folder), 0.4)] == before
    rectangles.run(tmp_path / "out", frames=4, views=2)
    card = tmp_path / "out" / CARD
    card.write_text(card.read_text().replace('"views": 2', '"views": 0'))
    with pytest.raises(SimgenError, match="views=0 is no number of views"):
        parted(Pictures.open(tmp_path / "out"), 0.4)


@settings(max_examples=25)
@given(st.floats(0.01, 1), st.floats(0.01, 1), st.integers(0, 9))
def test_a_smaller_share_is_part_of_a_larger(pictures, one, other, seed):
    low, high = (share_of(pictures, share, seed) for share in sorted((one, other)))
    assert names(low) <= names(high)
    assert len(low) == max(1, round(min(one, other) * len(pictures)))


def test_seeds_choose_other_pictures(pictures):
    chosen = {frozenset(names(share_of(pictures, 0.2, seed))) for seed in range(5)}
    assert len(chosen) == 5


@pytest.mark.parametrize(
    "wrong",
    [
        {"real": (0.0,)},
        {"mixed": (1.5,)},
        {"seeds": ()},
        {"test_share": 1.0},
        {"real_in_batch": 0.5},
        {"real_in_batch": (0.5, 0.5, 0.5)},
        {"real_in_batch": (0.5, 1.5)},
    ],
)
def test_shares_that_make_no_sense_are_told(wrong):
    with pytest.raises(SimgenError, match=next(iter(wrong))):
        Table(**wrong)


def test_spread_is_half_the_range():
    assert spread([0.2, 0.5, 0.8]) == pytest.approx({"mean": 0.5, "spread": 0.3})
    assert spread(np.array([0.7])) == {"mean": 0.7, "spread": None}
    assert spread([None]) == {"mean": None, "spread": None}
