import json
import logging
import re
from pathlib import Path

import pytest

from simgen.card import card_of
from simgen.codec import decode_spec
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.farm.failures import Failures
from simgen.farm.launcher import Failed, Job, Made
from simgen.farm.limits import Limits
from simgen.farm.processes import Processes
from simgen.farm.todo import Todo
from tests import rectangles
from tests.folders import contents
from tests.rectangles import run


@pytest.fixture(scope="module")
def six(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("six") / "out"
    run(out, frames=6)
    return out


@pytest.fixture
def once(tmp_path) -> dict:
    (tmp_path / "once").touch()
    return {"once": str(tmp_path / "once")}


def told(out: Path, frame: int) -> dict:
    return json.loads((out / f"failed/{frame:06d}.json").read_bytes())


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_an_error_names_its_frame_and_keeps_the_others(tmp_path, workers):
    frame = 2 if workers < 2 else "[23]"  # two at a time: either may be the first
    with pytest.raises(
        SimgenError, match=f"^frame {frame}: scene.count=6 is impossible: lower it$"
    ):
        run(tmp_path / "out", frames=6, workers=workers, trouble={"error": 2})
    done = Dataset.load(tmp_path / "out").done()
    assert {0, 1} <= done and 2 not in done and len(done) <= 3
    assert list(Dataset.load(tmp_path / "out").verify()) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_a_bug_comes_with_its_traceback(tmp_path, workers):
    with pytest.raises(RuntimeError, match=r"(?s)Traceback.*_trouble.*ZeroDiv.*\(in frame 1"):
        run(tmp_path / "out", frames=3, workers=workers, trouble={"bug": 1})


@pytest.mark.parametrize(
    ("trouble", "cause"),
    [
        ("death", r"lost its worker \(exit code 3\)"),
        ("kill", r"lost its worker \(killed, as the system does when memory .*\)"),
        ("hang at", r"took more than limits.frame_s=8 s"),
    ],
)
def test_a_frame_that_takes_its_worker_along(six, tmp_path, trouble, cause):
    """... is made once more by another, and then skipped and told, with its scene."""
    out = tmp_path / "out"
    changes = {"frames": 6, "workers": 1, "frame_s": 8, "on_error": "skip"}
    summary = run(out, **changes, trouble={trouble: 2})
    assert (summary.frames_made, summary.failed, summary.exit_code) == (5, (2,), 3)
    assert "1, skipped: 2; why is in" in summary.text()
    assert re.fullmatch(f"frame 2 twice {cause}", told(out, 2)["reason"])
    spec = decode_spec(json.dumps(told(out, 2)["spec"]).encode(), "spec")
    assert spec == Dataset.load(six).read(2).spec
    summary = run(out, frames=6)
    assert (summary.frames_made, summary.failed, summary.exit_code) == (1, (), 0)
    assert contents(out) == contents(six)


@pytest.mark.parametrize("trouble", ["kill", "hang at"])
def test_a_frame_that_fails_once_is_made_again(six, tmp_path, once, caplog, trouble):
    caplog.set_level(logging.WARNING)
    summary = run(tmp_path / "out", frames=6, workers=2, frame_s=8, trouble={trouble: 2, **once})
    assert (summary.frames_made, summary.failed) == (6, ())
    assert [r.message for r in caplog.records if "frame 2" in r.message][0].endswith(
        "it is made once more"
    )
    assert contents(tmp_path / "out") == contents(six)


def test_many_failures_in_a_row_end_a_run_that_skips(tmp_path):
    with pytest.raises(SimgenError, match="^10 frames failed, 10 in a row; first: frame 3: scene"):
        run(tmp_path / "out", frames=50, on_error="skip", trouble={"error": 3})
    assert Dataset.load(tmp_path / "out").done() == {0, 1, 2}
    assert len(list((tmp_path / "out/failed").iterdir())) == 10


def test_a_frame_that_was_in_flight_does_not_save_a_run_that_is_given_up(tmp_path):
    failures = Failures(tmp_path, "skip")
    for frame in range(10):
        assert not failures.is_fatal
        failures.note(Failed(frame, f"frame {frame}: dark"))
    failures.note(Made(10, "CPU", {}, 0.0, 0.0))
    with pytest.raises(SimgenError, match="^10 frames failed, 10 in a row; first: frame 0: dark$"):
        failures.require_hope()


def test_a_worker_is_replaced_after_so_many_frames(six, tmp_path, monkeypatch):
    started = []
    process = "simgen.farm.processes.Process"
    from simgen.farm.process import Process

    monkeypatch.setattr(process, lambda job: started.append(job) or Process(job))
    summary = run(tmp_path / "out", frames=6, workers=1, worker_frames=2)
    assert (summary.frames_made, len(started)) == (6, 3)
    assert contents(tmp_path / "out") == contents(six)


def test_memory_goes_back_to_the_system_each_eighth_frame(tmp_path, monkeypatch):
    tidied = []
    here = "simgen.farm.launcher.return_memory"
    monkeypatch.setattr(here, lambda: tidied.append(Dataset.load(tmp_path / "out").done()))
    run(tmp_path / "out", frames=20, workers=0)
    assert tidied == [set(range(7)), set(range(15))]


@pytest.mark.parametrize(
    ("limits", "frames", "memory_mb", "spent"),
    [
        (Limits(worker_frames=3, worker_memory_gb=None), 2, 1e9, False),
        (Limits(worker_frames=3, worker_memory_gb=None), 3, 1.0, True),
        (Limits(worker_memory_gb=2), 1, 2048.0, False),
        (Limits(worker_memory_gb=2), 1, 2048.1, True),
    ],
)
def test_what_a_worker_may_take(limits, frames, memory_mb, spent):
    assert limits.spent(frames, memory_mb) is spent


def test_workers_share_the_memory_that_is_free(monkeypatch):
    monkeypatch.setattr("simgen.farm.limits.free_memory_gb", lambda: 20.0)
    assert Limits().for_each_of(3).worker_memory_gb == pytest.approx(6.0)
    assert Limits(worker_memory_gb=7).for_each_of(3).worker_memory_gb == 7


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"frame_s": -1}, "frame_s=-1 must be at least 0.1"),
        ({"worker_frames": 0}, "worker_frames=0 must be at least 1"),
        ({"worker_frames": 1.5}, "worker_frames=1.5 must be a whole number"),
        ({"worker_memory_gb": "all"}, "worker_memory_gb='all' must be auto, null or a number"),
        ({"worker_memory_gb": 0}, "worker_memory_gb=0 must be at least 0.01"),
    ],
)
def test_impossible_limits_are_named(changes, said):
    with pytest.raises(SimgenError) as error:
        Limits(**changes)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("workers", [-2, "all", 1.5, True])
