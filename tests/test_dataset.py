import errno
import fcntl
import os
from dataclasses import replace

import pytest
import yaml

from simgen.card import make_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.scratch import FOLDER, clear_stale, scratch
from tests import rectangles

RECIPE = rectangles.Rectangles()
WRITERS = tuple(RECIPE.writers.values())


def card_of(config, **changes):
    return replace(make_card(config, rectangles.CATEGORIES, {"simgen": "1.0"}), **changes)


def opened(folder, **changes) -> Dataset:
    config = rectangles.config(folder, **changes)
    return Dataset.open(folder, card_of(config), config)


@pytest.fixture
def dataset(tmp_path) -> Dataset:
    return opened(tmp_path / "out")


@pytest.fixture
def begun(dataset) -> Dataset:
    dataset.commit(frame(7), WRITERS)
    return dataset


def frame(index: int = 0):
    return rectangles.make(RECIPE, index)


def files(folder) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}


OF_FRAME_7 = {
    "images/000007.png",
    "depth/000007.exr",
    "instance/000007.png",
    "semantic/000007.png",
    "records/000007.json",
}


def test_a_new_folder_holds_card_and_config(dataset):
    assert files(dataset.folder) == {"dataset.json", "config/config.yaml"}
    assert Dataset.load(dataset.folder) == dataset
    assert dataset.categories == rectangles.CATEGORIES
    assert dataset.done() == set()
    assert {asset.licence for asset in dataset.card.assets} == {"CC0-1.0"}


def test_commit_read_done_and_verify(dataset):
    dataset.commit(frame(7), WRITERS)
    dataset.commit(frame(1000000), WRITERS)
    assert files(dataset.folder) >= OF_FRAME_7
    assert dataset.done() == {7, 1000000}
    assert [record.frame for record in dataset.records()] == [7, 1000000]
    record = dataset.read(7)
    assert record.spec == frame(7).spec
    assert record.labels == frame(7).instances
    assert set(record.files) == OF_FRAME_7 - {"records/000007.json"}
    assert list(dataset.verify()) == []
    assert not (dataset.folder / FOLDER).exists()


def test_verify_tells_what_is_missing_changed_or_unreadable(dataset):
    for index in (7, 8, 9):
        dataset.commit(frame(index), WRITERS)
    (dataset.folder / "images/000007.png").unlink()
    (dataset.folder / "depth/000008.exr").write_bytes(b"x")
    (dataset.folder / "records/000009.json").write_bytes(b"{")
    missing, changed, unreadable = dataset.verify()
    assert missing == "images/000007.png: it is missing"
    assert changed == "depth/000008.exr: not the bytes that were written"
    assert "records/000009.json" in unreadable


def test_a_record_of_another_frame_is_refused(dataset):
    dataset.commit(frame(7), WRITERS)
    os.rename(dataset.folder / "records/000007.json", dataset.folder / "records/000008.json")
    with pytest.raises(SimgenError, match="is the record of frame 7, not 8"):
        dataset.read(8)
    with pytest.raises(SimgenError, match="records/000007.json: it is missing"):
        dataset.read(7)


@pytest.mark.parametrize(
    "name",
    ["", ".", "/etc/passwd", "../x", "images/../../x", "images//x", "./x", "a\\b", "a\0b", "x/"],
)
def test_no_path_leaves_the_folder(dataset, name):
    with pytest.raises(SimgenError, match="not a path inside"):
        dataset.path(name)


def test_no_link_leaves_the_folder(dataset, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (dataset.folder / "images").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SimgenError, match="leads out of the dataset folder"):
        dataset.commit(frame(), WRITERS)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert dataset.done() == set()


def test_verify_does_not_follow_a_stranger_s_record_out(dataset, tmp_path):
    (tmp_path / "secret").write_bytes(b"x")
    dataset.commit(frame(7), WRITERS)
    record = dataset.folder / "records/000007.json"
    record.write_bytes(record.read_bytes().replace(b"images/000007.png", b"../secret"))
    (problem,) = dataset.verify()
    assert "'../secret' is not a path inside" in problem


@pytest.mark.parametrize(
    "free", [{"frames": 9}, {"workers": 2}, {"seconds": 3.0}, {"renderer": {"samples": 1}}]
)
def test_how_it_is_run_may_change(dataset, free):
    opened(dataset.folder, **free)


@pytest.mark.parametrize("damage", [b"{", b"[]", b"frames: many", b"\xff", None])
def test_a_config_that_is_damaged_or_gone_is_put_anew(begun, damage):
    path = begun.folder / "config/config.yaml"
    path.write_bytes(damage) if damage else path.unlink()
    opened(begun.folder, frames=3)
    assert asked(begun) == 3


