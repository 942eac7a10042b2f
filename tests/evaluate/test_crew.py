"""Processes that train end with the one that started them, however it ends."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from time import sleep

import pytest

pytest.importorskip("torch")

from simgen.evaluate.crew import train_all  # noqa: E402
from simgen.evaluate.table import REAL, Row  # noqa: E402
from tests.waiting import is_alive, wait_for  # noqa: E402

ROOT = Path(__file__).parents[2]
SCRIPT = "import sys; from tests.evaluate.test_crew import forever; forever(sys.argv[1])"


class Endless:
    """Trials that say who they are and then never end."""

    def __init__(self, folder: str):
        self._folder = folder

    def run(self, row: Row, told) -> None:
        Path(self._folder, str(os.getpid())).touch()
        while True:
            told(1)
            sleep(0.05)


def forever(folder: str) -> None:
    for _ in train_all(Endless(folder), [Row(REAL, 1.0, 0.0, seed) for seed in range(2)], 2):
        pass


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_trainings_end_with_the_process_that_began_them(tmp_path, number):
    run = subprocess.Popen((sys.executable, "-c", SCRIPT, tmp_path), cwd=ROOT)
    try:
        wait_for(lambda: len(list(tmp_path.iterdir())) == 2)
    finally:
        run.send_signal(number)
        run.wait()
    trainings = [int(path.name) for path in tmp_path.iterdir()]
    try:
        wait_for(lambda: not any(map(is_alive, trainings)))
    finally:
        for pid in trainings:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
