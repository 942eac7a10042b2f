"""One process that makes frames: what it is told, what it tells.

While a frame is finished and put on the disk the next one is rendered already, so that only
rendering costs.
"""

import logging
import os
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from threading import Lock, Thread
from types import SimpleNamespace
from typing import Any

import numpy as np

from simgen.codec import encode_spec
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.farm.claim import Claim
from simgen.farm.launcher import Failed, Job, Keeper, Made, Rendered, render, store
from simgen.machine import as_if_cores
from simgen.spec import SceneSpec

TIDY_EACH = 8  # frames, because what was given back comes again page by page


@dataclass(frozen=True)
class Order:
    """A frame to make.

    Attributes:
        suspect: a worker was lost at it, so its scene is told before it is rendered, and no other
            frame is begun before it is on the disk.
    """

    frame: int
    suspect: bool = False


@dataclass(frozen=True)
class Proposed:
    """The scene of a frame that is about to be made, as `encode_spec` writes it."""

    spec: bytes


@dataclass(frozen=True)
class Storing:
    """The frame is rendered and on its way to the disk: there is time for another.

    Attributes:
        memory_mb: that the process holds now.
    """

    memory_mb: float


class Maker:
    """Makes frames of one job; what that needs is made ready at the first one.

    Args:
        keeper: None: the dataset in the job's folder.
    """

    def __init__(self, job: Job, keeper: Keeper | None = None):
        self._job = job
        self._begun = 0
        self._recipe: Any = None
        self._keeper = keeper or Claim(Dataset(job.folder, job.card))

    def outcome(self, index: int) -> Made | Failed:
        """Makes and commits a frame, or says why it cannot be made."""
        rendered = self.rendered(index)
        return rendered if isinstance(rendered, Failed) else self.stored(rendered)

    def rendered(self, index: int) -> Rendered | Failed:
        """Makes a frame as far as that takes the renderer, or says why it cannot be made."""
        self._begun += 1
        try:
            return render(self._job, self.ready(), index, self._begun % TIDY_EACH == 0)
        except Exception as error:
            return _failed(index, error, self.proposed(index))

    def stored(self, rendered: Rendered) -> Made | Failed:
        """Finishes and commits a frame, or says why it cannot be done."""
        try:
            return store(rendered, self._recipe, self._keeper)
        except Exception as error:
            frame = rendered.frame
            return _failed(frame.index, error, _written(lambda: frame.spec))

    def proposed(self, index: int) -> bytes:
        """Returns the scene of a frame, as far as it can be made."""
        return _written(lambda: self.ready().proposal(index))

    def ready(self) -> Any:
        """Returns the recipe, built when it is first asked for."""
        if self._recipe is None:
            with as_if_cores(self._job.threads):  # as Blender is loaded here
                self._recipe = self._job.build(self._job.config)
        return self._recipe


def _failed(index: int, error: Exception, spec: bytes) -> Failed:
    is_bug = not isinstance(error, SimgenError)
    text = "".join(traceback.format_exception(error)) if is_bug else str(error)
    return Failed(index, text, is_bug, spec)


def _written(scene: Callable[[], SceneSpec]) -> bytes:
    with suppress(Exception):  # its reason is that of the frame's own failure
        return encode_spec(scene())
    return b""


def work(job: Job, pipe: Connection) -> None:
    """A worker process: makes the frames it is told until its parent closes the pipe."""
    Thread(target=end_with_parent, daemon=True).start()
    try:
        _Worker(Maker(job), pipe).run()
    except (EOFError, OSError):
        os._exit(0)  # Blender's tear-down hangs while a thread lives


class _Worker:
    def __init__(self, maker: Maker, pipe: Connection):
        self._maker, self._pipe = maker, pipe
        self._speaking = Lock()
        self._store = ThreadPoolExecutor(1)
        self._last: Future[None] | None = None
        root = logging.getLogger()
        root.handlers = [QueueHandler(SimpleNamespace(put_nowait=self._tell))]
        root.setLevel(logging.INFO)

    def run(self) -> None:
        """Makes frames until the pipe closes, which raises EOFError or OSError."""
        while True:
            order = self._pipe.recv()
            if order.suspect:
                self._make_alone(order.frame)
            else:
                self._make(order.frame)

    def _make(self, index: int) -> None:
        rendered = self._maker.rendered(index)
        self._finish()
        if isinstance(rendered, Failed):
            self._tell(rendered)
        else:
            self._tell(Storing(rendered.memory_mb))
            self._last = self._store.submit(self._put, rendered)

    def _put(self, rendered: Rendered) -> None:
        """Puts a frame on the disk, silently: what is printed while Blender renders the next one is
        taken for Blender's."""
        with np.errstate(all="ignore"):
            self._tell(self._maker.stored(rendered))

    def _make_alone(self, index: int) -> None:
        self._finish()
        self._tell(Proposed(self._maker.proposed(index)))
        self._tell(self._maker.outcome(index))

    def _finish(self) -> None:
        """Waits until the last frame is on the disk, and its parent told."""
        if self._last:
            self._last.result()
            self._last = None

    def _tell(self, message: Any) -> None:
        with self._speaking:
            self._pipe.send(message)


def end_with_parent() -> None:
    """Waits for the parent's end, however it comes, and then ends this process."""
    parent_process().join()
    os._exit(1)
