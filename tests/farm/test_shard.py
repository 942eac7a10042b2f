"""Slices of a run that need nothing of each other: apart, and side by side in one folder."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.datacard.write import write_data_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.farm.claim import Claim
from simgen.farm.shard import Shard
from simgen.fold import fold
from simgen.generate import card_of, generate
from simgen.writers.coco import FILE, Coco
from tests import rectangles
from tests.folders import contents
from tests.rectangles import run
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def nine(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("nine") / "out"
    run(out, frames=9)
    return out


@given(count=st.integers(1, 9), frames=st.integers(1, 200), together=st.integers(1, 40))
def test_every_frame_is_in_one_shard_and_stays_there(count, frames, together):
    shards = [Shard(i, count).frames(range(frames), together) for i in range(count)]
    assert sorted(sum(shards, [])) == list(range(frames))
    raised = [Shard(i, count).frames(range(frames + 50), together) for i in range(count)]
    assert all(set(few) <= set(many) for few, many in zip(shards, raised))
    blocks = [{frame // together for frame in frames} for frames in shards]
    assert sum(map(len, blocks)) == len(set().union(*blocks)), "a block is cut in two"
    sizes = list(map(len, shards))
    assert max(sizes) - min(sizes) <= together


def test_of_a_list_of_frames_too():
    assert Shard(1, 3).frames([7, 4, 100, 5], 1) == [7, 4, 100]
    assert Shard(0, 2).frames([3, 4, 8], 4) == [3, 8]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("100/100", "shard=100/100: there is no such shard; they are 0/100 to 99/100"),
        ("1/1", "shard=1/1: there is no such shard; they are 0/1 to 0/1"),
        ("3/0", "shard=3/0: there is no such shard; give at least 0/1"),
        ("-1/3", "shard=-1/3 must be its number, from 0, and how many: 3/100"),
        ("a/b", "shard=a/b must be"),
        ("3", "shard=3 must be"),
        (3, "shard=3 must be"),
        (0.5, "shard=0.5 must be"),
        ("1/3/5", "shard=1/3/5 must be"),
        ("1 /3", "shard=1 /3 must be"),
        ("٣/٩", "shard=٣/٩ must be"),
        ([1, 3], "shard=[1, 3] must be"),
        (True, "shard=True must be"),
        ("", "shard= must be"),
    ],
)
def test_a_shard_that_cannot_be_is_told_before_anything_is_written(tmp_path, value, said):
    with pytest.raises(SimgenError) as error:
        run(tmp_path / "out", shard=value)
    assert str(error.value).startswith(said)
    assert list(tmp_path.iterdir()) == []


def test_shards_one_after_the_other_make_the_same_folder_as_one_run(nine, tmp_path):
    out = tmp_path / "out"
    for i in (2, 0, 1):
        summary = run(out, frames=9, shard=f"{i}/3")
        assert (summary.frames_made, summary.frames_reused) == (3, 0)
        assert f"shard {i}/3, 3 frames" in " ".join(summary.text().split())
    assert contents(out) == contents(nine)
    summary = run(out, frames=9, shard="1/3")
    assert (summary.frames_made, summary.frames_reused, summary.frames_there) == (0, 3, 9)


def test_frames_that_are_chosen_together_stay_together(tmp_path):
    def build(config):
        return replace(rectangles.build(config), together=4)

    config = rectangles.config(tmp_path / "out", frames=10, shard="1/2")
    said = generate(config, build, rectangles.make).text()
    assert "shard 1/2, 4 frames, in blocks of 4" in " ".join(said.split())
    assert Dataset.load(tmp_path / "out").done() == {4, 5, 6, 7}


def test_a_shard_without_frames_is_no_mistake(tmp_path):
    summary = run(tmp_path / "out", frames=2, shard="7/8")
    assert (summary.frames_made, summary.frames_there) == (0, 0)
    assert json.loads((tmp_path / "out" / FILE).read_bytes())["images"] == []


# Several runs in one folder at the same time.

SCRIPT = """
import json, sys
from simgen.generate import card_of, generate
from tests import rectangles
summary = generate(json.loads(sys.argv[1]), rectangles.build, rectangles.make)
print(json.dumps([summary.frames_made, summary.folded]))
"""


def started(out: Path, **changes) -> subprocess.Popen:
    config = json.dumps(rectangles.config(out, **changes))
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, config],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_runs_at_the_same_time_in_one_folder(nine, tmp_path):
    """Two shards, and one of them once more: frames that two runs claim do no harm."""
    out = tmp_path / "out"
    paces = {"0/2": 0.1, "1/2": 0.0}
    runs = [started(out, frames=9, shard=i, seconds=paces[i]) for i in ("0/2", "1/2", "1/2")]
    said = [process.communicate(timeout=120) for process in runs]
    assert [process.returncode for process in runs] == [0, 0, 0], said
    told = [json.loads(out) for out, _ in said]
    assert told[0][0] == 5 and any(folded for _, folded in told)
    assert contents(out) == contents(nine)


class Meanwhile:
    """A writer that does what other runs do while this one folds."""

    def __init__(self, act):
        self.act = act

    def finish(self, dataset):
        self.act()


def begun(nine: Path, out: Path, frames) -> Dataset:
    """Returns a dataset with some of the nine frames, not folded."""
    config = rectangles.config(out)
    dataset = Dataset.open(out, Dataset.load(nine).card, config)
    add(dataset, frames)
    return dataset


def add(dataset: Dataset, frames) -> None:
    recipe = rectangles.build(rectangles.config(dataset.folder))
    for index in frames:
        dataset.commit(rectangles.make(recipe, index), recipe.writers.values())


def test_a_fold_leaves_off_when_others_add_frames(nine, tmp_path):
    dataset = begun(nine, tmp_path / "out", range(8))
    assert not fold(dataset, [Meanwhile(lambda: add(dataset, [8])), Coco()])
    assert not (dataset.folder / FILE).exists()
    assert fold(dataset, [Coco()])
    assert contents(dataset.folder) == contents(nine)


def test_the_slower_of_two_folds_does_not_hide_the_later_one(nine, tmp_path, monkeypatch):
    """The slower one has read all frames that it knows of and is about to put its file in place;
    meanwhile the last frame is added, and folded by the run that added it."""
    dataset = begun(nine, tmp_path / "out", range(8))
    rest = [lambda: add(dataset, [8]), lambda: fold(dataset, [Coco()])]
    real = os.replace

    def late(source, target):
        if str(target).endswith(FILE) and rest:
            acts = rest.copy()
            rest.clear()
            for act in acts:
                act()
            assert (dataset.folder / FILE).read_bytes() == (nine / FILE).read_bytes()
        real(source, target)

    monkeypatch.setattr(os, "replace", late)
    assert fold(dataset, [Coco()])
    assert not rest and contents(dataset.folder) == contents(nine)


def test_a_data_card_tells_the_annotations_that_are_there_in_the_end(nine, tmp_path, monkeypatch):
    """Another run's fold puts its annotations in place between this one's reading and writing."""
    dataset = begun(nine, tmp_path / "out", range(9))
    (dataset.folder / "annotations").mkdir()
    (dataset.folder / FILE).write_text("of fewer frames")
    real = os.replace

    def late(source, target):
        if str(target).endswith("croissant.json"):
            Coco().finish(dataset)
        real(source, target)

    monkeypatch.setattr(os, "replace", late)
    write_data_card(dataset)
    assert contents(dataset.folder) == contents(nine)


def test_a_run_of_other_settings_that_begins_at_the_same_moment_is_told(tmp_path):
    """On a machine with another version, say: neither has seen a frame of the other."""
    out = tmp_path / "out"
    other = rectangles.config(out, frames=4, seed=1, shard="1/2")

    def make(recipe, index):
        Dataset.open(out, card_of(other, rectangles.build(other)), other)
        return rectangles.make(recipe, index)

    with pytest.raises(SimgenError, match=r"other settings: seed \(1 there, 0 now\)"):
        generate(rectangles.config(out, shard="0/2"), rectangles.build, make)
    assert Dataset.load(out).done() == set()
    assert generate(other, rectangles.build, rectangles.make).frames_there == 2


def test_no_worker_of_a_run_adds_to_the_dataset_that_took_the_place_of_its_own(tmp_path):
    out = tmp_path / "out"
    other = rectangles.config(out, frames=4, seed=1)

    def replace_card():
        wait_for((out / "dataset.json").exists)
        Dataset.open(out, card_of(other, rectangles.build(other)), other)

    thread = Thread(target=replace_card)
    thread.start()
    with pytest.raises(SimgenError, match=r"^out=.* other settings: seed \(1 there, 0 now\)"):
        run(out, frames=4, workers=2, seconds=2.0)
    thread.join()
    assert contents(out).keys() <= {"config/config.yaml", "dataset.json"}
    run(out, frames=4, seed=1)
    run(tmp_path / "alone", frames=4, seed=1)
    assert contents(out) == contents(tmp_path / "alone")


def test_a_card_that_is_replaced_as_a_frame_is_put_takes_the_frame_back(nine, tmp_path):
    settings, other = (rectangles.config(tmp_path / "out", seed=seed) for seed in (0, 1))
    cards = [card_of(each, rectangles.build(each)) for each in (settings, other)]
    dataset = Dataset.open(tmp_path / "out", cards[0], settings)

    class Slow(Dataset):
        def put(self, parcel):
            Dataset.open(tmp_path / "out", cards[1], other)
            super().put(parcel)

    recipe = rectangles.build(settings)
    writers, frame = recipe.writers.values(), rectangles.make(recipe, 0)
    with pytest.raises(SimgenError, match="other settings: seed"):
        Claim(Slow(dataset.folder, dataset.card)).commit(frame, writers)
    assert dataset.done() == set()
    with pytest.raises(SimgenError, match="other settings: seed"):
        Claim(dataset).commit(frame, writers)
    Claim(Dataset.load(dataset.folder)).commit(frame, writers)
    assert dataset.done() == {0}
