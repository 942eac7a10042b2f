"""Racers wait in processes of their own and make some frames each time they are told to.

Both ends of the pipe; nothing but the standard library, since it runs in every environment.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any


class Racer:
    """The parent's end.

    Args:
        core: the only one that the racer may use; None: all.
    """

    def __init__(self, command: Sequence[Any], log: Path, core: int | None = None):
        ours, theirs = os.pipe()
        words = [str(word) for word in (*command, theirs)]
        with log.open("ab") as sink:
            self._process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=sink, stderr=sink, pass_fds=[theirs]
            )
        if core is not None:  # before it has loaded what counts cores
            os.sched_setaffinity(self._process.pid, {core})
        os.close(theirs)
        self._replies = os.fdopen(ours)
        self._log = log

    def ask(self, **task: Any) -> dict[str, float]:
        """Returns what the task, some `frames`, took: seconds of the wall clock, seconds of all its
        threads."""
        self._process.stdin.write(json.dumps(task).encode() + b"\n")
        self._process.stdin.flush()
        reply = self._replies.readline()
        if not reply:
            sys.exit(f"a racer died; {self._log} says why")
        return json.loads(reply)

    def end(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def serve(work: Callable[..., None], pipe: int, settle: Callable[[], None] = lambda: None) -> None:
    """Does each task that comes in, frame by frame, and tells what it took, with what `settle`
    waits for."""
    with os.fdopen(pipe, "w") as replies:
        for line in sys.stdin:
            wall, used = perf_counter(), _cpu()
            task = json.loads(line)
            for frame in task.pop("frames"):
                work(frame=frame, **task)
            settle()
            taken = {"wall": perf_counter() - wall, "cpu": _cpu() - used}
            print(json.dumps(taken), file=replies, flush=True)


def _cpu() -> float:
    own = resource.getrusage(resource.RUSAGE_SELF)
    return own.ru_utime + own.ru_stime
