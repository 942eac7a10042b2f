"""Where frames are made: in this process, or in several beside it."""

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.stop import Stop
from simgen.todo import Todo
from simgen.worker import Failed, Job, Made, make_one, work

_spawn = get_context("spawn")  # a fork would share Blender's threads and locks


def make_here(job: Job, recipe: Any, todo: Iterator[int], stop: Stop) -> Iterator[Made]:
    """Makes the frames in this process, yielding each when it is committed."""
    dataset = Dataset.load(job.folder)
    for index in todo:
        if stop.number:
            return
        yield make_one(job, recipe, dataset, index)


def make_beside(job: Job, todo: Todo, count: int, stop: Stop) -> Iterator[Made]:
    """Makes the frames in `count` processes, yielding each when it is committed.

    Each is told one frame at a time, so that it is known which one it was at when it died, and
    nothing queues up. After an error the frames in flight are finished first.
    """
    workers: list[_Worker] = []
    try:
        for _ in range(count):
            workers.append(_Worker(job))
        yield from _serve(workers, todo, stop)
    finally:
        for worker in workers:
            worker.end()


class _Worker:
    """The parent's side of a worker process."""

    def __init__(self, job: Job):
        self.frame: int | None = None
        self.pipe, theirs = _spawn.Pipe()
        self._process = _spawn.Process(target=work, args=(job, theirs), daemon=True)
        with _signals_ignored(), _path_without_blender():
            self._process.start()
        theirs.close()

    def feed(self, todo: Todo, last: int | None = None) -> None:
        self.frame = todo.take(last)
        if self.frame is not None:
            try:
                self.pipe.send(self.frame)
            except OSError:  # it is dead, which its pipe will tell
                pass

    def cause_of_death(self) -> str:
        self._process.join()
        code = self._process.exitcode
        if code == -signal.SIGKILL:
            return "killed, as the system does when memory is short: fewer workers= need less"
        return signal.Signals(-code).name if code < 0 else f"exit code {code}"

    def end(self) -> None:
        if self.frame is not None:
            self._process.kill()
        self.pipe.close()
        self._process.join()


def _serve(workers: list[_Worker], todo: Todo, stop: Stop) -> Iterator[Made]:
    error: Exception | None = None
    for worker in workers:
        worker.feed(todo)
    while busy := {worker.pipe: worker for worker in workers if worker.frame is not None}:
        for pipe in wait(list(busy)):
            worker = busy[pipe]
            reply = _reply(worker)
            if isinstance(reply, logging.LogRecord):
                logging.getLogger(reply.name).handle(reply)
                continue
            last, worker.frame = worker.frame, None
            if isinstance(reply, Made):
                yield reply
            else:
                error = error or reply
            if not error and not stop.number:
                worker.feed(todo, last)
    if error:
        raise error


def _reply(worker: _Worker) -> Made | logging.LogRecord | Exception:
    try:
        reply = worker.pipe.recv()
    except (EOFError, OSError):
        return SimgenError(
            f"the worker at frame {worker.frame} died ({worker.cause_of_death()}); "
            f"the other frames are safe: run the same command again to continue"
        )
    if isinstance(reply, Failed):
        return RuntimeError(reply.message) if reply.is_bug else SimgenError(reply.message)
    return reply


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
def _signals_ignored() -> Iterator[None]:
    """Lets a child start deaf to Ctrl-C in its terminal: its parent decides when it ends."""
    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
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
