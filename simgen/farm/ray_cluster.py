"""The Ray cluster that frames are made on: joined where there is one, else started for the run."""

import importlib
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from simgen.errors import SimgenError
from simgen.machine import cores

log = logging.getLogger(__name__)
_GB_PER_WORKER = 3.0  # Blender, a large scene and its textures


def ray() -> ModuleType:
    """Returns the package.

    Raises:
        SimgenError: it is not installed.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # or Ray tells its makers who uses it
    try:
        return importlib.import_module("ray")
    except ImportError as error:
        raise SimgenError(f"launcher=ray needs Ray: pip install 'simgen[ray]' ({error})") from error


class Cluster:
    """A connection to a cluster.

    Attributes:
        own: whether it was started for this run, and ends with it.
    """

    def __init__(self, address: str | None, object_store_gb: float):
        self._undo = ExitStack()
        with _signals_kept():
            self.own = not _joined(address or os.environ.get("RAY_ADDRESS"))
            if self.own:
                _started(self._undo, object_store_gb)
        count = len(self._nodes())
        where = "started here" if self.own else f"{count} node{'s' * (count > 1)}"
        log.info("Ray: %s, %g CPUs", where, sum(node.get("CPU", 0) for node in self._nodes()))

    def room(self, cpus: int, gpus: float) -> int:
        """Returns how many workers of that size fit into the cluster as it is now."""
        return sum(_fitting(node, cpus, gpus) for node in self._nodes())

    @property
    def cpus(self) -> list[int]:
        """How many CPUs each node has, of those that have any for us."""
        return [int(node["CPU"]) for node in self._nodes() if node.get("CPU", 0) >= 1]

    def leave(self) -> None:
        """Disconnects, and ends the cluster if it is our own."""
        with _signals_kept():
            ray().shutdown()
        self._undo.close()

    def _nodes(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in ray().nodes() if node["Alive"]]


def _fitting(node: dict[str, float], cpus: int, gpus: float) -> int:
    fits = min(node.get("CPU", 0) // cpus, node.get("memory", 0) / 2**30 // _GB_PER_WORKER)
    return int(min(fits, node.get("GPU", 0) // gpus) if gpus else fits)


def _joined(address: str | None) -> bool:
    """Joins a cluster; False where none was named and none was started on this machine."""
    try:
        ray().init(address or "auto", **_quietly())
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        ray().shutdown()
        if address is None and isinstance(error, ConnectionError):
            return False
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise SimgenError(
            f"launcher.address={address or 'auto'}: cannot join that Ray cluster: {reason}"
        ) from error
    return True


def _started(undo: ExitStack, object_store_gb: float) -> None:
    folder = TemporaryDirectory(prefix="simgen-ray-", ignore_cleanup_errors=True)
    ray().init(
        "local",
        num_cpus=cores(),
        object_store_memory=int(object_store_gb * 2**30),
        include_dashboard=False,
        _temp_dir=undo.enter_context(folder),  # Ray's own keeps the logs of every run
        **_quietly(),
    )


def _quietly() -> dict[str, Any]:
    """Returns settings that keep Ray's own lines off the screen: what matters comes as an error."""
    return {"log_to_driver": False, "logging_level": logging.CRITICAL}


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Takes Ctrl-C and SIGTERM back from Ray, which would end the run at once."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        try:
            for number, handler in before.items():
                signal.signal(number, handler)
        except ValueError:  # not the main thread, where Ray sets none either
            pass
