"""The Ray cluster that frames are made on: joined where there is one, else started for the run."""

import importlib
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from socket import create_connection
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from simgen.errors import SimgenError
from simgen.farm.sizes import GB_PER_WORKER, room, threads_each
from simgen.machine import cores

log = logging.getLogger(__name__)
_ANSWER_S = 5.0
_CLIENT_TRIES = 3


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
    """A connection to a cluster; one that was started for it ends with it."""

    def __init__(self, address: str | None, object_store_gb: float):
        self._undo = ExitStack()
        if ray().is_initialized():  # by who called us, and it stays theirs
            return
        with _signals_kept():
            address = _found(address or os.environ.get("RAY_ADDRESS") or None)
            if address:
                _join(address)
            else:
                _start(self._undo, object_store_gb)
            self._undo.callback(ray().shutdown)
        nodes = self._nodes()
        where = f"{len(nodes)} node{'s' * (len(nodes) > 1)} at {address or 'this machine'}"
        log.info("Ray: %s, %g CPUs", where, sum(node.get("CPU", 0) for node in nodes))

    def room(self, cpus: int, gpus: float) -> int:
        """Returns how many workers of that size fit into the cluster as it is now."""
        return sum(_fitting(node, cpus, gpus) for node in self._nodes())

    @property
    def cpus(self) -> list[int]:
        """How many CPUs each node has, of those that have any for us."""
        return [int(node["CPU"]) for node in self._nodes() if node.get("CPU", 0) >= 1]

    @property
    def cpus_each(self) -> int:
        """How many CPUs a worker should have, so that each fits into every node."""
        nodes = [node for node in self._nodes() if node.get("CPU", 0) >= 1]
        sizes = [(int(node["CPU"]), node.get("memory", 0) / 2**30) for node in nodes]
        wanted = (threads_each(cpus, room(cpus, memory_gb)) for cpus, memory_gb in sizes)
        return min([max(wanted, default=1), *self.cpus])

    def leave(self) -> None:
        """Disconnects, and ends the cluster if it is our own."""
        with _signals_kept():
            self._undo.close()

    def _nodes(self) -> list[dict[str, float]]:
        return [node["Resources"] for node in ray().nodes() if node["Alive"]]


def _fitting(node: dict[str, float], cpus: int, gpus: float) -> int:
    fits = node.get("CPU", 0) // cpus
    if gpus:
        fits = min(fits, node.get("GPU", 0) // gpus)
    return int(min(fits, max(1, node.get("memory", 0) / 2**30 // GB_PER_WORKER)))


def _found(asked: str | None) -> str | None:
    """Returns the address of the cluster to join; None where one is to be started."""
    if asked == "local":
        return None
    address = _begun_here() if asked in (None, "auto") else asked
    if asked and not (address and _answers(address)):
        reason = f"none answers {'on this machine' if asked == 'auto' else 'there'}"
        raise SimgenError(
            f"launcher.address={asked}: no Ray cluster: {reason}; it must be ray://host:port, "
            f"host:port, auto after `ray start` on this machine, or local for one of its own"
        )
    return address


def _begun_here() -> str | None:
    """Returns the address that this user's `ray start` has left, if that cluster lives."""
    note = Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray", "ray_current_cluster")
    try:
        address = note.read_text().strip() if note.stat().st_uid == os.getuid() else ""
    except OSError:
        return None
    return address if _answers(address) else None


def _answers(address: str) -> bool:
    """Returns whether something listens there; Ray itself tries for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    try:
        create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()
    except (OSError, ValueError, OverflowError):
        return False
    return True


def _join(address: str) -> None:
    try:
        _init_patiently(address)
    except Exception as error:  # of a dozen kinds
        raise SimgenError(
            f"launcher.address={address}: cannot join that Ray cluster: {_cause(error)}; are "
            f"Ray and Python of the same versions there, and RAY_AUTH_MODE and its token the same?"
        ) from error


def _init_patiently(address: str) -> None:
    """The head starts a server for each ray:// client, and now and then that one dies at once."""
    for _ in range(_CLIENT_TRIES - 1):
        with suppress(ConnectionAbortedError):
            return _init(address)
    return _init(address)


def _start(undo: ExitStack, object_store_gb: float) -> None:
    # Whoever has it may run code here. Without it, Ray leaves one in the user's home.
    os.environ.setdefault("RAY_AUTH_TOKEN", token_hex(32))
    folder = TemporaryDirectory(prefix="simgen-ray-", ignore_cleanup_errors=True)
    try:
        _init(
            "local",
            num_cpus=cores(),
            object_store_memory=int(object_store_gb * 2**30),
            include_dashboard=False,
            _temp_dir=undo.enter_context(folder),  # Ray's own keeps the logs of every run
        )
    except Exception as error:
        raise SimgenError(f"Ray cannot be started here: {_cause(error)}") from error


def _init(address: str, **settings: Any) -> None:
    """Connects, and keeps Ray's own lines off the screen: what matters comes as an error."""
    try:
        ray().init(address, log_to_driver=False, logging_level=logging.CRITICAL, **settings)
    except Exception:
        ray().shutdown()
        raise


def _cause(error: Exception) -> str:
    """Returns the line that tells most: the first, but of a traceback from afar the last."""
    lines = (str(error).strip() or type(error).__name__).splitlines()
    return lines[-1 if any(line.startswith("Traceback") for line in lines) else 0].rstrip(".")


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
