"""Shards put together: the same bytes as one run's, or one line that says why not."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simgen.asked import Asked, frames_of
from simgen.dataset import CARD, CONFIG, Dataset
from simgen.errors import SimgenError
from simgen.generate import generate
from simgen.merge.__main__ import main
from simgen.merge.merge import merge
from simgen.merge.source import Source
from simgen.merge.writers import writers_of
from simgen.recipe import Recipe
from simgen.spans import spans, told
from simgen.store import Place
from simgen.writers.coco import FILE
from tests import rectangles
from tests.composing import composed, options
from tests.folders import contents

ROOT = Path(__file__).parents[2]
FRAMES = 9
WRITER = {
    "images": {"_target_": "simgen.writers.images.Images", "format": "png", "quality": 95},
    **{
        name: {"_target_": f"simgen.writers.{name}.{name.title()}"}
        for name in ("depth", "instance", "semantic")
    },
    "coco": {"_target_": "simgen.writers.coco.Coco", "include": ["amodal", "keypoints"]},
}


def run(out: Place, **changes) -> Place:
    config = rectangles.config(out, **{"frames": FRAMES, "writer": WRITER, **changes})
    generate(config, rectangles.build, rectangles.make)
    return out


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """One run as `out`, and three shards of it, each with the annotations of its own frames."""
    root = tmp_path_factory.mktemp("made")
    run(root / "out")
    for i in range(3):
        run(root / f"shard{i}", shard=f"{i}/3")
    return root


@pytest.fixture
def parts(made, tmp_path) -> list[Path]:
    """Shards to be spoilt."""
    folders = [tmp_path / f"shard{i}" for i in range(3)]
    for folder in folders:
        shutil.copytree(made / folder.name, folder)
    return folders


def merged(out: Place, *folders: Place):
    return merge([Source.open(folder) for folder in folders], out)


def said(capsys, *words) -> str:
    """Returns the line that a merge ends in."""
    assert main([str(word) for word in words]) == 1
    out, err = capsys.readouterr()
    (line,) = (line for line in err.splitlines() if "frames/min" not in line)
    assert not out and line.startswith("simgen: ")
    return line.removeprefix("simgen: ")


def shown(capsys) -> str:
    """Returns the table that a merge ends with, as one line."""
    return " ".join(capsys.readouterr().out.split())


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.unlink()  # it may be a link
    path.write_text(text.replace(old, new))


def test_shards_become_what_one_run_makes(made, tmp_path):
    out = tmp_path / "out"
    told = merged(out, *(made / f"shard{i}" for i in (2, 0, 1)))
    assert contents(out) == contents(made / "out")
    config = (made / "out" / CONFIG).read_text().replace(str(made / "out"), str(out))
    assert (out / CONFIG).read_text() == config
    assert list(Dataset.load(out).verify()) == []
    assert (told.frames, told.folders, told.there, told.twice, told.copied) == (9, 3, 0, 0, 0)
    picture = "images/000004.png"
    assert (out / picture).samefile(made / "shard1" / picture)
    assert "proved" in told.text() and told.folded


def test_frames_lists_and_raised_counts_are_merged_too(made, tmp_path):
    run(tmp_path / "a", frames=[8, 2, 5, 3])
    run(tmp_path / "b", frames=4, shard="0/2")
    run(tmp_path / "b", frames=8, shard="0/2")
    run(tmp_path / "c", frames=8, shard="1/2")
    out = tmp_path / "out"
    told = merged(out, tmp_path / "a", tmp_path / "b", tmp_path / "c")
    assert contents(out) == contents(made / "out")
    assert (told.frames, told.twice) == (9, 3)


def test_one_shared_folder_is_proved_and_folded(made, tmp_path, capsys):
    out = tmp_path / "out"
    shutil.copytree(made / "out", out)
    (out / FILE).unlink()
    (out / "croissant.json").write_text("{}")
    (out / "failed").mkdir()
    (out / "failed/000004.json").write_text("{}")  # it was made by another since
    edit(out / CONFIG, "shard: null", "shard: 2/3")
    assert main([str(out)]) == 0
    assert contents(out) == contents(made / "out")
    assert "9 from 1 folder, 9 of them in place already" in " ".join(
        capsys.readouterr().out.split()
    )
    assert "shard: null" in (out / CONFIG).read_text()
    (out / "images/000004.png").write_bytes(b"other")
    assert "1 of 9 frames cannot be merged: 4; frame 4: " in said(capsys, out)


def test_one_of_the_inputs_may_be_the_output(made, parts):
    told = merged(parts[1], *parts)
    assert contents(parts[1]) == contents(made / "out")
    assert (told.frames, told.there) == (9, 3)


def test_again_adds_nothing_and_a_late_shard_its_frames(made, tmp_path):
    out = tmp_path / "out"
    merged(out, *(made / f"shard{i}" for i in range(3)))
    before = {path: path.stat().st_ino for path in out.rglob("*.png")}
    told = merged(out, made / "shard0", made / "shard1", made / "shard1", made / "shard2")
    assert (told.there, told.twice, told.folders) == (9, 0, 3)
    assert {path: path.stat().st_ino for path in out.rglob("*.png")} == before
    run(tmp_path / "late", frames=11, shard="0/2")
    run(tmp_path / "later", frames=11, shard="1/2")
    assert merged(out, tmp_path / "late", tmp_path / "later").frames == 11
    assert contents(out) == contents(run(tmp_path / "eleven", frames=11))


def test_on_another_disk_files_are_copied(made, tmp_path, monkeypatch):
    def elsewhere(*_, **__):
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", elsewhere)
    told = merged(tmp_path / "out", *(made / f"shard{i}" for i in range(3)))
    assert contents(tmp_path / "out") == contents(made / "out")
    assert told.copied == 9 * 5 and "45 files" in told.text()


def test_an_object_store_may_hold_parts_and_the_whole(made, tmp_path, capsys):
    memory = pytest.importorskip("fsspec").filesystem("memory")
    store = f"memory://{tmp_path.name}"
    for i in (1, 2):
        run(f"{store}/{i}", shard=f"{i}/3")
    words = (made / "shard0", f"{store}/1", f"{store}/2")
    assert merged(tmp_path / "out", *words).copied == 6 * 5
    assert contents(tmp_path / "out") == contents(made / "out")
    assert merged(f"{store}/all", *words).there == 0
    assert main([f"{store}/all"]) == 0
    assert "9 from 1 folder, 9 of them in place already" in " ".join(
        capsys.readouterr().out.split()
    )
    memory.get(f"/{tmp_path.name}/all", str(tmp_path / "all"), recursive=True)
    assert contents(tmp_path / "all") == contents(made / "out")
    dataset = Dataset.load(f"{store}/2")
    dataset.store.replace("images/000005.png", [b"other"])
    line = said(capsys, *words, f"out={tmp_path / 'other'}")
    assert f"frame 5: {store}/2: images/000005.png: not the bytes that were written" in line


def test_a_merge_that_was_killed_continues(made, tmp_path):
    out = tmp_path / "out"
    words = [*(str(made / f"shard{i}") for i in range(3)), f"out={out}"]
    for last in ("config/config.yaml", "records/000003.json", "croissant.json"):
        code = (
            "import os, sys; from simgen.merge import place; from simgen.merge.__main__ import main"
            "\nplace._TOGETHER, real = 2, os.replace"
            "\ndef replace(source, target):"
            "\n    if str(target).endswith(sys.argv[1]): os.kill(os.getpid(), 9)"
            "\n    real(source, target)"
            "\nos.replace = replace; main(sys.argv[2:])"
        )
        process = subprocess.run([sys.executable, "-c", code, last, *words], cwd=ROOT)
        assert process.returncode == -signal.SIGKILL
        assert list(Dataset.load(out).verify()) == []
    assert main(words) == 0
    assert contents(out) == contents(made / "out")


def test_missing_frames_are_told(made, tmp_path, capsys):
    words = (made / "shard0", made / "shard2", f"out={tmp_path / 'out'}")
    assert said(capsys, *words) == (
        "3 frames are missing: 1, 4, 7; of 3 shards none of the folders is 1; "
        "run what makes them, then merge again, or lower frames in config/config.yaml if nobody "
        "wants them"
    )
    assert list(tmp_path.iterdir()) == [], "something was written before the proof"


def test_why_a_frame_is_missing_is_told(made, parts, capsys):
    record = parts[1] / "records/000004.json"
    record.unlink()
    (parts[1] / "failed").mkdir()
    (parts[1] / "failed/000004.json").write_text("{}")
    line = said(capsys, *parts, f"out={parts[0]}")
    assert line.startswith("1 frame is missing: 4; the first that failed is told in ")
    assert "failed/000004.json; run what makes them, then merge again" in line


@pytest.mark.parametrize("later", [[4], 5])
def test_what_was_asked_for_stays_so_when_a_later_run_asks_for_less(made, tmp_path, capsys, later):
    out = tmp_path / "out"
    shutil.copytree(made / "out", out)
    (out / "records/000007.json").unlink()
    run(out, frames=later)
    assert said(capsys, out).startswith("1 frame is missing: 7; ")
    run(out, frames=[7])
    assert main([str(out)]) == 0
    assert contents(out) == contents(made / "out")


def test_frames_that_nobody_wants_any_more_are_taken_back_in_the_config(made, tmp_path, capsys):
    out = tmp_path / "out"
    shutil.copytree(made / "out", out)
    edit(out / CONFIG, "frames: 9", "frames: 30")
    assert "or lower frames in config/config.yaml if nobody wants them" in said(capsys, out)
    edit(out / CONFIG, "frames: 30", "frames: 9")
    assert main([str(out)]) == 0


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"seed": 1}, "seed (0 in A, 1 in B)"),
        ({"count": 5}, "scene.count (6 in A, 5 in B)"),
        (
            {"writer": WRITER | {"depth": WRITER["depth"] | {"format": "png"}}},
            "writer.depth.format (not set in A, png in B)",
        ),
        (
            {"writer": WRITER | {"coco": WRITER["coco"] | {"min_visible_px": 9}}},
            "writer.coco.min_visible_px (None in A, 9 in B)",
        ),
    ],
)
def test_other_settings_are_told(made, tmp_path, capsys, monkeypatch, changes, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "A").symlink_to(made / "shard0")
    run(Path("B"), shard="1/3", **changes)
    line = said(capsys, "A", "B", "out=C")
    assert line == (
        f"these are not parts of one dataset: {told}; merge what one command made, with another "
        f"shard= or frames="
    )
    assert not (tmp_path / "C").exists()


def test_another_version_or_convention_is_told(parts, capsys):
    edit(parts[1] / CARD, '"simgen": "', '"simgen": "9')
    assert "version of simgen (" in said(capsys, *parts, f"out={parts[0]}")
    shutil.copyfile(parts[0] / CARD, parts[1] / CARD)
    edit(parts[1] / CARD, "right-handed, z up", "left-handed, z up")
    assert "conventions.world_axes (right-handed" in said(capsys, *parts, f"out={parts[0]}")


def test_damaged_files_are_counted_and_the_others_are_in_place(made, parts, tmp_path, capsys):
    (parts[0] / "images/000003.png").write_bytes(b"other")
    (parts[1] / "depth/000004.exr").unlink()
    (parts[2] / "records/000005.json").write_text('{"frame":5')
    out = tmp_path / "out"
    line = said(capsys, *parts, f"out={out}")
    assert line == (
        f"3 of 9 frames cannot be merged: 3-5; frame 3: {parts[0]}: images/000003.png: not the "
        f"bytes that were written; damaged frames are made again once their records are removed"
    )
    assert Dataset.load(out).done() == {0, 1, 2, 6, 7, 8}
    for i in range(3):
        shutil.copytree(made / f"shard{i}", parts[i], dirs_exist_ok=True)
    assert merged(out, *parts).there == 6
    assert contents(out) == contents(made / "out")


def test_a_frame_in_two_folders_must_be_the_same(parts, tmp_path, capsys):
    run(tmp_path / "other", frames=[0])
    record = tmp_path / "other/records/000000.json"
    old = json.loads(record.read_bytes())["files"]["images/000000.png"]
    edit(record, old, "0" * 64)
    line = said(capsys, *parts, tmp_path / "other", f"out={tmp_path / 'out'}")
    assert f"images/000000.png is not the same in {parts[0]} and {tmp_path / 'other'}" in line
    shutil.rmtree(tmp_path / "other")
    run(tmp_path / "other", frames=[0])
    assert merged(tmp_path / "out", *parts, tmp_path / "other").twice == 1


def test_a_writer_of_someone_elses_is_not_run(parts, tmp_path, capsys):
    for folder in parts:
        edit(folder / CONFIG, "simgen.writers.coco.Coco", "os.system")
        edit(folder / CONFIG, "amodal", "touch pwned")
    line = said(capsys, *parts, f"out={tmp_path / 'out'}")
    assert line.startswith(f"all 9 frames are in {tmp_path / 'out'}, but writer.coco is none of")
    assert f"run the generating command with out={tmp_path / 'out'}, which adds no frame" in line
    assert Dataset.load(tmp_path / "out").done() == set(range(9))
    assert not (tmp_path / "out" / FILE).exists()


@pytest.mark.parametrize("name", options("writer"))
def test_simgens_own_writers_are_those_that_a_run_has(name):
    config = composed(f"writer=[{name}]")
    own, strangers = writers_of(config["writer"])
    wanted = Recipe.from_config({**config, "renderer": config["accept"]}).writers
    assert own == list(wanted.values()) and not strangers


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"_target_": "os.system"}, "writer.coco.min_visible_px={"),
        ("many", "writer.coco.min_visible_px=many must be a number"),
        ([[1]], "writer.coco.min_visible_px=[[1]] is no plain setting"),
    ],
)
def test_settings_of_writers_are_plain(value, told):
    node = {"_target_": "simgen.writers.coco.Coco", "min_visible_px": value}
    with pytest.raises(SimgenError) as error:
        writers_of({"coco": node})
    assert str(error.value).startswith(told)


NAMES = {  # for a file of frame 3
    "outside": "../precious/000003.png",
    "absolute": "/precious/000003.png",
    "common": "annotations/000003.png",
    "another": "images/000001.png",
    "hidden": ".scratch/000003.png",
}


def hostile(folder: Path, act: str) -> None:
    """Makes of a shard what no run makes."""
    record, config = folder / "records/000003.json", folder / CONFIG
    picture = folder / "images/000003.png"
    if act in NAMES:
        edit(record, '"images/000003.png"', json.dumps(NAMES[act]))
        if act not in ("outside", "absolute"):
            (folder / NAMES[act]).parent.mkdir(exist_ok=True)
            shutil.copyfile(picture, folder / NAMES[act])
    elif act == "link":
        picture.unlink()
        picture.symlink_to("/etc/hostname")
    elif act == "pipe":
        picture.unlink()
        os.mkfifo(picture)
    elif act == "record pipe":
        record.unlink()
        os.mkfifo(record)
    elif act == "folder":
        picture.unlink()
        picture.mkdir()
    elif act == "records link":
        shutil.rmtree(folder / "records")
        (folder / "records").symlink_to("/proc")
    elif act == "aliases":
        config.write_text("a: &a [x, x]\nb: [*a, *a]\nwriter: {}\nframes: 9\n")
    elif act == "no config":
        config.unlink()
    elif act == "no yaml":
        config.write_text("a: [")
    elif act == "binary":
        config.write_bytes(b"\xff\x00")
    elif act == "no writers":
        config.write_text("frames: 9\n")
    elif act == "interpolation":
        config.write_text("frames: ${oc.env:HOME}\nwriter: {}\n")
    elif act == "tag":
        config.write_text("frames: !!python/object/apply:os.system ['x']\nwriter: {}\n")
    elif act == "frames":
        edit(config, "frames: 9", "frames: 1.0e+30")
    elif act == "many frames":
        edit(config, "frames: 9", f"frames: {1 << 39}")
    elif act == "shard":
        edit(config, "shard: 0/3", "shard: 0/999999999")
    elif act == "card text":
        (folder / CARD).write_text("[]")
    elif act == "escape":
        edit(folder / CARD, '"scene.count": 6', '"scene.count": "\\u001b[2J\\n' + "6" * 5000 + '"')
    else:
        raise AssertionError(act)


@pytest.mark.parametrize(
    "act",
    [
        *NAMES, "link", "pipe", "record pipe", "folder", "records link", "aliases", "no config",
        "no yaml", "binary", "no writers", "interpolation", "tag", "frames", "many frames",
        "card text", "escape",
    ],
)  # fmt: skip
def test_strangers_folders_end_in_one_line(parts, tmp_path, capsys, act):
    hostile(parts[0], act)
    line = said(capsys, *parts, f"out={tmp_path / 'out'}")
    assert len(line) <= 2000 and line.isprintable()
    assert act not in NAMES or "which cannot be a file of frame 3" in line
    assert act != "aliases" or "has aliases" in line
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "out") == [
        "shard0", "shard1", "shard2",
    ]  # fmt: skip
    if (tmp_path / "out").exists():
        assert Dataset.load(tmp_path / "out").done() == set(range(9)) - {3}
        assert list(Dataset.load(tmp_path / "out").verify()) == []


def test_too_many_shards_are_no_harm(parts, tmp_path):
    hostile(parts[0], "shard")
    assert merged(tmp_path / "out", *parts).frames == 9


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "name one folder to merge into: python -m simgen.merge A B out=C"),
        (["A", "B"], "name one folder to merge into"),
        (["A", "B", "out="], "name one folder to merge into"),
        (["A", "out=B", "out=C"], "name one folder to merge into"),
        (["out=C"], "name the folders to merge: python -m simgen.merge A B out=C"),
        (["A", "out=C"], "A holds no dataset: dataset.json: it is missing"),
        (["A", "--fast"], "unrecognized arguments: --fast; see python -m simgen.merge --help"),
    ],
)
def test_mistakes_are_told(tmp_path, capsys, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    assert said(capsys, *words).startswith(told)
    assert list(tmp_path.iterdir()) == []


def test_the_help_teaches(capsys):
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    text = capsys.readouterr().out
    assert end.value.code == 0 and "python -m simgen.merge A B out=C" in text
    assert max(map(len, text.splitlines())) <= 100


def test_the_output_is_no_other_folder(made, parts, tmp_path, capsys):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("x")
    assert "is not empty and holds no dataset" in said(capsys, *parts, f"out={tmp_path / 'mine'}")
    assert "lie in each other" in said(capsys, *parts, f"out={parts[0] / 'all'}")
    assert "lie in each other" in said(capsys, *parts, f"out={tmp_path}")
    run(tmp_path / "other", frames=1, seed=5)
    assert "seed (5 in" in said(capsys, *parts, f"out={tmp_path / 'other'}")


@pytest.mark.parametrize(
    ("number", "reason", "remedy"),
    [
        (errno.ENOSPC, "No space left on device", "free some space"),
        (errno.EROFS, "Read-only file system", "the disk is mounted read-only"),
    ],
)
def test_a_disk_that_refuses_is_told(parts, tmp_path, capsys, monkeypatch, number, reason, remedy):
    def refused(*_, **__):
        raise OSError(number, reason)

    monkeypatch.setattr(os, "link", refused)
    monkeypatch.setattr("simgen.merge.frame.write_synced", refused)
    line = said(capsys, *parts, f"out={tmp_path / 'out'}")
    assert line.startswith(f"out={tmp_path / 'out'}: cannot write") and remedy in line
    monkeypatch.undo()
    assert merged(tmp_path / "out", *parts).frames == 9


def test_an_interruption_is_told(parts, tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("simgen.merge.place._move", interrupted)
    assert main([*map(str, parts), f"out={tmp_path / 'out'}"]) == 130
    assert capsys.readouterr().err == ("simgen: stopped; run the same command again to continue\n")


def test_merging_while_a_shard_is_still_made_is_told_or_right(made, tmp_path):
    """A run that finishes beside the merge into the same folder: whoever is last folds all."""
    out = tmp_path / "out"
    run(out, shard="0/3")
    script = (
        "import json, sys; from simgen.generate import generate; from tests import rectangles\n"
        "generate(json.loads(sys.argv[1]), rectangles.build, rectangles.make)\n"
    )
    config = rectangles.config(out, frames=FRAMES, writer=WRITER, shard="1/3", seconds=0.1)
    with subprocess.Popen([sys.executable, "-c", script, json.dumps(config)], cwd=ROOT) as process:
        complete = False
        while not complete:
            complete = process.poll() is not None
            try:
                merged(out, made / "shard2", out)
                break
            except SimgenError as error:
                assert "missing: " in str(error) and not complete
                time.sleep(0.3)
    assert process.returncode == 0
    assert contents(out) == contents(made / "out")


def test_what_is_missing():
    asked = asked_of(9) | asked_of([3, 12, 11, 20])
    assert asked.missing(frozenset(range(9)) | {11, 12, 20}) == []
    gaps = asked.missing({0, 1, 4, 5, 6, 11})
    assert [(g.start, g.stop) for g in gaps] == [(2, 4), (7, 9), (12, 13), (20, 21)]
    assert told(gaps) == "2-3, 7-8, 12, 20"
    assert told(spans([1, 3, 5, 7, 9, 11, 13])) == "1, 3, 5, 7, 9 and 2 more spans"


@pytest.mark.parametrize(
    ("one", "other", "frames"),
    [
        (9, [3], {"frames": 9}),
        ([3], 9, {"frames": 9}),
        (5, 9, {"frames": 9}),
        ([5, 3], [4], {"frames": [3, 4, 5]}),
        (9, [12, 3, 11], {"frames": 9, "frames_besides": [11, 12]}),
        (1 << 30, [1 << 31], {"frames": 1 << 30, "frames_besides": [1 << 31]}),  # no long list
    ],
)
def test_what_two_runs_ask_for_is_told_by_one_config(one, other, frames):
    asked = asked_of(one) | asked_of(other)
    told = asked.within({"seed": 0, "frames": one})
    assert told == {"seed": 0, **frames}
    assert Asked.of(told, "").within({}) == frames
    assert asked_of(7).within(told) == {"seed": 0, "frames": 7}
    if frames["frames"] != 1 << 30:
        assert set(frames_of(told)) == set(frames_of({"frames": one})) | set(
            frames_of({"frames": other})
        )


def asked_of(frames) -> Asked:
    return Asked.of({"frames": frames}, "here")
