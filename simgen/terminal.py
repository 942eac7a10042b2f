"""The user's screen, while Blender's chatter is kept off it."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO


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
