"""A process somewhere in a Ray cluster that makes frames: what it is told, what it tells."""

import logging
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import QueueHandler
from socket import gethostname
from types import SimpleNamespace

from simgen.card import card_of, differences
from simgen.dataset import Dataset, Parcel
from simgen.errors import SimgenError
from simgen.farm.launcher import Failed, Job, Made
from simgen.farm.limits import Limits
from simgen.farm.worker import Maker
from simgen.frame import Frame
from simgen.machine import cores
from simgen.record import Record
from simgen.writers import Writer


@dataclass(frozen=True)
class Reply:
    """What came of a frame.

    Attributes:
        parcel: its files, where the driver is to commit them.
        spent: whether the worker is to be replaced by a new one.
        logs: what it had to say meanwhile.
    """

    outcome: Made | Failed
    parcel: Parcel | None
    spent: bool
    logs: tuple[logging.LogRecord, ...]


class RayWorker:
    """An actor that makes frames of one job, with so many CPUs of its node.

    Args:
        home: the driver's working directory, which relative paths in the config start from.
        shared: the frames are committed here, into a folder that the driver sees too.
    """

    def __init__(self, job: Job, limits: Limits, cpus: int, home: str, shared: bool):
        with suppress(OSError):  # not there: a path that needs it will be told
            os.chdir(home)
        self._job = job
        self._limits = limits.for_each_of(max(1, cores() // cpus))
        self._parcels = None if shared else _Parcels(Dataset(job.folder, job.card))
        self._maker = Maker(job, self._parcels)
        self._made = 0
        self._logs: list[logging.LogRecord] = []
        root = logging.getLogger()
        root.handlers = [QueueHandler(SimpleNamespace(put_nowait=self._logs.append))]
        root.setLevel(logging.INFO)

    def greet(self) -> None:
        """Tells that there was room for the process."""

    def prepare(self) -> str:
        """Makes ready what frames need, and returns why they cannot be made here, or ''."""
        try:
            recipe = self._maker.ready()
        except SimgenError as error:
            return f"Ray node {gethostname()}: {error}"
        if told := differences(self._job.card, card_of(self._job.config, recipe)):
            return (
                f"Ray node {gethostname()} would make other frames than those of the dataset: "
                f"{told}; install the same versions, and the same files, on each node"
            )
        return ""

    def proposed(self, index: int) -> bytes:
        """Returns the scene of a frame, as `encode_spec` writes it."""
        return self._maker.proposed(index)

    def outcome(self, index: int) -> Reply:
        """Makes a frame."""
        outcome = self._maker.outcome(index)
        made = isinstance(outcome, Made)
        self._made += 1
        logs = tuple(self._logs)
        self._logs.clear()
        return Reply(
            outcome=outcome,
            parcel=self._parcels.last if self._parcels and made else None,
            spent=made and self._limits.spent(self._made, outcome.memory_mb),
            logs=logs,
        )


class _Parcels:
    """Stands in for a dataset: keeps what would be committed, for the driver to do that."""

    def __init__(self, dataset: Dataset):
        self._dataset = dataset
        self.last: Parcel | None = None

    def commit(self, frame: Frame, writers: Iterable[Writer]) -> Record:
        self.last = self._dataset.encode(frame, writers)
        return self.last.record
