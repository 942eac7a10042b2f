"""One function over many things in several processes, results in order, few of them waiting."""

import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from threading import Thread
from typing import Any, TypeVar

from simgen.errors import SimgenError
from simgen.farm.worker import end_with_parent

T = TypeVar("T")
_AHEAD = 4  # batches that wait for each process
_BATCH = 8  # things that are sent at a time


def ordered(call: Callable[[Any], T], things: Iterable[Any], jobs: int) -> Iterator[T]:
    """Yields `call` of each thing; `call` and the things are pickled where jobs is above 1.

    Raises:
        SimgenError: a process died.
    """
    if jobs == 1:
        yield from map(call, things)
        return
    left = iter(things)
    batches = iter(lambda: list(islice(left, _BATCH)), [])
    with ProcessPoolExecutor(jobs, get_context("spawn"), _follow) as pool:
        try:
            for results in _in_order(pool, call, batches, _AHEAD * jobs):
                yield from results
        except BrokenProcessPool as error:
            raise SimgenError(
                "a process of the report died, as when memory is short: fewer --jobs need less"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, call: Callable, batches: Iterator[list], ahead: int
) -> Iterator[list]:
    waiting: deque[Future] = deque(pool.submit(_all, call, b) for b in islice(batches, ahead))
    while waiting:
        yield waiting.popleft().result()
        waiting.extend(pool.submit(_all, call, batch) for batch in islice(batches, 1))


def _all(call: Callable, batch: list) -> list:
    return [call(thing) for thing in batch]


def _follow() -> None:
    """Ends this process when its parent does, however that happens, and not before."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=end_with_parent, daemon=True).start()
