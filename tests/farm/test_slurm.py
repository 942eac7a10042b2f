"""A real SLURM, where one is installed: shards as jobs, interrupted, equal to a single run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NEEDED = ("slurmctld", "slurmd", "sbatch", "munged")


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="SLURM's daemons are started as root")
@pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)),
    reason="SLURM is not installed: apt-get install slurmctld slurmd slurm-client munge",
)
def test_shards_that_slurm_interrupts_make_the_dataset_of_a_single_run():
    pytest.importorskip("submitit")
    script, conf = ROOT / "benchmarks/slurm_loopback.py", ROOT / "tests/farm/conf"
    tiny = ("scene=single", "renderer=slow_painter", "resolution=[64,48]")
    run = subprocess.run(
        (sys.executable, script, "--config-dir", conf, *tiny),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if run.returncode == 77:
        pytest.skip(run.stdout.strip())
    assert run.returncode == 0, run.stdout + run.stderr
    assert "the same as those of a single run" in run.stdout
