"""--multirun: every run is made, errors are told once each, and the exit code tells of them."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import OmegaConf

from simgen.errors import Interrupted, SimgenError
from simgen.farm.sweep import one_of_several
from simgen.stop import Stop

ROOT = Path(__file__).parents[2]
TINY = ("scene=single", "renderer=painter", "resolution=[64,48]", "workers=0", "frames=1")


def simgen(folder, *arguments):
    command = (sys.executable, "-m", "simgen", "--config-dir", ROOT / "tests/farm/conf", *arguments)
    where = (f"hydra.sweep.dir={folder}/multirun", f"out={folder}/${{seed}}")
    return subprocess.run([*command, *where], cwd=ROOT, capture_output=True, text=True)


def test_a_run_that_fails_does_not_end_the_others(tmp_path):
    run = simgen(tmp_path, "--multirun", "seed=-1,0", *TINY)
    assert run.returncode == 1
    line = "simgen: run 0: seed=-1 must be a whole number of at least 0"
    assert run.stderr.count(line) == 2  # when it happens, and at the end
    assert run.stderr.endswith(f"{line}\n")
    assert "1 made" in run.stdout and (tmp_path / "0/records/000000.json").exists()
    assert "Traceback" not in run.stderr


def test_jobs_of_a_cluster_hand_their_errors_back(tmp_path):
    pytest.importorskip("submitit")
    run = simgen(tmp_path, "--multirun", "hydra/launcher=submitit_local", "seed=-1", *TINY)
    assert run.returncode == 1 and "Traceback" not in run.stderr
    line = "simgen: run 0: seed=-1 must be a whole number of at least 0\n"
    assert run.stderr.endswith(line)
    (log,) = (tmp_path / "multirun/.submitit").glob("*/*_log.err")
    assert log.read_text() == line


def test_where_there_is_no_cluster(tmp_path):
    pytest.importorskip("submitit")
    run = subprocess.run(
        (sys.executable, "-m", "simgen", "--multirun", "hydra/launcher=submitit_slurm", "seed=1,2"),
        cwd=tmp_path,
        env={"PATH": "", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    assert run.stderr.endswith(
        'simgen: Could not detect "srun", are you indeed on a slurm cluster?\n'
    )


@pytest.fixture
def sweeping():
    pretend()
    yield
    HydraConfig.instance().cfg = None


def pretend():
    """Makes this process the one of a sweep's runs that has number 7."""
    told = {"hydra": {"mode": RunMode.MULTIRUN, "job": {"num": 7}}}
    HydraConfig.instance().cfg = OmegaConf.create(told)


def test_a_bug_keeps_its_traceback(sweeping, capsys):
    with pytest.raises(SimgenError, match="^run 7: a bug, whose traceback is in the output$"):
        with one_of_several():
            raise ZeroDivisionError("a bug")
    assert "ZeroDivisionError: a bug" in capsys.readouterr().err


@pytest.mark.parametrize("code", [130, 143, -1])  # the last is submitit's, for a job requeued
def test_a_run_that_was_stopped_ends_the_sweep(sweeping, code):
    with pytest.raises(SystemExit, match=str(code)), one_of_several():
        sys.exit(code)


def test_frames_that_were_skipped_are_a_failure_and_none_is_not(sweeping):
    with pytest.raises(SimgenError, match="^run 7: frames were skipped$"), one_of_several():
        sys.exit(3)
    with one_of_several():
        sys.exit(0)


@pytest.mark.parametrize(("reason", "code"), [("'simgen: no'", 1), ("0", 0)])
def test_the_scheduler_too_is_told_by_the_exit_code(reason, code):
    job = f"""
import sys
from tests.farm.test_sweep import pretend, one_of_several
pretend()
try:
    with one_of_several():
        sys.exit({reason})
except Exception as error:
    print(error)  # where submitit would write it down
"""
    run = subprocess.run(
        (sys.executable, "-c", job),
        cwd=ROOT,
        env={**os.environ, "SUBMITIT_EXECUTOR": "slurm"},
        capture_output=True,
        text=True,
    )
    assert (run.returncode, run.stdout) == (code, "run 7: no\n" * code), run.stderr


def test_a_notice_goes_on_to_who_listened_before():
    heard = []
    before = {
        signal.SIGUSR2: signal.signal(signal.SIGUSR2, lambda number, frame: heard.append(number)),
        signal.SIGTERM: signal.signal(signal.SIGTERM, signal.SIG_DFL),
    }
    try:
        with pytest.raises(Interrupted), Stop() as stop:
            for number in (signal.SIGUSR2, signal.SIGTERM, signal.SIGUSR2):  # none drops frames
                os.kill(os.getpid(), number)
            while not stop.number:
                sleep(0.001)
            assert stop.number == signal.SIGUSR2 and not heard
            raise Interrupted("stopped", stop.number)
        assert heard == [signal.SIGUSR2]
        with Stop() as stop:  # in time for all frames: nothing to be done once more
            os.kill(os.getpid(), signal.SIGUSR2)
        assert heard == [signal.SIGUSR2]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
