"""How far a run is: a bar on a terminal, a line now and then in a log."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from simgen.terminal import own_stderr

log = logging.getLogger(__name__)
T = TypeVar("T")
_SECONDS_BETWEEN_LINES = 10.0


def track(made: Iterator[T], frames: int, reused: int, what: str = "frames") -> Iterator[T]:
    """Yields what `made` yields, showing how many of `frames` there are; `what` is their name."""
    with own_stderr() as screen:
        console = Console(file=screen)
        if console.is_terminal:
            yield from _bar(made, frames, reused, what, console)
        else:
            yield from _lines(made, frames, reused, what)


def _bar(made: Iterator[T], frames: int, reused: int, what: str, console: Console) -> Iterator[T]:
    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    start = perf_counter()
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=frames, completed=reused, pace="")
        for count, item in enumerate(made, 1):
            pace = _pace(count, frames - reused, perf_counter() - start, what)
            progress.update(task, completed=reused + count, pace=pace)
            yield item


def _lines(made: Iterator[T], frames: int, reused: int, what: str) -> Iterator[T]:
    start = last = perf_counter()
    for count, item in enumerate(made, 1):
        now = perf_counter()
        if now - last >= _SECONDS_BETWEEN_LINES or reused + count == frames:
            last = now
            pace = _pace(count, frames - reused, now - start, what)
            log.info("%d of %d %s, %s", reused + count, frames, what, pace)
        yield item


def _pace(count: int, todo: int, seconds: float, what: str) -> str:
    """Returns the rate so far and the time that the rest will take at it."""
    left = timedelta(seconds=round((todo - count) * seconds / count))
    return f"{60 * count / seconds:.1f} {what}/min, {left} left"
