"""A worker process as its parent starts it, and the signals that a whole group of them is sent."""

import os
import pickle
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from simgen.card import card_of
from simgen.farm import process
from simgen.farm.launcher import Job
from simgen.farm.process import Process
from simgen.stop import SIGNALS, Stop
from tests import rectangles
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
HELD = sum(1 << number - 1 for number in SIGNALS)


@pytest.fixture
def job(tmp_path) -> Job:
    settings = rectangles.config(tmp_path / "out")
    card = card_of(settings, rectangles.build(settings))
    return Job(settings, tmp_path / "out", card, rectangles.build, rectangles.make)


def held(pid: int | str) -> int:
    """Returns the signals that a process's main thread has blocked, a bit for each."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    (mask,) = (line.split()[1] for line in lines if line.startswith("SigBlk:"))
    return int(mask, 16)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_comes_while_a_worker_starts_is_heard(job, monkeypatch, number):
    @contextmanager
    def signalled():
        os.kill(os.getpid(), number)
        yield

    monkeypatch.setattr(process, "_path_without_blender", signalled)  # which it starts in
    before = held("thread-self")
    with Stop() as stop:
        worker = Process(job)
        wait_for(lambda: stop.number)
        assert stop.number == number and held("thread-self") == before
        worker.end()


def test_workers_and_what_starts_with_them_are_deaf(job):
    """In a process that has started none before."""
    script = (
        "import pickle, sys\n"
        "from simgen.farm.process import Process\n"
        "from multiprocessing.resource_tracker import _resource_tracker as tracker\n"
        "from tests.farm.test_process import held\n"
        "if __name__ == '__main__':\n"
        "    worker = Process(pickle.load(sys.stdin.buffer))\n"
        "    print(held(worker._process.pid), held(tracker._pid), held('self'))\n"
        "    worker.end()\n"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, input=pickle.dumps(job), capture_output=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()
    worker, tracker, parent = map(int, done.stdout.split())
    both = 1 << signal.SIGINT - 1 | 1 << signal.SIGTERM - 1  # the tracker ignores these itself
    assert worker & HELD == HELD and (tracker | both) & HELD == HELD and not parent & HELD
