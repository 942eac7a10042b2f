"""What Blender says on stdout: kept off the terminal, and its errors not lost."""

import ctypes
import logging
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from simgen.errors import SimgenError

log = logging.getLogger(__name__)

_FAILURE = re.compile(
    r"\b(error|failed|failure|out of memory|invalid|missing|unable to|cannot)\b", re.I
)
# EGL tries several kinds of context and complains of each that it does not get; CUEW and HIPEW
# look for GPU drivers, of which devices.py says what is missing.
_HARMLESS = re.compile(
    r"^(Fra:|Saved:|Time:|EGL Error|libEGL|libGL|MESA)|(CUEW|HIPEW) initialization failed"
)


@contextmanager
def silenced() -> Iterator[None]:
    """Keeps file descriptors 1 and 2 of the block to itself.

    Cycles reports a shader that does not compile or an image it cannot read here and nowhere
    else, and renders on.

    Raises:
        SimgenError: the block printed a line that tells of a failure.
    """
    with overheard() as failures:
        yield
    if failures:
        raise SimgenError(f"Blender reported: {'; '.join(failures)}")


@contextmanager
def overheard() -> Iterator[list[str]]:
    """As `silenced`, but yields a list that has the lines which tell of a failure afterwards."""
    failures: list[str] = []
    with tempfile.TemporaryFile() as heard:
        try:
            with _redirected(heard.fileno()):
                yield failures
        finally:
            heard.seek(0)
            lines = heard.read().decode(errors="replace").splitlines()
            lines = [line.strip() for line in lines if line.strip() and not _HARMLESS.search(line)]
            for line in lines:
                log.debug("Blender: %s", line)
            failures.extend(dict.fromkeys(line for line in lines if _FAILURE.search(line)))


@contextmanager
def _redirected(target: int) -> Iterator[None]:
    _flush()
    saved = [(fd, os.dup(fd)) for fd in (1, 2)]
    try:
        for fd, _ in saved:
            os.dup2(target, fd)
        yield
    finally:
        _flush()
        for fd, copy in saved:
            os.dup2(copy, fd)
            os.close(copy)


def _flush() -> None:
    """Empties Python's buffers and C's: what was said inside must not come out afterwards."""
    sys.stdout.flush()
    sys.stderr.flush()
    ctypes.CDLL(None).fflush(None)
