"""The parent's side of a worker process."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from pathlib import Path
from time import monotonic

from simgen.farm.launcher import Failed, Job, Made
from simgen.farm.worker import Order, Proposed, Storing, work
from simgen.stop import SIGNALS

_spawn = get_context("spawn")  # a fork would share Blender's threads and locks


class Process:
    """A worker process, and the frames it is at: at most one that it renders, and the one before,
    which it puts on the disk.

    Attributes:
        spec: of the frame it was given last, if it told that.
        last: the frame it was given last.
        given: how many frames that makes.
        memory_mb: that it held after a frame.
        renders: whether it is at more than putting a frame on the disk.
    """

    def __init__(self, job: Job):
        self.spec = b""
        self.last: int | None = None
        self.given = 0
        self.memory_mb = 0.0
        self._since: dict[int, float] = {}  # when it was at each frame alone, the older one first
        self.renders = False
        self.pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=work, args=(job, theirs), daemon=True)
        with _signals_held(), _path_without_blender(), _algebra_on_one_thread():
            self._process.start()
        theirs.close()

    @property
    def frames(self) -> list[int]:
        """Those it is at, the older one first."""
        return list(self._since)

    def give(self, frame: int, suspect: bool) -> None:
        """Tells it to make a frame."""
        self.last, self.spec, self.renders = frame, b"", True
        self.given += 1
        self._since[frame] = monotonic()
        with suppress(OSError):  # it is dead, which its pipe will tell
            self.pipe.send(Order(frame, suspect))

    def hear(self, reply: Proposed | Storing | Made | Failed) -> None:
        """Notes what it told of its frames."""
        if isinstance(reply, Proposed):
            self.spec = reply.spec
        elif isinstance(reply, Storing) or reply.frame == self.last:
            self.renders = False
        if isinstance(reply, Storing | Made):
            self.memory_mb = reply.memory_mb
        if isinstance(reply, Made | Failed):
            del self._since[reply.frame]
            self._since = {frame: monotonic() for frame in self._since}  # it waited for this one

    def seconds(self) -> float:
        """Returns how long it has been at its older frame, by a clock that never jumps."""
        return monotonic() - min(self._since.values())

    def cause_of_death(self) -> str:
        """Waits for its end and returns what it died of."""
        self._process.join()
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return "killed, as the system does when memory is short: fewer workers= need less"
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def kill(self) -> None:
        """Has it end at once, if it is at a frame."""
        if self._since:
            self._process.kill()

    def end(self) -> None:
        """Ends it, at once if it is at a frame, and waits for that."""
        self.kill()
        self.pipe.close()
        self._process.join()


@contextmanager
def _path_without_blender() -> Iterator[None]:
    """Lets a child find `bpy`: once imported, Blender puts folders of its own first on the path,
    and in one of them is a second `bpy` that cannot be imported."""
    before, blender = sys.path, sys.modules.get("bpy")
    if blender:
        home = str(Path(blender.__spec__.origin).parent)
        sys.path = [folder for folder in before if not folder.startswith(home)]
    try:
        yield
    finally:
        sys.path = before


@contextmanager
def _algebra_on_one_thread() -> Iterator[None]:
    """Lets a child's NumPy compute on one thread: matrices are small here, and OpenBLAS's threads
    would spin beside the renderer's, for a third of the processor time of labels and files."""
    name = "OPENBLAS_NUM_THREADS"
    before = os.environ.get(name)
    os.environ[name] = before or "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]


@contextmanager
def _signals_held() -> Iterator[None]:
    """Lets a child start deaf to Ctrl-C in its terminal and to what a cluster sends to all of a
    job's processes: its parent decides when it ends. What this process is sent meanwhile, it hears
    afterwards."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        resource_tracker.ensure_running()  # a child, too; its start lets Ctrl-C and SIGTERM through
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
