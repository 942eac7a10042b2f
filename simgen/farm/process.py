"""The parent's side of a worker process."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from simgen.farm.launcher import Job
from simgen.farm.worker import Order, work
from simgen.stop import SIGNALS

_spawn = get_context("spawn")  # a fork would share Blender's threads and locks


class Process:
    """A worker process, and the frame it is at.

    Attributes:
        frame: None while it has none.
        spec: of its frame, if it told that.
        made: how many frames it has made.
    """

    def __init__(self, job: Job):
        self.frame: int | None = None
        self.spec = b""
        self.made = 0
        self.since = 0.0
        self.pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=work, args=(job, theirs), daemon=True)
        with _signals_ignored(), _path_without_blender(), _algebra_on_one_thread():
            self._process.start()
        theirs.close()

    def give(self, frame: int, suspect: bool) -> None:
        """Tells it to make a frame."""
        self.frame, self.spec, self.since = frame, b"", monotonic()
        with suppress(OSError):  # it is dead, which its pipe will tell
            self.pipe.send(Order(frame, suspect))

    def seconds(self) -> float:
        """Returns how long it has been at its frame, by a clock that never jumps."""
        return monotonic() - self.since

    def cause_of_death(self) -> str:
        """Waits for its end and returns what it died of."""
        self._process.join()
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return "killed, as the system does when memory is short: fewer workers= need less"
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """Ends it: at once, if it is at a frame."""
        if self.frame is not None:
            self._process.kill()
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
def _signals_ignored() -> Iterator[None]:
    """Lets a child start deaf to Ctrl-C in its terminal and to what a cluster sends to all of a
    job's processes: its parent decides when it ends."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number in before:
            signal.signal(number, signal.SIG_IGN)
    except ValueError:  # not the main thread, which alone may set them
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