def test_an_impossible_number_of_workers_is_named(workers):
    with pytest.raises(SimgenError, match=f"^workers={workers!r} must be auto or a whole number"):
        Processes(workers)


@pytest.mark.parametrize(
    ("cores", "memory_gb", "workers", "frames", "size", "threads"),
    [
        (2, 24, 1, 9, 1, 2),
        (2, 24, 2, 9, 2, 1),
        (2, 24, 4, 9, 4, 1),
        (2, 24, 4, 3, 3, 1),
        (2, 24, "auto", 9, 2, 1),
        (2, 2, "auto", 9, 1, 2),
        (16, 64, "auto", 100, 16, 1),
        (16, 64, "auto", 2, 2, 8),
        (16, 47, "auto", 100, 15, 1),
        (64, 128, "auto", 100, 42, 2),
    ],
)
def test_workers_share_the_cores(monkeypatch, cores, memory_gb, workers, frames, size, threads):
    monkeypatch.setattr("simgen.farm.processes.cores", lambda: cores)
    monkeypatch.setattr("simgen.farm.processes.free_memory_gb", lambda: memory_gb)
    monkeypatch.setattr("simgen.farm.processes.has_nvidia", lambda: False)
    jobs = []
    monkeypatch.setattr("simgen.farm.processes.Process", jobs.append)
    monkeypatch.setattr("simgen.farm.processes._Crew._employ", lambda crew, p: crew.busy.append(p))
    monkeypatch.setattr(
        "simgen.farm.processes._Crew._outcomes", lambda crew: crew.busy.clear() or ()
    )
    job = job_of({"threads": 0})
    list(Processes(workers).run(job, Todo(range(frames), 1), stop=type("Stop", (), {"number": 0})))
    assert len(jobs) == size
    assert {job.config["renderer"]["threads"] for job in jobs} == {threads}


def job_of(renderer: dict) -> Job:
    settings = rectangles.config(Path("out"))
    card = card_of(settings, rectangles.build(settings))
    return Job({"renderer": renderer}, Path("out"), card, rectangles.build, rectangles.make)


def test_a_gpu_and_memory_have_room_for_few_workers(monkeypatch):
    monkeypatch.setattr("simgen.farm.processes.cores", lambda: 16)
    monkeypatch.setattr("simgen.farm.processes.free_memory_gb", lambda: 1000.0)
    monkeypatch.setattr("simgen.farm.processes.has_nvidia", lambda: True)
    assert Processes("auto").size(100) == 4
    assert Processes("auto", device="cpu").size(100) == 16
    assert Processes("auto", device="cpu", threads=8).size(100) == 2
    monkeypatch.setattr("simgen.farm.processes.free_memory_gb", lambda: 7.0)
    assert Processes("auto").size(100) == 2


def test_threads_that_were_asked_for_stay():
    for renderer in ({"threads": 3}, {}):
        job = job_of(renderer)
        assert job.with_threads(2).config["renderer"] == renderer


def test_frames_that_are_put_back_come_again_once():
    todo = Todo(range(3), 1)
    assert [todo.take(), todo.take()] == [0, 1]
    assert todo.again(0) and len(todo) == 2 and not todo.again(0)
    assert sorted([todo.take(), todo.take()]) == [0, 2] and todo.take() is None
    todo = Todo(range(3), 1)
    todo.close()
    assert (len(todo), todo.take(), todo.again(1)) == (0, None, False)
