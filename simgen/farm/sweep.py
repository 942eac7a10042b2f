"""One of the runs that --multirun asks for, here or as a job of a cluster: how its end is told.

Hydra keeps the error of such a run, goes on, and raises the first one where the command was given.
That may be hours later and on another machine, and to a cluster the job seems to have succeeded.
"""

import atexit
import logging
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode

from simgen.errors import SimgenError

_SKIPPED = 3  # Summary's exit code for frames that could not be made


@contextmanager
def one_of_several() -> Iterator[None]:
    """Tells at once how a run of a sweep failed, and raises that in one line for Hydra to carry.

    A run by itself is left alone. One that a signal stopped ends this process, with whatever code:
    nothing is carried, and the runs that wait in it are not begun.
    """
    if HydraConfig.get().mode != RunMode.MULTIRUN:
        yield
        return
    try:
        yield
    except SystemExit as end:
        if isinstance(end.code, str):
            _fail(end.code.removeprefix("simgen: "))
        if end.code == _SKIPPED:  # the summary names them
            _fail("frames were skipped")
        if end.code:
            raise
    except Exception:
        traceback.print_exc()
        _fail(f"a bug, whose traceback is in {_log()}")


def _fail(reason: str) -> NoReturn:
    line = f"run {HydraConfig.get().job.num}: {reason}"
    print(f"simgen: {line}", file=sys.stderr)
    if _is_job():
        atexit.register(_end_badly)  # after the error has been written for whoever waits for it
    raise SimgenError(line)


def _is_job() -> bool:
    """Tells whether this process is a job that Hydra's submitit launcher has started."""
    return "SUBMITIT_EXECUTOR" in os.environ


def _log() -> str:
    if not _is_job():
        return "the output"
    from submitit import JobEnvironment

    return str(JobEnvironment().paths.stderr)


def _end_badly() -> NoReturn:
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
