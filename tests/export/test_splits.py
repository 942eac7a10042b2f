from collections import Counter
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.export.splits import NAMES, Splits

THREE = Splits((0.8, 0.1, 0.1))


def shown(frames, rng):
    """Yields frames with a common, an uncommon and a rare class."""
    for number in range(frames):
        counts = {"common": int(rng.integers(1, 20)), "uncommon": int(rng.random() < 0.3)}
        yield number, {**counts, "rare": 3 * int(rng.random() < 0.03)}


def by_class(frames, shares=(0.8, 0.1, 0.1)):
    return Splits(shares, "class").by_class(5, shown(frames, np.random.default_rng(1)))


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
