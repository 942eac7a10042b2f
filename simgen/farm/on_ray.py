"""Frames made on a Ray cluster: on this machine alone, or on many.

A node needs the same versions of Python, Ray, simgen and Blender, and the files that the config
names, at the same paths; each worker compares its card with the dataset's before its first frame.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from simgen.checks import require
from simgen.dataset import Dataset
from simgen.errors import SimgenError, one_of
from simgen.farm.launcher import Failed, Job, Made
from simgen.farm.limits import Limits
from simgen.farm.ray_cluster import Cluster, ray
from simgen.farm.ray_crew import RayCrew
from simgen.farm.ray_worker import RayWorker
from simgen.farm.todo import Todo
from simgen.stop import Stop

RESULTS = ("sent", "shared")
_MOST_CPUS = 4  # that are worth it for one worker, where there is a choice


@dataclass(frozen=True)
class OnRay:
    """Workers in a Ray cluster.

    Attributes:
        workers: how many; auto: as many as there is room for, also when nodes come or go.
        address: ray://host:10001, host:6379; auto: the one that `ray start` began on this machine;
            local: one that is started for this run; None: RAY_ADDRESS, else auto, else local.
        cpus, gpus: of each worker; auto: one CPU; up to 4 with a GPU, or where fewer
            workers are asked for; more where a node's memory has room for few.
        results: sent: frames come back through Ray, and this process commits them; shared: workers
            commit them, and out= is on storage that each node sees.
        object_store_gb: shared memory of a cluster that is started for this run.
    """

    workers: int | str = "auto"
    limits: Limits = field(default_factory=Limits)
    overlaps: ClassVar[bool] = False
    address: str | None = None
    cpus: int | str = "auto"
    gpus: float = 0
    results: str = "sent"
    object_store_gb: float = 0.5

    def __post_init__(self):
        for name in ("workers", "cpus"):
            value = getattr(self, name)
            if value != "auto" and (type(value) is not int or value < 1):
                raise SimgenError(f"{name}={value!r} must be auto or a whole number of at least 1")
        require(0, fixed=True, gpus=self.gpus)
        require(0.1, fixed=True, object_store_gb=self.object_store_gb)
        one_of("results", self.results, RESULTS)
        ray()

    def size(self, frames: int) -> int:
        """Returns how many frames would be made at the same time, of so many, as things stand."""
        try:
            return max(1, min(frames, self._first_room())) if frames else 1
        except SimgenError:
            self.leave()
            raise

    def run(self, job: Job, todo: Todo, stop: Stop) -> Iterator[Made | Failed]:
        """Makes the frames that wait, as `Launcher.run` says."""
        if not len(todo):
            return
        try:
            job = job.with_threads(self._cpus)
            self._first_room()
            crew = RayCrew(
                hire=lambda: self._hired(job),
                room=self._workers,
                dataset=Dataset(job.folder, job.card),
                todo=todo,
                stop=stop,
                frame_s=self.limits.frame_s or float("inf"),
            )
            yield from crew.run()
        finally:
            self.leave()

    def room(self) -> int:
        """Returns how many workers the cluster has room for now, however many are asked for; joins
        it until `leave`.

        Raises:
            SimgenError: there is no such cluster, or it cannot be joined.
        """
        return self._cluster.room(self._cpus, self.gpus)

    def leave(self) -> None:
        """Leaves the cluster, and ends it if it was started for this."""
        vars(self).pop("_cpus", None)
        if cluster := vars(self).pop("_cluster", None):
            cluster.leave()

    @cached_property
    def _cluster(self) -> Cluster:
        return Cluster(self.address, self.object_store_gb)

    @cached_property
    def _cpus(self) -> int:
        """CPUs of each worker, the same for the whole run, whatever nodes come and go."""
        if self.cpus != "auto":
            return self.cpus
        cpus = self._cluster.cpus
        if self.workers != "auto":
            return max(1, min([_MOST_CPUS, sum(cpus) // self.workers, *cpus]))
        return min([_MOST_CPUS, *cpus]) if self.gpus else self._cluster.cpus_each

    def _first_room(self) -> int:
        """Returns how many workers there may be; raises SimgenError where there is room for none:
        later that may mean that nodes are gone for a while, but not at the start."""
        if room := self._workers():
            return room
        what = f"{self._cpus} CPUs" + f" and {self.gpus:g} GPUs" * bool(self.gpus)
        raise SimgenError(f"no node of the Ray cluster has {what} for a worker: ask for less")

    def _workers(self) -> int:
        """Returns how many workers there may be now."""
        room = self.room()
        return self.workers if room and self.workers != "auto" else room

    def _hired(self, job: Job) -> Any:
        """Returns a new worker; the cluster starts it where and when there is room."""
        actor = ray().remote(num_cpus=self._cpus, num_gpus=self.gpus)(RayWorker)
        shared = self.results == "shared"
        return actor.remote(job, self.limits, self._cpus, os.getcwd(), shared)
