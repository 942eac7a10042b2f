"""Frames made on this machine: in processes beside this one, or in this one."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import wait

from simgen.errors import SimgenError
from simgen.farm.launcher import Failed, Job, Made
from simgen.farm.limits import Limits
from simgen.farm.process import Process
from simgen.farm.sizes import room, threads_each
from simgen.farm.todo import Todo
from simgen.farm.worker import Maker
from simgen.machine import cores, free_memory_gb, has_nvidia
from simgen.stop import Stop

log = logging.getLogger(__name__)
_WORKERS_PER_GPU = 4  # one prepares frames while another renders; each takes memory of the GPU


@dataclass(frozen=True)
class Processes:
    """Worker processes on this machine.

    Attributes:
        workers: how many; auto: as many as cores and memory have room for, and 4 at most where they
            share a GPU; 0: none, frames are made in this very process, without limits, as a
            debugger or a profiler likes it.
        threads, device: the renderer's; 0 threads: the cores, shared among the workers.
    """

    workers: int | str = "auto"
    limits: Limits = field(default_factory=Limits)
    threads: int = 0
    device: str = "auto"

    def __post_init__(self):
        whole = type(self.workers) is int and self.workers >= 0
        if not whole and self.workers != "auto":
            raise SimgenError(
                f"workers={self.workers!r} must be auto or a whole number of at least 0"
            )

    @property
    def overlaps(self) -> bool:
        return self.workers != 0

    def size(self, frames: int) -> int:
        """Returns how many processes would make so many frames."""
        asked = self._fitting() if self.workers == "auto" else self.workers
        return max(1, min(asked, frames))

    def run(self, job: Job, todo: Todo, stop: Stop) -> Iterator[Made | Failed]:
        """Makes the frames that wait, as `Launcher.run` says."""
        count = self.size(len(todo))
        job = job.with_threads(threads_each(cores(), count))
        if self.workers == 0:
            return _made_here(job, todo, stop)
        return _Crew(job, todo, stop, self.limits.for_each_of(count)).run(count)

    def _fitting(self) -> int:
        fitting = room(cores() // max(1, self.threads), free_memory_gb())
        shares_gpu = self.device != "cpu" and has_nvidia()
        return min(fitting, _WORKERS_PER_GPU) if shares_gpu else fitting


def _made_here(job: Job, todo: Todo, stop: Stop) -> Iterator[Made | Failed]:
    maker = Maker(job)
    index = None
    while not stop.number and (index := todo.take(index)) is not None:
        yield maker.outcome(index)


@dataclass
class _Crew:
    """Processes that are told the next frame once they have rendered one, so that it is known which
    frames a process was at when it died, and nothing queues up."""

    job: Job
    todo: Todo
    stop: Stop
    limits: Limits
    busy: list[Process] = field(default_factory=list)

    def run(self, count: int) -> Iterator[Made | Failed]:
        try:
            for _ in range(count):
                self._hire()
            while self.busy:
                yield from self._outcomes()
        finally:
            for process in self.busy:  # all of them before the first is waited for
                process.kill()
            for process in self.busy:
                process.end()

    def _outcomes(self) -> Iterator[Made | Failed]:
        """Waits for something to happen, and yields the frames that have come to an end."""
        by_pipe = {process.pipe: process for process in self.busy}
        for pipe in wait(list(by_pipe), self._patience()):
            yield from self._heard(by_pipe[pipe])
        for process in [p for p in self.busy if p.seconds() > self._frame_s]:
            yield from self._lost(process, f"took more than limits.frame_s={self._frame_s:g} s")

    @property
    def _frame_s(self) -> float:
        return float("inf") if self.limits.frame_s is None else self.limits.frame_s

    def _patience(self) -> float | None:
        """Returns the seconds until the first process is overdue; None: for ever."""
        if self.limits.frame_s is None:
            return None
        return max(0.0, self._frame_s - max(process.seconds() for process in self.busy))

    def _heard(self, process: Process) -> Iterator[Made | Failed]:
        try:
            reply = process.pipe.recv()
        except (EOFError, OSError):
            yield from self._lost(process, f"lost its worker ({process.cause_of_death()})")
            return
        if isinstance(reply, logging.LogRecord):
            logging.getLogger(reply.name).handle(reply)
            return
        process.hear(reply)
        if isinstance(reply, Made | Failed):
            yield reply
        self._go_on(process)

    def _go_on(self, process: Process) -> None:
        """Gives a process that renders nothing the next frame; ends it once there is none for it
        and its last one is on the disk."""
        spent = self.limits.spent(process.given, process.memory_mb)
        if not process.renders and not spent:
            self._employ(process)
        if not process.frames:
            self.busy.remove(process)
            process.end()
            self._hire()

    def _lost(self, process: Process, how: str) -> Iterator[Failed]:
        """Replaces a process that died or hangs, and has its frames made once more: each alone, so
        that it shows which of them it was."""
        frames, spec = process.frames, process.spec
        self.busy.remove(process)
        process.end()
        for frame in () if self.stop.number else reversed(frames):  # what it rendered is likelier
            if self.todo.again(frame):
                log.warning("frame %d %s; it is made once more", frame, how)
            else:
                twice = "twice " if self.todo.retried(frame) else ""
                yield Failed(frame, f"frame {frame} {twice}{how}", spec=spec)
        self._hire()

    def _hire(self) -> None:
        """Starts a process, if there is something to do."""
        if not len(self.todo) or self.stop.number:
            return
        process = Process(self.job)
        self._employ(process)
        if process not in self.busy:  # a signal came while it started
            process.end()

    def _employ(self, process: Process) -> None:
        """Gives a process the next frame, if there is one that it may begin now."""
        frame = None if self.stop.number else self.todo.take(process.last, not process.frames)
        if frame is None:
            return
        process.give(frame, self.todo.retried(frame))
        if process not in self.busy:
            self.busy.append(process)
