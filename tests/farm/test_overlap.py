"""A worker renders the next frame while it finishes the last one and puts it on the disk."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from simgen.errors import SimgenError
from simgen.farm.launcher import Failed
from simgen.farm.process import Process
from simgen.farm.todo import Todo
from simgen.farm.worker import Storing
from simgen.frame import Frame
from simgen.generate import generate
from tests import rectangles
from tests.folders import contents
from tests.waiting import wait_for


@dataclass(frozen=True)
class Patient:
    """A writer that has time until the next frame is begun, before `last`; of `bad` it then writes
    nothing."""

    folder: str
    last: int
    bad: int | None

    def files(self, frame, categories) -> dict[str, bytes]:
        if frame.index < self.last:
            wait_for((Path(self.folder) / str(frame.index + 1)).exists)
        if frame.index == self.bad:
            raise SimgenError("images: the disk is full")
        return {}

    def finish(self, dataset) -> None:
        """Has no annotations."""


def build(config) -> rectangles.Rectangles:
    recipe = rectangles.build({**config, "scene": {"count": 6}})
    patient = Patient(**{key: config["scene"][key] for key in ("folder", "last", "bad")})
    return replace(recipe, writers={**recipe.writers, "patient": patient})


def make(recipe, index):
    (Path(recipe.writers["patient"].folder) / str(index)).touch()
    return rectangles.make(recipe, index)


@dataclass(frozen=True)
class Undeveloped:
    """A frame that is finished once the next one was begun, before `last`; `bad` never is."""

    frame: Frame
    patient: Patient

    @property
    def index(self) -> int:
        return self.frame.index

    @property
    def spec(self):
        return self.frame.spec

    def finished(self) -> Frame:
        if self.index < self.patient.last:
            wait_for((Path(self.patient.folder) / str(self.index + 1)).exists)
        if self.index == self.patient.bad:
            raise SimgenError("the engines disagree")
        return self.frame


def expose(recipe, index):
    return Undeveloped(make(recipe, index), recipe.writers["patient"])


@pytest.fixture
def run(tmp_path):
    """Makes four frames in one worker whose writer is patient."""

    def made(bad=None, last=3, make=make, **changes):
        config = rectangles.config(tmp_path / "out", frames=4, workers=1, **changes)
        (tmp_path / "begun").mkdir()
        patient = {"folder": str(tmp_path / "begun"), "last": last, "bad": bad}
        return generate({**config, "scene": config["scene"] | patient}, build, make)

    return made


@pytest.fixture(scope="module")
def four(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("four") / "out"
    rectangles.run(out, frames=4)
    return out


def frames_of(out: Path) -> dict:  # pictures bear the mark of their settings
    found = contents(out)
    return {name: found[name] for name in found if name.split("/")[0] in ("depth", "instance")}


def test_a_frame_is_begun_before_the_last_is_on_the_disk(four, tmp_path, run):
    assert run().frames_made == 4
    assert frames_of(tmp_path / "out") == frames_of(four)


def test_a_frame_is_finished_while_the_next_is_rendered(four, tmp_path, run):
    assert run(make=expose).frames_made == 4
    assert frames_of(tmp_path / "out") == frames_of(four)


def test_an_error_in_finishing_names_its_frame_and_keeps_its_scene(tmp_path, run):
    summary = run(bad=1, make=expose, on_error="skip")
    assert (summary.frames_made, summary.failed) == (3, (1,))
    told = json.loads((tmp_path / "out/failed/000001.json").read_bytes())
    assert told["reason"] == "frame 1: the engines disagree" and told["spec"]


def test_both_are_made_again_if_their_worker_is_lost(four, tmp_path, run, caplog):
    (tmp_path / "once").touch()
    summary = run(last=2, trouble={"kill": 2, "once": str(tmp_path / "once")})
    assert (summary.frames_made, summary.failed) == (4, ())
    assert [text.split(" lost")[0] for text in caplog.messages] == ["frame 2", "frame 1"]
    assert frames_of(tmp_path / "out") == frames_of(four)


def test_only_the_one_that_takes_its_worker_along_is_given_up(four, tmp_path, run):
    summary = run(last=2, trouble={"kill": 2}, on_error="skip")
    assert (summary.frames_made, summary.failed, summary.exit_code) == (3, (2,), 3)
    told = json.loads((tmp_path / "out/failed/000002.json").read_bytes())
    assert told["reason"].startswith("frame 2 twice lost its worker")


def test_an_error_of_the_disk_names_its_frame(run):
    with pytest.raises(SimgenError, match="^frame 1: images: the disk is full$"):
        run(bad=1)


def test_a_frame_that_the_disk_refuses_is_skipped(run):
    summary = run(bad=1, on_error="skip")
    assert (summary.frames_made, summary.failed) == (3, (1,))


def test_frames_that_were_put_back_are_for_workers_that_are_at_nothing_else():
    todo = Todo(range(4), 2)
    assert [todo.take(), todo.take(0, alone=False)] == [0, 1]
    assert todo.again(1) and todo.again(0)
    assert [todo.take(alone=False), todo.take(), todo.take()] == [2, 1, 0]
    assert [todo.take(2, alone=False), len(todo)] == [3, 0]


def test_a_frame_that_waited_for_the_disk_has_its_whole_time_then(monkeypatch):
    clock = [0.0]
    pipe = SimpleNamespace(send=lambda order: None, close=lambda: None)
    started = SimpleNamespace(start=lambda: None)
    spawn = SimpleNamespace(Pipe=lambda: (pipe, pipe), Process=lambda **_: started)
    monkeypatch.setattr("simgen.farm.process._spawn", spawn)
    monkeypatch.setattr("simgen.farm.process.monotonic", lambda: clock[0])
    process = Process(job=None)
    process.give(7, suspect=False)
    clock[0] = 2.0
    process.hear(Storing(memory_mb=90.0))
    assert (process.memory_mb, process.renders) == (90.0, False)
    process.give(8, suspect=False)
    clock[0] = 5.0
    assert (process.seconds(), process.frames) == (5.0, [7, 8])
    process.hear(Failed(7, "images: the disk is full"))
    assert (process.seconds(), process.frames, process.renders) == (0.0, [8], True)
