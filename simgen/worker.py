"""One process that makes frames: what it is told, what it tells."""

import logging
import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from logging.handlers import QueueHandler
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from time import perf_counter
from types import SimpleNamespace
from typing import Any

from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.frame import Frame


@dataclass(frozen=True)
class Made:
    """A frame that has been committed."""

    frame: int
    device: str
    seconds: dict[str, float]
    peak_memory_mb: float


@dataclass(frozen=True)
class Job:
    """What a worker is sent: how to build the recipe, how to make a frame, where to put it."""

    config: dict[str, Any]
    folder: Path
    build: Callable[[dict[str, Any]], Any]
    make: Callable[[Any, int], Frame]


@dataclass(frozen=True)
class Failed:
    """A frame that could not be made; a bug comes with its traceback."""

    message: str
    is_bug: bool


def make_one(job: Job, recipe: Any, dataset: Dataset, index: int) -> Made:
    """Makes and commits one frame; errors say which."""
    start = perf_counter()
    try:
        frame = job.make(recipe, index)
        made = perf_counter()
        record = dataset.commit(frame, recipe.writers.values())
    except SimgenError as error:
        named = str(error).startswith(f"frame {index}:")
        raise SimgenError(str(error) if named else f"frame {index}: {error}") from error
    except Exception as error:
        error.add_note(f"(in frame {index})")
        raise
    end = perf_counter()
    seconds = {**frame.seconds, "commit": end - made, "frame": end - start}
    return Made(index, frame.device, seconds, record.run.peak_memory_mb)


def work(job: Job, pipe: Connection) -> None:
    """A worker process: makes the frames it is told until its parent closes the pipe."""
    Thread(target=end_with_parent, daemon=True).start()
    _log_to(pipe)
    recipe = dataset = None
    while True:
        try:
            index = pipe.recv()
        except (EOFError, OSError):
            os._exit(0)  # Blender's tear-down hangs while a thread lives
        try:
            recipe = recipe or job.build(job.config)
            dataset = dataset or Dataset.load(job.folder)
            reply = make_one(job, recipe, dataset, index)
        except SimgenError as error:
            reply = Failed(str(error), is_bug=False)
        except Exception:
            reply = Failed(traceback.format_exc(), is_bug=True)
        try:
            pipe.send(reply)
        except OSError:
            os._exit(0)


def end_with_parent() -> None:
    """Waits for the parent's end, however it comes, and then ends this process."""
    parent_process().join()
    os._exit(1)


def _log_to(pipe: Connection) -> None:
    root = logging.getLogger()
    root.handlers = [QueueHandler(SimpleNamespace(put_nowait=pipe.send))]
    root.setLevel(logging.INFO)
