from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.export.plan import blocks_of
from simgen.export.splits import NAMES, Splits
from simgen.torch_dataset import Frames
from tests.export.drawn import dataset

THREE = Splits((0.8, 0.1, 0.1))


def shown(frames, rng):
    """Yields frames with a common, an uncommon and a rare class."""
    for number in range(frames):
        counts = {"common": int(rng.integers(1, 20)), "uncommon": int(rng.random() < 0.3)}
        yield number, {**counts, "rare": 3 * int(rng.random() < 0.03)}


def by_class(frames, shares=(0.8, 0.1, 0.1), views=1):
    return Splits(shares, "class").by_class(5, shown(frames, np.random.default_rng(1)), views)


def test_the_rule_is_the_one_that_is_documented():
    """SHA-256 of '<seed>/<frame>': as sha256sum says it, so nobody's split moves unseen."""
    places = {0: 0x19B655, 1: 0xD3D2F5}  # first three bytes for seed 7
    for number, head in places.items():
        assert sha256(f"7/{number}".encode()).hexdigest().startswith(f"{head:06x}")
        place = head / (1 << 24)
        for edge in (place - 1e-6, place + 2e-7):
            wanted = "train" if place < edge else "val"
            assert Splits((edge, 1 - edge)).of(7, number) == wanted


@given(st.integers(0, 2**31), st.integers(0, 10**7))
def test_every_frame_is_in_a_split_with_a_share(seed, number):
    assert THREE.of(seed, number) in NAMES
    assert Splits((0.0, 1.0)).of(seed, number) == "val"
    assert Splits((1.0,)).of(seed, number) == "train"
    assert Splits((0.3, 0.0, 0.7)).of(seed, number) != "val"


def test_shares_are_kept_within_chance():
    counts = Counter(THREE.of(3, number) for number in range(20_000))
    for name, share in zip(NAMES, THREE.shares):
        spread = (share * (1 - share) / 20_000) ** 0.5
        assert abs(counts[name] / 20_000 - share) < 4.5 * spread


def test_a_larger_share_of_train_takes_frames_from_the_others_only():
    more = Splits((0.9, 0.05, 0.05))
    for number in range(500):
        if THREE.of(0, number) == "train":
            assert more.of(0, number) == "train"


def test_by_class_each_class_is_shared_out_and_so_are_the_frames():
    chosen = by_class(2000)
    totals, parts = Counter(), {name: Counter() for name in NAMES}
    for number, counts in shown(2000, np.random.default_rng(1)):
        totals.update(counts)
        parts[chosen[number]].update(counts)
    for kind in totals:
        for name, share in zip(NAMES, (0.8, 0.1, 0.1)):
            assert abs(parts[name][kind] / totals[kind] - share) < 0.02, (kind, name)
    frames = Counter(chosen.values())
    assert abs(frames["val"] - 200) < 20 and abs(frames["test"] - 200) < 20


def test_by_class_a_dataset_that_grows_keeps_its_splits():
    few, many = by_class(300), by_class(900)
    assert few == {number: many[number] for number in few}


def test_by_class_a_split_without_a_share_gets_nothing():
    assert set(by_class(200, (0.5, 0.0, 0.5)).values()) == {"train", "test"}


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ((0.5, 0.4), "must add up to 1, not 0.9"),
        ((1.2, -0.2), "between 0 and 1"),
        ((0.25,) * 4, "must be the shares of train, val and test"),
        ((), "must be the shares"),
        (0.5, "must be the shares"),
        (("much", "little"), "must be the shares"),
        ((float("nan"), 1.0), "between 0 and 1"),
        ((True,), "must be the shares"),
    ],
)
def test_shares_that_make_no_sense_are_refused(shares, said):
    with pytest.raises(SimgenError, match=f"^split=.*{said}"):
        Splits(shares)


def test_another_rule_is_refused():
    with pytest.raises(SimgenError, match="split_by='clas' is not known; did you mean 'class'"):
        Splits((1.0,), "clas")


def test_by_class_the_views_of_a_scene_stay_together():
    chosen = by_class(2000, views=4)
    assert all(chosen[number] == chosen[number - number % 4] for number in chosen)
    counts = Counter(chosen.values())
    assert all(abs(counts[n] / 2000 - s) < 0.02 for n, s in zip(NAMES, THREE.shares))


def test_by_class_a_scene_that_gets_its_other_views_later_stays():
    for frames in (301, 302, 303):
        few, many = by_class(frames, views=4), by_class(900, views=4)
        assert few == {number: many[number] for number in few}


def test_by_class_frames_that_are_there_of_a_scene_stay_together():
    """Only some views were made: the first of them decides."""
    some = [(n, counts) for n, counts in shown(400, np.random.default_rng(1)) if n % 4 in (1, 3)]
    chosen = THREE.by_class(5, some, 4)
    assert set(chosen) == {n for n, _ in some}
    assert all(chosen[n] == chosen[n - 2] for n in chosen if n % 4 == 3)


@pytest.mark.parametrize("by", ["frame", "class"])
def test_the_views_of_a_scene_are_in_one_split_of_a_dataset(tmp_path, by):
    made = dataset(tmp_path / "out", [*range(30), 41, 43], views=3)
    assert made.card.views == 3
    of = {n: s for block in blocks_of(made, Splits((0.5, 0.5), by)) for n, s in block.frames}
    assert len(of) == 32 and set(of.values()) == {"train", "val"}
    assert all(of[n] == of[n - 1] for n in range(30) if n % 3)
    if by == "frame":
        assert all(of[n] == Splits((0.5, 0.5)).of(0, n // 3) for n in of)
        train = Frames(made.folder, "train", (0.5, 0.5)).numbers
        assert train == tuple(n for n, split in of.items() if split == "train")
