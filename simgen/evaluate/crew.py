"""Processes that train the detectors of a table, and stop when they are told to or left alone."""

import multiprocessing
import signal
from collections.abc import Iterable, Iterator, Sequence, Set
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import Any

import torch

from simgen.errors import SimgenError
from simgen.evaluate.table import FINETUNED, PRETRAINED, Row
from simgen.evaluate.trial import Trials
from simgen.farm.worker import end_with_parent
from simgen.machine import cores

_LOOK_S = 1.0  # between two looks at how far the trainings are


class _Stopped(Exception):
    pass


def train_all(trials: Trials, rows: Sequence[Row], jobs: int) -> Iterator[None]:
    """Trains the detectors of all rows, `jobs` at a time, and yields once for each step that any of
    them has made; those that others start from come first, and those others last.

    Raises:
        SimgenError: as Trials.run; or a process was killed.
    """
    context = multiprocessing.get_context("spawn")
    counter, stop = context.Value("q", 0), context.Event()
    threads = max(1, cores() // jobs)
    begin = counter, stop, trials, threads
    with ProcessPoolExecutor(jobs, context, _begin, begin) as pool:
        try:
            under_way = _UnderWay(pool, counter)
            starts = under_way.begin(row for row in rows if row.training == PRETRAINED)
            under_way.begin(row for row in rows if row.training not in (PRETRAINED, FINETUNED))
            yield from under_way.until_over(starts)
            under_way.begin(row for row in rows if row.training == FINETUNED)
            yield from under_way.until_over(under_way.futures)
        except BrokenProcessPool as error:
            raise SimgenError(
                "a process that trained was killed, perhaps for memory: try transfer.jobs=1"
            ) from error
        finally:
            stop.set()  # so that an error or an interrupt does not wait for the others' trainings
            pool.shutdown(wait=False, cancel_futures=True)


class _UnderWay:
    """Trainings that are waited for."""

    def __init__(self, pool: ProcessPoolExecutor, counter):
        self._pool, self._counter, self._told = pool, counter, 0
        self.futures: set[Future] = set()

    def begin(self, rows: Iterable[Row]) -> set[Future]:
        """Queues trainings, and returns them."""
        begun = {self._pool.submit(_run, row) for row in rows}
        self.futures |= begun
        return begun

    def until_over(self, futures: Set[Future]) -> Iterator[None]:
        """Waits for some of them, and yields once for each step that any has made."""
        while futures & self.futures:
            over, self.futures = wait(self.futures, _LOOK_S, FIRST_COMPLETED)
            for future in over:
                future.result()
            steps = self._counter.value
            yield from (None for _ in range(steps - self._told))
            self._told = steps


_shared: dict[str, Any] = {}  # of a process: what all of its trainings have in common


def _begin(counter, stop, trials: Trials, threads: int) -> None:
    Thread(target=end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it and sets `stop`
    torch.set_num_threads(threads)
    _shared.update(counter=counter, stop=stop, trials=trials)


def _run(row: Row) -> None:
    def told(step: int) -> None:
        if _shared["stop"].is_set():
            raise _Stopped
        with _shared["counter"].get_lock():
            _shared["counter"].value += 1

    _shared["trials"].run(row, told)
