"""Runs that are killed, stopped, starved and lied to make the same dataset as undisturbed ones.

python benchmarks/chaos.py [kills] [--blender] [override ...]

Of a run with two workers, `kills` (50) times the parent, a worker or all of them get SIGKILL at a
random moment, and the same command starts again at once, beside what is left of the one before.
Then one thing at a time: SIGTERM, a disk that fills up, a disk that turns read-only, and a clock
that jumps by hours at each look. Pictures are painted unless --blender has them rendered. Every
file of the dataset must be, byte for byte, the undisturbed run's, records but for their timings.
The exit code is 1 where that is not so; what cannot be tried here is skipped, with its reason.
"""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

from rich.console import Console
from rich.progress import track
from rich.table import Table

ROOT = Path(__file__).parents[1]
TINY = ("scene=single", "resolution=[64,48]", "quality=preview", "renderer.threads=1")
RENDERED = (*TINY, "renderer.samples=1")
PAINTED = ("--config-dir", "tests/farm/conf", *TINY[:3], "renderer=slow_painter")
STEP = 24  # frames that are added whenever all are made before all kills are
SMALL = 12  # frames of the shorter trials
WITHIN_S = 60.0  # of an end that must come
JUMPS = """\
import random, time
_true = time.time
time.time = lambda: _true() + random.uniform(-1, 1) * 36e3
time.time_ns = lambda: int(time.time() * 1e9)
"""


class Trouble(Exception):
    """What should have been, and was not."""


class Skipped(Exception):
    """Why something cannot be tried here."""


class Bench:
    """Where the datasets are made, and by which command."""

    def __init__(self, folder: Path, config: tuple[str, ...]):
        self.folder, self.config = folder, config

    def start(self, out: Path, frames: int, **environment: str) -> subprocess.Popen:
        words = (*self.config, f"frames={frames}", "workers=2", f"out={out}")
        return subprocess.Popen(
            (sys.executable, "-m", "simgen", *words),
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, out: Path, frames: int, expected: int = 0, **environment: str) -> str:
        """Returns what a run said that nobody disturbs; raises Trouble at another exit code."""
        return ended(self.start(out, frames, **environment), expected)

    def undisturbed(self, frames: int) -> dict[str, str]:
        """Returns the digests of so many frames."""
        out = self.folder / f"undisturbed-{frames}"
        if not out.exists():
            self.run(out, frames)
        return digests(out)

    def require_same(self, out: Path, frames: int) -> None:
        wanted, found = self.undisturbed(frames), digests(out)
        if found != wanted:
            differ = sorted({name for name, _ in found.items() ^ wanted.items()})
            raise Trouble(f"{len(differ)} files differ: {', '.join(differ[:4])}")


