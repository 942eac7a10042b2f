"""A real SLURM on this machine alone: an array of shards, some interrupted, the dataset compared.

python benchmarks/slurm_loopback.py [overrides of python -m simgen, instead of a tiny scene's]

Installs Debian's slurmctld, slurmd, slurm-client and munge where they are missing (as root, with
apt-get), starts them on loopback with two nodes, each of one CPU, and stops them again; everything
they write is in a folder of its own, which goes too. Then

 1. `python -m simgen --multirun hydra/launcher=submitit_slurm shard=0/4,...` submits four shards,
 2. the first shard gets SIGTERM, as of `scancel --signal=TERM`, and is requeued by hand,
 3. the second gets SIGUSR2, as ahead of a time limit, which has submitit requeue it,
 4. a job of higher priority preempts what then runs, and SLURM requeues that,

and every file is held against those of one run that nobody disturbed. Where that cannot be done it
says `skipped: reason` and exits with 77.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from subprocess import DEVNULL, Popen
from tempfile import TemporaryDirectory

from rich import print

SHARDS, EACH = 4, 10
FRAMES = SHARDS * EACH
TINY = ("scene=single", "resolution=[64,48]", "renderer.samples=1")
PACKAGES = {
    "slurmctld": "slurmctld",
    "slurmd": "slurmd",
    "sbatch": "slurm-client",
    "munged": "munge",
}
SKIPPED = 77  # what automake takes for it too
PATIENCE_S = 180
CONFIG = """\
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={ports[0]}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=2
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=one NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[1]} CPUs=1
NodeName=two NodeHostname={host} NodeAddr=127.0.0.1 Port={ports[2]} CPUs=1
PartitionName=shards Nodes=one,two Default=YES PriorityTier=1
PartitionName=urgent Nodes=one,two PriorityTier=2 PreemptMode=OFF
"""


def main(*overrides: str) -> None:
    """Runs the whole of it; raises AssertionError where SLURM's dataset is another."""
    _require_slurm()
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # and stops it all
    with TemporaryDirectory(prefix="slurm-") as folder, _cluster(Path(folder)):
        command = (sys.executable, "-m", "simgen")
        same = (*(overrides or TINY), f"frames={FRAMES}", "workers=1")
        subprocess.run((*command, *same, f"out={folder}/single"), check=True)
        _farm(Path(folder), (*command, "--multirun", *same))
        single, farm = (_digests(Path(folder, name)) for name in ("single", "farm"))
        assert farm == single, f"differ: {sorted(set(farm.items()) ^ set(single.items()))[:5]}"
        print(f"{len(farm)} files of {FRAMES} frames, the same as those of a single run")


def _require_slurm() -> None:
    missing = [package for command, package in PACKAGES.items() if not shutil.which(command)]
    if os.geteuid():
        _skip("slurmctld and munged are started as root here")
    if missing and not shutil.which("apt-get"):
        _skip(f"{', '.join(missing)} missing, and no apt-get to install them")
    if missing:
        install = ("apt-get", "install", "-y", "-q", "--no-install-recommends", *missing)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if subprocess.run(install, env=quiet, stdout=DEVNULL).returncode:
            _skip(f"{' '.join(install)} failed")


def _skip(reason: str) -> None:
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


@contextmanager
def _cluster(folder: Path) -> Iterator[None]:
    """Runs SLURM's daemons and ends them, with the jobs that are left."""
    (folder / "state").mkdir()
    (folder / "munge.key-file").write_bytes(os.urandom(128))
    (folder / "munge.key-file").chmod(0o600)
    config = CONFIG.format(folder=folder, host=socket.gethostname().split(".")[0], ports=_ports(3))
    (folder / "slurm.conf").write_text(config)
    os.environ["SUBMITIT_LOG_LEVEL"] = "ERROR"
    os.environ["SLURM_CONF"] = str(folder / "slurm.conf")
    own = ("key-file", "socket", "pid-file", "log-file", "seed-file")
    munge = (f"--{name}={folder}/munge.{name}" for name in own)
    with ExitStack() as daemons:
        daemons.enter_context(
            _daemon(folder / "munged", "munged", "--foreground", "--force", *munge)
        )
        _wait(lambda: (folder / "munge.socket").exists(), "munged")
        daemons.enter_context(_daemon(folder / "slurmctld", "slurmctld", "-D"))
        for node in ("one", "two"):
            daemons.enter_context(_daemon(folder / node, "slurmd", "-D", "-N", node))
        _wait(lambda: _out("sinfo", "-h", "-p", "shards", "-o", "%D %t") == "2 idle", "the nodes")
        try:
            yield
        finally:
            subprocess.run(("scancel", "--user=root"), check=False)
            _wait(lambda: not _out("squeue", "-h"), "the end of all jobs")


