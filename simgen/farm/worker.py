"""One process that makes frames: what it is told, what it tells."""

import logging
import os
import traceback
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from threading import Thread
from types import SimpleNamespace
from typing import Any

from simgen.codec import encode_spec
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.farm.launcher import Failed, Job, Made, make_one
from simgen.machine import as_if_cores


@dataclass(frozen=True)
class Order:
    """A frame to make.

    Attributes:
        suspect: a worker was lost at it, so its scene is told before it is rendered.
    """

    frame: int
    suspect: bool = False


@dataclass(frozen=True)
class Proposed:
    """The scene of a frame that is about to be made, as `encode_spec` writes it."""

    spec: bytes


class Maker:
    """Makes frames of one job; what that needs is made ready at the first one."""

    def __init__(self, job: Job, dataset: Any = None):
        self._job = job
        self._recipe: Any = None
        self._dataset = dataset  # None: the one in the job's folder

    def outcome(self, index: int) -> Made | Failed:
        """Makes and commits a frame, or says why it cannot be made."""
        try:
            return make_one(self._job, self.ready(), self._dataset, index)
        except SimgenError as error:
            return Failed(index, str(error), spec=self.proposed(index))
        except Exception:
            return Failed(index, traceback.format_exc(), is_bug=True, spec=self.proposed(index))

    def proposed(self, index: int) -> bytes:
        """Returns the scene of a frame, as far as it can be made."""
        with suppress(Exception):  # its reason is that of the frame's own failure
            return encode_spec(self.ready().proposal(index))
        return b""

    def ready(self) -> Any:
        """Returns the recipe, built when it is first asked for."""
        if self._recipe is None:
            with as_if_cores(self._job.threads):  # as Blender is loaded here
                self._recipe = self._job.build(self._job.config)
        self._dataset = self._dataset or Dataset.load(self._job.folder)
        return self._recipe


def work(job: Job, pipe: Connection) -> None:
    """A worker process: makes the frames it is told until its parent closes the pipe."""
    Thread(target=end_with_parent, daemon=True).start()
    _log_to(pipe)
    maker = Maker(job)
    try:
        while True:
            order = pipe.recv()
            if order.suspect:
                pipe.send(Proposed(maker.proposed(order.frame)))
            pipe.send(maker.outcome(order.frame))
    except (EOFError, OSError):
        os._exit(0)  # Blender's tear-down hangs while a thread lives


def end_with_parent() -> None:
    """Waits for the parent's end, however it comes, and then ends this process."""
    parent_process().join()
    os._exit(1)


def _log_to(pipe: Connection) -> None:
    root = logging.getLogger()
    root.handlers = [QueueHandler(SimpleNamespace(put_nowait=pipe.send))]
    root.setLevel(logging.INFO)
