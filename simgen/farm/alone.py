"""One process at a time chooses for a folder; the others wait, and find what it chose."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from signal import Signals
from time import sleep

from simgen.errors import Interrupted
from simgen.scratch import explained
from simgen.stop import Stop
from simgen.store import Place, is_url

log = logging.getLogger(__name__)
_WAIT_S = 0.2


@contextmanager
def alone(out: Place, stop: Stop) -> Iterator[None]:
    """Waits until no other process on this file system chooses for the same folder."""
    if is_url(out):
        yield
        return
    with explained(out, "the folder"):
        out.mkdir(parents=True, exist_ok=True)
        handle = os.open(out, os.O_RDONLY)
    try:
        _lock(handle, out, stop)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, out: Path, stop: Stop) -> None:
    waited = False
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            require_calm(stop)
            if not waited:
                log.info("waiting for another run, which chooses for %s", out)
            waited = True
            sleep(_WAIT_S)
        except OSError:  # a file system without locks
            return


def require_calm(stop: Stop) -> None:
    """Raises Interrupted if somebody wants the run to stop."""
    if stop.number:
        name = Signals(stop.number).name
        raise Interrupted(
            f"stopped by {name} during the trial; run the same command again", stop.number
        )
