"""Blocks exported here, or in several processes, in any order."""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from threading import Thread

from simgen.errors import SimgenError
from simgen.export.convert import Block, Job, export_block
from simgen.farm.worker import end_with_parent


def export_blocks(job: Job, blocks: Sequence[Block], jobs: int) -> Iterator[int]:
    """Yields the number of frames of each block once its files are there.

    Raises:
        SimgenError: as `export_block` does; or a process died.
    """
    if jobs == 1 or len(blocks) < 2:
        for block in blocks:
            yield export_block(job, block)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), _begin) as pool:
        try:
            for done in as_completed([pool.submit(export_block, job, block) for block in blocks]):
                yield done.result()
        except BrokenProcessPool as error:
            raise SimgenError(
                "a process of the export died, as when memory is short: fewer jobs= need less; "
                "the same command continues"
            ) from error
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when it ends
    Thread(target=end_with_parent, daemon=True).start()