def test_the_frames_of_other_settings_are_no_longer_asked_for(dataset):
    """No frame was made yet."""
    opened(dataset.folder, frames=2)
    assert asked(dataset) == 4
    opened(dataset.folder, frames=2, seed=1)
    assert asked(dataset) == 2


def test_frames_that_are_yet_to_be_chosen_change_nothing(dataset):
    opened(dataset.folder, frames=None)
    assert asked(dataset) == 4
    opened(dataset.folder, frames=None, seed=1)
    assert asked(dataset) is None


def test_what_a_kept_config_asks_for_besides_makes_no_other_dataset(begun):
    opened(begun.folder, frames=[9])
    kept = yaml.safe_load((begun.folder / "config/config.yaml").read_text())
    assert (kept["frames"], kept["frames_besides"]) == (4, [9])
    assert card_of(kept).settings == begun.card.settings


def asked(dataset: Dataset):
    return yaml.safe_load((dataset.folder / "config/config.yaml").read_text())["frames"]


def test_other_settings_are_named_with_both_values(begun):
    with pytest.raises(SimgenError) as error:
        opened(begun.folder, count=9, seed=5)
    text = str(error.value)
    assert text.startswith(f"out={begun.folder} holds a dataset made with other settings: ")
    assert "seed (0 there, 5 now)" in text
    assert "scene.count (6 there, 9 now)" in text
    assert text.endswith("choose another out=, or the same settings to continue it")
    assert files(begun.folder) == OF_FRAME_7 | {"dataset.json", "config/config.yaml"}


def test_settings_that_made_no_frame_may_be_mended(dataset):
    mended = opened(dataset.folder, seed=5)
    assert mended.card.seed == 5
    assert Dataset.load(dataset.folder) == mended


def test_at_most_three_differences_are_named(begun):
    with pytest.raises(SimgenError, match="and 2 more; choose"):
        opened(begun.folder, seed=1, a=1, b=[1, 2], c={"d": 1})


def test_a_setting_that_came_or_went(begun):
    with pytest.raises(SimgenError, match=r"blur \(not set there, 0.5 now\)"):
        opened(begun.folder, blur=0.5)


def test_views_are_a_setting_where_there_are_several(begun):
    """One view for each scene is what datasets have that are older than the setting."""
    assert opened(begun.folder, views=1).card == begun.card
    assert "views" not in begun.card.settings and begun.card.views == 1
    with pytest.raises(SimgenError, match=r"views \(not set there, 3 now\)"):
        opened(begun.folder, views=3)


@pytest.mark.parametrize("views", [0, 2.5, "x", None])
def test_a_card_with_a_strange_number_of_views_is_told(begun, views):
    card = replace(begun.card, settings={"views": views})
    with pytest.raises(SimgenError, match="^dataset.json: views=.* is no number of views"):
        _ = card.views


def test_infinite_settings_are_the_same_settings(tmp_path):
    opened(tmp_path / "a", far=float("inf")).commit(frame(), WRITERS)
    opened(tmp_path / "a", far=float("inf"))
    with pytest.raises(SimgenError, match="far"):
        opened(tmp_path / "a", far=float("-inf"))


def test_another_version_is_another_dataset(begun):
    config = rectangles.config(begun.folder)
    with pytest.raises(SimgenError, match=r"version of simgen \(1.0 there, 2.0 now\)"):
        Dataset.open(begun.folder, card_of(config, made_with={"simgen": "2.0"}), config)


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(SimgenError, match=r"'thesis.tex' is there\); choose another out="):
        opened(tmp_path)
    assert files(tmp_path) == {"thesis.tex"}


@pytest.mark.parametrize("name", ["out", "out/records", "out/images"])
def test_a_file_in_a_folder_s_place(tmp_path, name):
    if name != "out":
        opened(tmp_path / "out")
    (tmp_path / name).write_text("x")
    with pytest.raises(SimgenError, match="out=.*cannot write.*a file stands where a folder"):
        opened(tmp_path / "out").commit(frame(), WRITERS)
    assert (tmp_path / name).read_text() == "x"


def test_damaged_card(dataset):
    (dataset.folder / "dataset.json").write_bytes(b'{"seed": "x"}')
    with pytest.raises(SimgenError, match="dataset.json: "):
        opened(dataset.folder)


