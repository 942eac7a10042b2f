"""The user's screen, while Blender's chatter is kept off it."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table


@contextmanager
def own_stderr() -> Iterator[TextIO]:
    """Yields stderr by a handle of our own: the usual one leads elsewhere during a render."""
    try:
        handle = os.dup(2)
    except OSError:  # a service without one
        yield sys.stderr
        return
    with os.fdopen(handle, "w", buffering=1, errors="replace") as screen:
        yield screen


def as_rows(rows: Iterable[tuple[str, str]]) -> str:
    """Returns names and values as the lines of a table, 100 columns wide."""
    table = Table(box=box.SIMPLE_HEAD, show_header=False, pad_edge=False)
    for name, value in rows:
        table.add_row(name, value)
    screen = StringIO()
    Console(file=screen, width=100).print(table)
    return "\n".join(line.rstrip() for line in screen.getvalue().splitlines() if line.strip())
