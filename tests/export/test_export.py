"""What every export promises, whatever the format: links, splits, resuming, one clear line."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import cv2
import numpy as np
import pytest

from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.export import journal, place
from simgen.export.coco import Coco
from simgen.export.convert import Choices
from simgen.export.format import Part
from simgen.export.splits import Splits
from simgen.export.voc import Voc
from simgen.export.yolo import Yolo
from tests.export.drawn import dataset, exported, files, samples

HALVES = Splits((0.5, 0.5))
FORMATS = {"yolo": Yolo(), "segment": Yolo("segment"), "coco": Coco(), "voc": Voc()}


FRAMES = (*range(8), *range(64, 72), *range(640, 644))  # in three blocks


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Dataset:
    return dataset(tmp_path_factory.mktemp("made") / "data", list(FRAMES))


@pytest.fixture(scope="module")
def few(tmp_path_factory) -> Dataset:
    return dataset(tmp_path_factory.mktemp("few") / "data", 6)


@pytest.fixture
def copy(few, tmp_path) -> Dataset:
    """Returns a dataset of 6 frames that may be damaged."""
    shutil.copytree(few.folder, tmp_path / "data")
    return Dataset.load(tmp_path / "data")


@pytest.fixture(params=FORMATS)
def format(request):
    return FORMATS[request.param]


def test_pictures_are_the_datasets_own_files(made, tmp_path):
    summary = exported(made, tmp_path / "out", Yolo())
    for number, sample in samples(made).items():
        theirs = tmp_path / f"out/images/train/{number:06d}.png"
        assert theirs.samefile(made.folder / sample.picture.path)
    assert (summary.copied, summary.splits) == (0, {"train": len(FRAMES)})
    assert summary.labels == sum(len(s.labels) for s in samples(made).values())
    assert summary.files == len(files(tmp_path / "out"))


@pytest.mark.parametrize("number", [errno.EXDEV, errno.EPERM, errno.EMLINK])
def test_where_no_link_can_be_made_there_are_copies_and_that_is_said(
    copy, tmp_path, monkeypatch, number
):
    def refused(*paths):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", refused)
    summary = exported(copy, tmp_path / "out", Yolo())
    assert summary.copied == 6 and "6 files are copies" in summary.text()
    picture = tmp_path / "out/images/train/000000.png"
    assert picture.read_bytes() == (copy.folder / "images/000000.png").read_bytes()
    assert picture.stat().st_nlink == 1


def test_copies_on_request_are_no_links_and_not_worth_a_word(copy, tmp_path):
    summary = exported(copy, tmp_path / "out", Yolo(), choices=Choices(image="copy"))
    assert (tmp_path / "out/images/train/000000.png").stat().st_nlink == 1
    assert "are copies" not in summary.text()


def test_pictures_are_encoded_anew_only_on_request(copy, tmp_path):
    exported(copy, tmp_path / "jpg", Yolo(), choices=Choices(image="jpg"))
    exported(copy, tmp_path / "png", Yolo(), choices=Choices(image="png"))
    new = cv2.imread(str(tmp_path / "jpg/images/train/000003.jpg")).astype(int)
    old = cv2.imread(str(copy.folder / "images/000003.png"))
    assert new.shape == old.shape and 0 < np.abs(new - old).mean() < 8
    mark = b'simgen:Frame="3"'
    assert mark in (tmp_path / "jpg/images/train/000003.jpg").read_bytes()
    assert (tmp_path / "png/images/train/000003.png").samefile(copy.folder / "images/000003.png")


def test_splits_share_out_all_frames_and_no_picture_is_in_two(made, tmp_path):
    splits = Splits((0.6, 0.2, 0.2))
    summary = exported(made, tmp_path / "out", Yolo(), splits)
    there = {p.stem: p.parent.name for p in (tmp_path / "out").glob("images/*/*")}
    assert there == {f"{n:06d}": splits.of(made.card.seed, n) for n in FRAMES}
    assert sum(summary.splits.values()) == len(FRAMES) and list(summary.splits) == [
        "train",
        "val",
        "test",
    ]


def test_a_split_that_got_no_frame_is_told(copy, tmp_path):
    summary = exported(copy, tmp_path / "out", Voc(), Splits((0.999, 0.0, 0.001)))
    assert summary.splits == {"train": 6} and "none in test" in summary.text()
    assert not (tmp_path / "out/ImageSets/Main/test.txt").exists()


def test_two_processes_make_the_same_bytes_as_one(made, tmp_path):
    one = exported(made, tmp_path / "one", Coco(), HALVES)
    two = exported(made, tmp_path / "two", Coco(), HALVES, jobs=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert (one.labels, one.lost) == (two.labels, two.lost)


def test_a_complete_export_is_left_alone(copy, tmp_path, monkeypatch, format):
    first = exported(copy, tmp_path / "out", format)
    monkeypatch.setattr(type(format), "convert", None)
    again = exported(copy, tmp_path / "out", format)
    assert again.was_there and not first.was_there
    assert (again.labels, again.splits, again.lost) == (first.labels, first.splits, first.lost)


def test_a_file_that_was_lost_comes_back(copy, tmp_path, format):
    exported(copy, tmp_path / "out", format)
    wanted = files(tmp_path / "out")
    for name in list(wanted)[::3]:
        (tmp_path / "out" / name).unlink()
    exported(copy, tmp_path / "out", format)
    assert files(tmp_path / "out") == wanted


class Killed(BaseException):
    """What no code of ours catches."""


@pytest.mark.parametrize("at", [0, 1, 2, 5, 9, 14, 15, 16, 17, 18, 20])
def test_wherever_it_dies_the_next_run_completes_to_the_same_bytes(
    copy, tmp_path, monkeypatch, format, at
):
    """Each file, and each note of the journal, is put into place in one step; one is the last."""
    steps = iter(range(10_000))

    def mortal(put):
        def step(*arguments):
            if next(steps) == at:
                raise Killed
            return put(*arguments)

        return step

    exported(copy, tmp_path / "whole", format, HALVES)
    with monkeypatch.context() as patch:
        patch.setattr(place, "move_into_place", mortal(place.move_into_place))
        patch.setattr(journal.os, "replace", mortal(os.replace))
        try:
            exported(copy, tmp_path / "out", format, HALVES)
        except Killed:
            assert not (tmp_path / "out/export.json").exists() or at > 12
    exported(copy, tmp_path / "out", format, HALVES)
    assert files(tmp_path / "out") == files(tmp_path / "whole")
    assert sorted(os.listdir(tmp_path / "out/.export")) == ["complete.json", "files", "plan.json"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_kill_9(made, tmp_path, jobs):
    command = [sys.executable, "-m", "simgen.export", made.folder, "format=coco", f"jobs={jobs}"]
    exported(made, tmp_path / "whole", Coco(), Splits((0.8, 0.1, 0.1)))
    for seconds in (0.8, 1.3, 1.8):
        process = subprocess.Popen([*command, f"out={tmp_path / 'out'}"], stderr=subprocess.DEVNULL)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait()
    done = subprocess.run([*command, f"out={tmp_path / 'out'}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    theirs, ours = files(tmp_path / "out"), files(tmp_path / "whole")
    assert theirs == ours


def test_a_grown_dataset_is_followed_and_no_frame_changes_its_split(made, copy, tmp_path):
    splits = Splits((0.5, 0.25, 0.25))
    exported(copy, tmp_path / "out", Coco(), splits)
    few = set(files(tmp_path / "out"))
    for path in made.folder.rglob("*"):
        if path.is_file() and not (copy.folder / path.relative_to(made.folder)).exists():
            shutil.copy2(path, copy.folder / path.relative_to(made.folder))
    exported(copy, tmp_path / "out", Coco(), splits)
    exported(made, tmp_path / "anew", Coco(), splits)
    assert files(tmp_path / "out") == files(tmp_path / "anew")
    assert {name for name in few if name.startswith("images/")} < set(files(tmp_path / "out"))


def test_what_a_later_run_has_no_place_for_goes_and_strangers_stay(copy, tmp_path):
    exported(copy, tmp_path / "out", Yolo())
    (tmp_path / "out/labels/train.cache").write_bytes(b"Ultralytics' own")
    (copy.folder / "records/000003.json").unlink()
    exported(copy, tmp_path / "out", Yolo())
    there = set(files(tmp_path / "out"))
    assert "labels/train.cache" in there and "labels/train/000002.txt" in there
    assert not any("000003" in name for name in there)


def test_a_frame_that_was_made_anew_is_exported_anew(copy, tmp_path):
    exported(copy, tmp_path / "out", Yolo())
    path = copy.folder / "records/000002.json"
    record = json.loads(path.read_bytes())
    record["labels"] = []
    path.write_text(json.dumps(record))
    exported(copy, tmp_path / "out", Yolo())
    assert (tmp_path / "out/labels/train/000002.txt").read_bytes() == b""


def refused(*arguments, **more) -> str:
    with pytest.raises(SimgenError) as caught:
        exported(*arguments, **more)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_other_settings_are_not_continued(copy, tmp_path):
    exported(copy, tmp_path / "out", Yolo())
    text = refused(copy, tmp_path / "out", Yolo("obb"))
    assert "other settings: format.task (detect there, obb now); choose another out=" in text
    assert "format (yolo there, coco now)" in refused(copy, tmp_path / "out", Coco())
    assert "split" in refused(copy, tmp_path / "out", Yolo(), HALVES)
    assert "image (link there" in refused(
        copy, tmp_path / "out", Yolo(), choices=Choices(image="jpg")
    )


def test_another_dataset_is_not_mixed_in(copy, tmp_path):
    exported(copy, tmp_path / "out", Yolo())
    other = dataset(tmp_path / "other", 2, seed=9)
    assert "dataset (" in refused(other, tmp_path / "out", Yolo())


def test_a_folder_with_other_things_is_left_alone(copy, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/thesis.tex").write_text("years")
    text = refused(copy, tmp_path / "out", Yolo())
    assert text.endswith("holds no export ('thesis.tex' is there); choose another out=")
    assert "in the dataset's folder" in refused(copy, copy.folder / "yolo", Yolo())


def test_two_exports_at_once_do_not_meet(copy, tmp_path):
    class Nested(Yolo):
        def finish(self, written):
            assert "another export is writing to it" in refused(copy, tmp_path / "out", self)
            return super().finish(written)

    exported(copy, tmp_path / "out", Nested())


def test_a_missing_picture_is_told_by_its_frame(copy, tmp_path):
    (copy.folder / "images/000004.png").unlink()
    text = refused(copy, tmp_path / "out", Yolo())
    assert text.startswith("frame 4: images/000004.png: No such file") and "anew" in text
    (copy.folder / "images/000004.png").touch()
    assert "frame 4: images/000004.png: it is empty" in refused(copy, tmp_path / "out", Yolo())


def test_a_damaged_record_is_told_by_its_name(copy, tmp_path):
    path = copy.folder / "records/000001.json"
    path.write_bytes(path.read_bytes()[:-200])
    text = refused(copy, tmp_path / "out", Yolo())
    assert text.startswith("frame 1: records/000001.json:") and "damaged" in text


def test_bytes_that_changed_are_found_when_asked_for(copy, tmp_path):
    path = copy.folder / "images/000001.png"
    path.write_bytes(path.read_bytes() + b"!")
    exported(copy, tmp_path / "trusting", Yolo())
    text = refused(copy, tmp_path / "out", Yolo(), choices=Choices(verify=True))
    assert text.startswith("frame 1: images/000001.png: its bytes are not those")


def test_a_link_out_of_the_dataset_is_not_followed(copy, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    (copy.folder / "images/000000.png").unlink()
    (copy.folder / "images/000000.png").symlink_to(tmp_path / "secret")
    assert "leads out of the folder" in refused(copy, tmp_path / "out", Yolo())


def test_an_empty_dataset_is_told(copy, tmp_path):
    shutil.rmtree(copy.folder / "records")
    assert "has no frame" in refused(copy, tmp_path / "out", Yolo())


def test_objects_that_show_too_little_are_left_out_and_counted(copy, tmp_path):
    labels = [label for sample in samples(copy).values() for label in sample.labels]
    small = sum(label.area < 60 for label in labels)
    hidden = sum(label.visible_fraction < 0.5 <= label.area / 120 for label in labels)
    choices = Choices(min_visible_px=60, min_visible_fraction=0.5)
    summary = exported(copy, tmp_path / "out", Yolo(), choices=choices)
    assert summary.lost["objects left out: below min_visible_px"] == small > 0
    assert summary.lost["objects left out: below min_visible_fraction"] >= hidden > 0
    kept = sum(label.area >= 60 and label.visible_fraction >= 0.5 for label in labels)
    lines = sum(len(p.read_text().splitlines()) for p in (tmp_path / "out").rglob("0*.txt"))
    assert summary.labels == kept == lines


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "export.json", ".export/x", "a\nb", "a\\b"])
def test_a_format_cannot_write_elsewhere(copy, tmp_path, path):
    class Rude(Yolo):
        def convert(self, sample, split):
            return Part({path: b""})

    assert "the format makes" in refused(copy, tmp_path / "out", Rude())
    assert not (tmp_path / "x").exists()


def test_two_frames_cannot_share_a_file(copy, tmp_path):
    class Same(Yolo):
        def convert(self, sample, split):
            return Part({"x": b""})

    assert "two frames make 'x'" in refused(copy, tmp_path / "out", Same())


def test_licence_notes_go_along_problems_first(copy, tmp_path):
    path = copy.folder / "dataset.json"
    card = json.loads(path.read_bytes())
    chair = {"name": "chair.glb", "licence": "CC-BY-NC-4.0", "source": "somebody", "digest": "ab"}
    card["assets"].append({**chair, "flag": "non-commercial"})
    path.write_text(json.dumps(card))
    summary = exported(Dataset.load(copy.folder), tmp_path / "out", Yolo())
    notes = (tmp_path / "out/LICENCES.txt").read_text().splitlines()
    assert notes[2] == "BEFORE YOU SELL OR SHARE THEM: non-commercial: chair.glb"
    assert notes[4].startswith("chair.glb: CC-BY-NC-4.0 [non-commercial]")
    assert "non-commercial: chair.glb" in summary.text()
    assert "chair.glb" in json.loads((tmp_path / "out/export.json").read_bytes())["licences"]