def test_no_dataset(tmp_path):
    with pytest.raises(SimgenError, match="holds no dataset"):
        Dataset.load(tmp_path)


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "No space left on device; free some space"),
        (errno.EACCES, "Permission denied; make the folder writable"),
        (errno.EIO, "Input/output error; check the disk"),
    ],
)
def test_a_disk_that_refuses(dataset, monkeypatch, call, number, said):
    dataset.commit(frame(1), WRITERS)
    before = files(dataset.folder)
    real, calls = getattr(os, call), []

    def refuse(*args):
        calls.append(args)
        if len(calls) == 2:
            raise OSError(number, os.strerror(number))
        return real(*args)

    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(SimgenError) as error:
        dataset.commit(frame(2), WRITERS)
    monkeypatch.undo()
    assert str(error.value).startswith(f"out={dataset.folder}: cannot write depth/000002.exr: ")
    assert said in str(error.value)
    assert dataset.done() == {1}
    assert list(dataset.verify()) == []
    if call == "fsync":  # nothing had been moved into place yet
        assert files(dataset.folder) == before
    dataset.commit(frame(2), WRITERS)
    assert list(dataset.verify()) == []


class Ready:
    """A writer of bytes made beforehand, for a forked child that must not encode."""

    def __init__(self, frame):
        self.made = {}
        for writer in WRITERS:
            self.made |= writer.files(frame, rectangles.CATEGORIES)

    def files(self, frame, categories):
        return self.made


CALLS = 15  # five files and their four folders synced, five moved, and the records' folder synced


@pytest.mark.parametrize("step", range(1, CALLS + 2))
def test_a_death_at_any_step_leaves_no_half_file(dataset, step):
    """The process is killed at the n-th call that makes something last."""
    whole = {index: Ready(frame(index)) for index in (1, 2)}
    dataset.commit(frame(1), [whole[1]])
    late = frame(2)
    died = killed_at(step, lambda: dataset.commit(late, [whole[2]]))
    assert died == (step <= CALLS)
    assert dataset.done() >= ({1} if died else {1, 2})
    for name in files(dataset.folder):
        if name.endswith(("png", "exr")) and not name.startswith(FOLDER):
            assert (dataset.folder / name).read_bytes() == whole[int(name[-10:-4])].made[name]
    assert list(dataset.verify()) == []
    opened(dataset.folder).commit(late, [whole[2]])
    assert list(dataset.verify()) == []
    assert not any(name.startswith(FOLDER) for name in files(dataset.folder))


def killed_at(step: int, action) -> bool:
    """Returns whether a forked child that does `action` was killed at its n-th such call."""
    pid = os.fork()
    if pid:
        return os.WIFSIGNALED(os.waitpid(pid, 0)[1])
    left = [step]
    for name in ("fsync", "replace"):
        setattr(os, name, mortal(getattr(os, name), left))
    action()
    os._exit(0)


def mortal(real, left: list[int]):
    def call(*args):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), 9)
        return real(*args)

    return call


def test_clearing_spares_the_living(tmp_path):
    with scratch(tmp_path) as living:
        dead = living.with_name(f"{living.name}dead")
        dead.mkdir()
        (dead / "0").write_text("x")
        (living / "0").write_text("x")
        clear_stale(tmp_path)
        assert (living / "0").exists()
        assert not dead.exists()
    clear_stale(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_locks_is_never_cleared(tmp_path, monkeypatch):
    def unsupported(*args):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with scratch(tmp_path) as living:
        clear_stale(tmp_path)
        assert living.exists()


def test_a_dataset_needs_images_and_each_file_once(dataset):
    with pytest.raises(SimgenError, match="add images to writer="):
        dataset.commit(frame(), WRITERS[1:])
    with pytest.raises(SimgenError, match="two writers make depth/000000.exr"):
        dataset.commit(frame(), (*WRITERS, WRITERS[1]))
    assert dataset.done() == set()


@pytest.mark.parametrize("name", [FOLDER, "annotations", "config", "records"])
def test_links_lead_nothing_out_of_the_folder(tmp_path, name):
    victim = tmp_path / "victim"
    (victim / "precious").mkdir(parents=True)
    (victim / "precious" / "work").write_text("x")
    dataset = opened(tmp_path / "out")
    if name == "config":
        (dataset.folder / "config/config.yaml").unlink()
        (dataset.folder / "config").rmdir()
    (dataset.folder / name).symlink_to(victim)
    with pytest.raises(SimgenError, match="leads out of the dataset folder"):
        opened(dataset.folder).commit(frame(), WRITERS)
        RECIPE.writers["coco"].finish(dataset)
    assert files(victim) == {"precious/work"}


def test_the_order_of_randomizers_is_a_setting(tmp_path):
    one, two = {"a": {"x": 1}, "b": {"x": 2}}, {"b": {"x": 2}, "a": {"x": 1}}
    opened(tmp_path / "out", randomize=one).commit(frame(), WRITERS)
    opened(tmp_path / "out", randomize=one)
    with pytest.raises(SimgenError, match=r"randomize \(\['a', 'b'\] there, \['b', 'a'\] now\)"):
        opened(tmp_path / "out", randomize=two)


def test_thresholds_that_change_no_frame_may_change(begun):
    opened(begun.folder, min_agreement=0.5, writer={"coco": {"min_visible_px": 9}})
