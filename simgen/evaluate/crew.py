"""Processes that train the detectors of a table, and stop when they are told to or left alone."""

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

import torch

from simgen.errors import SimgenError
from simgen.evaluate.table import PRETRAINED, Row
from simgen.evaluate.trial import Trials
from simgen.machine import cores

_LOOK_S = 1.0  # between two looks at how far the trainings are


class _Stopped(Exception):
    pass


def train_all(trials: Trials, rows: Sequence[Row], jobs: int) -> Iterator[None]:
    """Trains the detectors of all rows, `jobs` at a time, and yields once for each step that any of
    them has made; those that others start from come first.

    Raises:
        SimgenError: as Trials.run; or a process was killed.
    """
    context = multiprocessing.get_context("spawn")
    counter, stop = context.Value("q", 0), context.Event()
    threads = max(1, cores() // jobs)
    begin = counter, stop, os.getpid(), trials, threads
    with ProcessPoolExecutor(jobs, context, _begin, begin) as pool:
        try:
            for first in (True, False):
                part = [row for row in rows if (row.training == PRETRAINED) == first]
                yield from _watched({pool.submit(_run, row) for row in part}, counter)
        except BrokenProcessPool as error:
            raise SimgenError(
                "a process that trained was killed, perhaps for memory: try transfer.jobs=1"
            ) from error
        finally:
            stop.set()  # so that an error or an interrupt does not wait for the others' trainings
            pool.shutdown(wait=False, cancel_futures=True)


def _watched(waiting: set[Future], counter) -> Iterator[None]:
    told = counter.value
    while waiting:
        over, waiting = wait(waiting, _LOOK_S, FIRST_COMPLETED)
        for future in over:
            future.result()
        steps = counter.value
        yield from (None for _ in range(steps - told))
        told = steps


_shared: dict[str, Any] = {}  # of a process: what all of its trainings have in common


def _begin(counter, stop, parent: int, trials: Trials, threads: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and sets `stop`
    torch.set_num_threads(threads)
    _shared.update(counter=counter, stop=stop, parent=parent, trials=trials)


def _run(row: Row) -> None:
    def told(step: int) -> None:
        if _shared["stop"].is_set() or os.getppid() != _shared["parent"]:
            raise _Stopped
        with _shared["counter"].get_lock():
            _shared["counter"].value += 1

    _shared["trials"].run(row, told)