def _ports(count: int) -> list[int]:
    """Returns ports that are free, so far."""
    with ExitStack() as sockets:
        opened = [sockets.enter_context(socket.socket()) for _ in range(count)]
        for each in opened:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in opened]


@contextmanager
def _daemon(log_file: Path, *command: str) -> Iterator[None]:
    with open(log_file, "w") as log:
        process = Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE_S)


def _farm(folder: Path, base: tuple[str, ...]) -> None:
    """Has SLURM make the frames, and disturbs it."""
    shards = ",".join(f"{i}/{SHARDS}" for i in range(SHARDS))
    where = (f"out={folder}/farm", f"hydra.sweep.dir={folder}/multirun")
    slurm = ("hydra/launcher=submitit_slurm", f"shard={shards}", *where)
    driver = Popen((*base, *slurm), start_new_session=True)
    try:
        array = _wait(lambda: _out("squeue", "-h", "-o", "%F"), "the array job").split()[0]
        _interrupt(folder, array)
        _preempt(folder, array)
        assert driver.wait(PATIENCE_S) == 0, "the command that submitted the shards failed"
    finally:
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGTERM)
            driver.wait()


def _interrupt(folder: Path, array: str) -> None:
    """Signals the first two shards in the middle; both have to begin once more."""
    asking = []
    for shard, name in enumerate(("TERM", "USR2")):
        _wait(lambda shard=shard: _there(folder, shard), f"the first frame of shard {shard}")
        asking.append(Popen(("scancel", f"--signal={name}", f"{array}_{shard}"), stderr=DEVNULL))
    _wait(lambda: _job(array, 0, "JobState") in ("FAILED", "COMPLETED"), "the end of shard 0")
    asking[0].kill()  # scancel may go on asking, and would hit the job that begins once more
    code = _job(array, 0, "ExitCode")
    print(f"shard 0: SIGTERM, exit code {code}, {_there(folder, 0)} of {EACH} frames there")
    assert code == "143:0" and _there(folder, 0) < EACH
    subprocess.run(("scontrol", "requeue", f"{array}_0"), check=True)
    _wait(lambda: _job(array, 1, "Restarts") == "1", "the requeue of shard 1")
    asking[1].kill()
    print(f"shard 1: SIGUSR2, requeued by submitit, {_there(folder, 1)} of {EACH} frames there")
    assert _there(folder, 1) < EACH
    for shard in (0, 1):
        _at_once(f"{array}_{shard}")


def _preempt(folder: Path, array: str) -> None:
    """Has a job of higher priority take both nodes."""
    later = range(2, SHARDS)
    _wait(lambda: any(_there(folder, shard) for shard in later), "the first frame of the others")
    urgent = ("sbatch", "-p", "urgent", "-N2", "-W", "-o", f"{folder}/urgent", "--wrap", "hostname")
    before = [_job(array, shard, "Restarts") for shard in range(SHARDS)]
    subprocess.run(urgent, check=True, stdout=DEVNULL)
    preempted = [s for s in range(SHARDS) if _job(array, s, "Restarts") != before[s]]
    for shard in preempted:
        there = _there(folder, shard)
        print(f"shard {shard}: preempted, requeued by SLURM, {there} of {EACH} frames there")
        _at_once(f"{array}_{shard}")
    assert preempted


def _at_once(job: str) -> None:
    """Has a job that was requeued start now, and not after SLURM's two minutes."""
    _wait(lambda: _out("squeue", "-h", "-j", job, "-o", "%t") == "PD", f"job {job} in the queue")
    subprocess.run(("scontrol", "update", f"JobId={job}", "StartTime=now"), check=True)


def _job(array: str, index: int, field: str) -> str:
    """Returns what SLURM says of a job of the array."""
    told = re.search(rf"\b{field}=(\S+)", _out("scontrol", "show", "job", f"{array}_{index}"))
    return told[1] if told else ""


def _there(folder: Path, shard: int) -> int:
    numbers = (int(path.stem) for path in (folder / "farm/records").glob("*.json"))
    return sum(number % SHARDS == shard for number in numbers)


def _out(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def _wait(there: Callable[[], object], what: str) -> object:
    end = time.monotonic() + PATIENCE_S
    while not (found := there()):
        if time.monotonic() > end:
            raise TimeoutError(f"waited {PATIENCE_S} s for {what}")
        time.sleep(0.1)
    return found


def _digests(folder: Path) -> dict[str, str]:
    """Returns SHA-256 of every file, without what a run says of itself."""
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    files.pop("config/config.yaml")  # has out= and shard= in it
    return {
        name: sha256(path.read_bytes().partition(b',"run":')[0]).hexdigest()
        for name, path in files.items()
    }


if __name__ == "__main__":
    main(*sys.argv[1:])