def digests(folder: Path) -> dict[str, str]:
    """Returns the SHA-256 of each file, of records without how the run was carried out."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and name != "config/config.yaml":
            data = path.read_bytes()
            if name.startswith("records/"):
                data = data.rpartition(b',"run":')[0]
            found[name] = sha256(data).hexdigest()
    return found


def ended(run: subprocess.Popen, expected: int) -> str:
    said, _ = run.communicate()
    if run.returncode != expected:
        raise Trouble(f"exit code {run.returncode}, not {expected}: {said.strip()[-300:]}")
    return said


def made(out: Path) -> int:
    return len(list(out.glob("records/*.json")))


def wait_for(what: Callable[[], object], name: str) -> None:
    end = monotonic() + WITHIN_S
    while not what():
        if monotonic() > end:
            raise Trouble(f"no {name} within {WITHIN_S:g} s")
        sleep(0.02)


# SIGKILL


def killed(bench: Bench, kills: int) -> str:
    chance, out, frames = random.Random(0), bench.folder / "killed", STEP
    victims = {"parent": 0, "worker": 0, "all": 0}
    orphans: set[int] = set()
    run, longest = bench.start(out, frames), seconds_to_start(bench)
    for _ in track(range(kills), "kills", transient=True):
        sleep(chance.uniform(0, longest))
        while run.poll() is not None:
            frames += STEP * require_killed(run)
            run = bench.start(out, frames)
            sleep(chance.uniform(0, longest))
        who = chance.choice(list(victims))
        workers = children(run.pid)
        orphans |= set(workers)
        chosen = [chance.choice(workers)] if who == "worker" and workers else [run.pid]
        for pid in [run.pid, *workers] if who == "all" else chosen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        victims[who if workers else "parent"] += 1
    require_killed(run)
    bench.run(out, frames)
    wait_for(lambda: not any(map(alive, orphans)), "end of workers whose parent was killed")
    bench.require_same(out, frames)
    hit = ", ".join(f"{who} {count}" for who, count in victims.items())
    return f"{kills} kills ({hit}), {frames} frames"


def require_killed(run: subprocess.Popen) -> bool:
    """Returns whether a run has made all frames before it was killed; it ends by itself also when a
    frame has lost its worker twice. Raises Trouble if it ended otherwise."""
    said, _ = run.communicate()
    if run.returncode not in (0, -signal.SIGKILL) and "twice lost its worker" not in said:
        raise Trouble(f"exit code {run.returncode}: {said.strip()[-300:]}")
    return run.returncode == 0


def seconds_to_start(bench: Bench) -> float:
    """Returns how long a run takes to have made some frames."""
    out, start = bench.folder / "first", monotonic()
    run = bench.start(out, STEP)
    wait_for(lambda: made(out) > STEP // 2 or run.poll() is not None, "frame")
    seconds = monotonic() - start
    ended(run, 0)
    return seconds


def children(pid: int) -> list[int]:
    """Returns the processes that a process has started."""
    with suppress(OSError):
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return [int(word) for task in tasks for word in (task / "children").read_text().split()]
    return []


def alive(pid: int) -> bool:
    with suppress(OSError):
        return "simgen" in Path(f"/proc/{pid}/environ").read_text() and not zombie(pid)
    return False


def zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


# one thing at a time


def stopped(bench: Bench, to_all: bool) -> str:
    """SIGTERM, as a preempted job gets, to the parent or to all of its processes."""
    out = bench.folder / f"stopped-{to_all}"
    run = bench.start(out, STEP)
    wait_for(lambda: made(out) >= 2 or run.poll() is not None, "frame")
    (os.killpg if to_all else os.kill)(run.pid, signal.SIGTERM)
    said, there = ended(run, 128 + signal.SIGTERM), made(out)
    if "run the same command again" not in said or there >= STEP or (out / ".scratch").exists():
        raise Trouble(f"{there} frames there, said: {said.strip()[-200:]}")
    bench.run(out, STEP)
    bench.require_same(out, STEP)
    return f"exit code 143 with {there} of {STEP} frames, then all"


def full(bench: Bench) -> str:
    needed = sum(path.stat().st_size for path in (bench.folder / "first").rglob("*"))
    with mounted(bench.folder / "full", size := f"{needed // 3}") as disk:
        said = refused(bench, disk / "out", "No space left on device")
        there = made(disk / "out")
        mount("-o", "remount,size=256m", str(disk))
        bench.run(disk / "out", STEP)
        bench.require_same(disk / "out", STEP)
    return f"{size} bytes for {there} of {STEP} frames, then all; said: {said}"


def read_only(bench: Bench) -> str:
    with mounted(bench.folder / "read-only", "256m") as disk:
        bench.run(disk / "out", SMALL)
        mount("-o", "remount,ro", str(disk))
        said = refused(bench, disk / "out", "Read-only file system")
        mount("-o", "remount,rw", str(disk))
        bench.run(disk / "out", STEP)
        bench.require_same(disk / "out", STEP)
    return f"{SMALL} of {STEP} frames, then all; said: {said}"


def refused(bench: Bench, out: Path, reason: str) -> str:
    """Returns the one line with which a run ended that could not write."""
    said = bench.run(out, STEP, expected=1)
    lines = [line for line in said.splitlines() if reason in line]
    if len(lines) != 1 or "Traceback" in said:
        raise Trouble(f"said: {said.strip()[-300:]}")
    return lines[0]


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Yields a disk of its own."""
    folder.mkdir()
    mount("-t", "tmpfs", "-o", f"size={size}", "simgen-chaos", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(("umount", "--lazy", folder), check=False)


def mount(*words: str) -> None:
    if os.geteuid():
        raise Skipped("only root may mount a small disk")
    done = subprocess.run(("mount", *words), capture_output=True, text=True)
    if done.returncode:
        raise Skipped(done.stderr.strip())


def jumping(bench: Bench) -> str:
    (bench.folder / "clock").mkdir()
    (bench.folder / "clock" / "sitecustomize.py").write_text(JUMPS)
    out = bench.folder / "jumping"
    said = bench.run(out, STEP, PYTHONPATH=str(bench.folder / "clock"))
    bench.require_same(out, STEP)
    from simgen.dataset import Dataset

    seconds = [s for record in Dataset.load(out).records() for s in record.run.seconds.values()]
    if not all(0 <= s < WITHIN_S for s in seconds) or "hours" in said:
        raise Trouble(f"timings from {min(seconds):g} to {max(seconds):g} s")
    return f"by up to 10 hours at each look; timings up to {max(seconds):.2f} s"


def main() -> None:
    words = sys.argv[1:]
    kills = next((int(word) for word in words if word.isdigit()), 50)
    overrides = [word for word in words if not word.isdigit() and word != "--blender"]
    config = (*(RENDERED if "--blender" in words else PAINTED), *overrides)
    failed = False
    table = Table("what", "", "how")
    with TemporaryDirectory(prefix="chaos-") as folder:
        bench = Bench(Path(folder), config)
        for name, trial in {
            "SIGKILL": lambda: killed(bench, kills),
            "SIGTERM to the parent": lambda: stopped(bench, False),
            "SIGTERM to all": lambda: stopped(bench, True),
            "full disk": lambda: full(bench),
            "read-only disk": lambda: read_only(bench),
            "clock that jumps": lambda: jumping(bench),
        }.items():
            try:
                table.add_row(name, "the same dataset", trial().replace(folder, "."))
            except Skipped as reason:
                table.add_row(name, "skipped", str(reason))
            except Trouble as trouble:
                failed = True
                table.add_row(name, "WRONG", str(trouble).replace(folder, "."))
    Console().print(table)
    sys.exit(failed)


if __name__ == "__main__":
    main()
