"""A real Ray on loopback: a head that makes no frames and two nodes with one CPU each.

Frames are the fake renderer's; the driver commits them where a test does not say otherwise.
"""

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from simgen.dataset import Dataset
from simgen.doctor import cluster as doctor
from simgen.doctor.exam import Exam
from simgen.doctor.finding import FAILED, OK
from simgen.errors import SimgenError
from simgen.farm import ray_cluster, ray_crew
from simgen.farm.launcher import Job, Made
from simgen.farm.on_ray import OnRay
from simgen.farm.todo import Todo
from simgen.generate import generate
from simgen.stop import Stop
from tests import rectangles
from tests.folders import contents
from tests.rectangles import SCRIPT
from tests.waiting import is_alive, reached, records, wait_for

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'simgen[ray]'")
ROOT = Path(__file__).parents[2]
SMALL = {"object_store_memory": 80 * 2**20, "include_log_monitor": False}
FAST = {"health_check_period_ms": 500, "health_check_failure_threshold": 3}


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "_system_config": FAST, **SMALL}
    port = unused_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", str(ROOT), os.pathsep)  # what comes from afar finds the tests
        cluster = Cluster(True, head_node_args={**head, "ray_client_server_port": port})
        cluster.client = f"ray://127.0.0.1:{port}"
        cluster.nodes = [cluster.add_node(num_cpus=1, wait=False, **SMALL) for _ in range(2)]
        cluster.wait_for_nodes(120)
        yield cluster
        cluster.shutdown()


def unused_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def listens(address: str) -> bool:
    with socket.socket() as probe:
        return not probe.connect_ex(("127.0.0.1", int(address.rpartition(":")[2])))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("undisturbed") / "out"
    generate(rectangles.config(out, frames=12), rectangles.build, rectangles.make)
    return out


def config(out: Path, **changes) -> dict:
    names = ("workers", "address", "cpus", "gpus", "results")
    settings = {name: changes.pop(name) for name in names if name in changes}
    made = rectangles.config(out, **{"frames": 12, **changes})
    target = {"_target_": "simgen.farm.on_ray.OnRay", "limits": made["launcher"]["limits"]}
    return {**made, "launcher": {**settings, **target}}


def make(recipe, index):
    """Makes a frame whose device names the process that made it, if no trouble waits for it."""
    trouble = Path(recipe.trouble.get("folder", "nowhere"))
    for path in trouble.glob(f"*-{index}"):
        if path.name.startswith("always"):
            os._exit(3)
        path.unlink()
        if path.name.startswith("hang"):
            time.sleep(60)
        os.kill(os.getpid(), signal.SIGKILL)
    frame = rectangles.make(recipe, index)
    return replace(frame, device=str(os.getpid()))


def run(out: Path, cluster, **changes):
    changes = changes if "address" in changes else {"address": cluster.address, **changes}
    return generate(config(out, **changes), rectangles.build, make)


def makers(out: Path) -> dict[str, set[int]]:
    """Returns the frames that each process has made."""
    made = defaultdict(set)
    for record in Dataset.load(out).records():
        made[record.run.device].add(record.frame)
    return made


def test_workers_that_die_hang_or_are_spent_are_replaced(cluster, undisturbed, tmp_path, caplog):
    """All of it in one run, because a worker takes a second to start."""
    out, trouble = tmp_path / "out", tmp_path / "trouble"
    trouble.mkdir()
    for name in ("death-3", "hang-5", "always-8"):
        (trouble / name).touch()
    troubled = {"trouble": {"folder": str(trouble)}, "frame_s": 6, "worker_frames": 4}
    summary = run(out, cluster, on_error="skip", **troubled)
    assert (summary.frames_made, summary.workers, summary.failed) == (11, 2, (8,))
    assert max(map(len, makers(out).values())) <= 4
    assert "frame 3 lost its worker" in caplog.text
    assert "frame 5 took more than limits.frame_s=6 s; it is made once more" in caplog.text
    told = json.loads((out / "failed/000008.json").read_text())
    assert told["reason"].startswith("frame 8 twice lost its worker (")
    assert len(told["spec"]["bodies"]) == 6
    generate(rectangles.config(out, frames=12), rectangles.build, rectangles.make)
    assert contents(out) == contents(undisturbed)


class Counting(Todo):
    """Notes how many frames were out at the same time."""

    out = most = 0

    def take(self, last=None, alone=True):
        frame = super().take(last, alone)
        self.out += frame is not None
        self.most = max(self.most, self.out)
        return frame


def test_workers_commit_keep_to_their_blocks_and_nothing_queues_up(cluster, undisturbed, tmp_path):
    settings = config(tmp_path / "out", address=cluster.address)
    card = Dataset.open(tmp_path / "out", Dataset.load(undisturbed).card, settings).card
    job = Job(settings, tmp_path / "out", card, rectangles.build, make)
    todo = Counting(range(12), 3)
    for outcome in OnRay(address=cluster.address, results="shared").run(job, todo, Stop()):
        assert isinstance(outcome, Made)
        todo.out -= 1
    assert todo.most <= 3  # two workers, and a frame that is committed while its worker goes on
    made_by = {frame: maker for maker, made in makers(tmp_path / "out").items() for frame in made}
    helped = sum(len({made_by[frame] for frame in range(i, i + 3)}) > 1 for i in range(0, 12, 3))
    assert helped <= 1  # the last block


def test_a_node_that_would_make_other_frames_is_told(cluster, tmp_path):
    settings = config(tmp_path / "out", address=cluster.address)
    settings["renderer"]["threads"] = os.getpid()
    with pytest.raises(SimgenError) as error:
        generate(settings, other, rectangles.make)
    assert "would make other frames than those of the dataset: categories (" in str(error.value)
    assert records(tmp_path / "out") == 0


def other(config):
    """Builds a recipe that is another one wherever the driver is not."""
    here = config["renderer"]["threads"] == os.getpid()
    return replace(rectangles.build(config), categories=rectangles.CATEGORIES[: 3 if here else 2])


def test_what_no_node_has_is_told(cluster, tmp_path):
    said = "no node of the Ray cluster has 1 CPUs and 2 GPUs for a worker: ask for less"
    with pytest.raises(SimgenError, match=said):
        run(tmp_path / "out", cluster, gpus=2)
    with pytest.raises(SimgenError, match="has 64 CPUs for a worker"):
        run(tmp_path / "out", cluster, cpus=64)
    assert not ray.is_initialized()


def test_a_run_joins_the_cluster_at_ray_address(cluster, tmp_path, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    monkeypatch.setattr(ray_cluster, "_begun_here", lambda: None)  # it would be found there, too
    assert run(tmp_path / "out", cluster, address=None, frames=3).frames_made == 3
    assert f"nodes at {cluster.address}, 2 CPUs" in caplog.text
    assert len(list((tmp_path / "out/images").iterdir())) == 3


def test_a_run_joins_a_cluster_through_ray_s_client(cluster, tmp_path, caplog):
    """As from a machine that is none of the cluster's."""
    pytest.importorskip("grpc", reason="Ray's client is not installed: pip install 'simgen[ray]'")
    caplog.set_level(logging.INFO)
    wait_for(partial(listens, cluster.client))
    assert run(tmp_path / "out", cluster, address=cluster.client, frames=3).frames_made == 3
    assert f"at {cluster.client}, 2 CPUs" in caplog.text and not ray.is_initialized()


def test_a_client_s_server_that_dies_as_it_starts_is_started_again(cluster, tmp_path):
    pytest.importorskip("grpc", reason="Ray's client is not installed: pip install 'simgen[ray]'")
    wait_for(partial(listens, cluster.client))
    killed, older = [], servers(cluster.address)  # those of earlier clients live on for a while
    killer = Thread(target=wait_for, args=[partial(kill_server, cluster.address, older, killed)])
    killer.start()
    assert run(tmp_path / "out", cluster, address=cluster.client, frames=1).frames_made == 1
    killer.join()
    assert len(killed) == 1


def servers(cluster: str) -> set[int]:
    """Returns the processes that are a cluster's servers for one client each."""
    wanted = {f"--address={cluster}".encode(), b"--mode=specific-server"}
    pids = map(int, filter(str.isdigit, os.listdir("/proc")))
    return {pid for pid in pids if wanted <= set(command(pid).split(b"\0"))}


def kill_server(cluster: str, older: set[int], killed: list[int]) -> bool:
    """Kills the server that a cluster has begun to start, if there is one by now."""
    for pid in servers(cluster) - older:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)
    return bool(killed)


def test_the_doctor_joins_the_cluster_and_tells_its_room(cluster, tmp_path):
    found = list(doctor.ray_cluster(Exam(config(tmp_path / "out", address=cluster.address))))
    assert [(each.state, each.found) for each in found] == [(OK, "joined; room for 2 workers now")]
    (crowded,) = doctor.ray_cluster(Exam(config(tmp_path / "out", address=cluster.address, cpus=2)))
    assert crowded.state == FAILED and "no node of the Ray cluster has 2 CPUs" in crowded.found


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workers": 0}, "launcher.workers=0 must be auto or a whole number of at least 1"),
        ({"cpus": 1.5}, "launcher.cpus=1.5 must be auto or"),
        ({"gpus": -1}, "launcher.gpus=-1 must be at least 0"),
        ({"results": "kept"}, "launcher.results='kept' is not known"),
        ({"address": "127.0.0.1:9"}, "launcher.address=127.0.0.1:9: no Ray cluster: none answers"),
        ({"address": "ray://127.0.0.1:9"}, "launcher.address=ray://127.0.0.1:9: no Ray cluster"),
        ({"address": "nonsense"}, "launcher.address=nonsense: no Ray cluster"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, changes, said):
    with pytest.raises(SimgenError) as error:
        generate(config(tmp_path / "out", **changes), rectangles.build, rectangles.make)
    assert str(error.value).startswith(said)
    assert "\n" not in str(error.value)


def test_without_ray_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SimgenError, match=r"launcher=ray needs Ray: pip install 'simgen\[ray\]'"):
        generate(config(tmp_path / "out"), rectangles.build, rectangles.make)


# Drivers in a process of their own, that a signal may end.


def started(out: Path, **changes) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, json.dumps(config(out, **changes))],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"},
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_after_the_frames_in_flight(cluster, tmp_path, number, code):
    out = tmp_path / "out"
    process = started(out, address=cluster.address, seconds=0.5)
    wait_for(partial(reached, out, 1))
    os.killpg(process.pid, number)
    said = process.communicate(timeout=120)[1]
    assert process.returncode == code
    last = said.strip().splitlines()[-1]
    done = records(out)
    assert last.startswith(f"stopped by {number.name} with {done} of 12 frames in {out}")
    assert 1 <= done < 12
    assert "Traceback" not in said


def test_a_cluster_of_its_own_does_not_outlive_its_driver(undisturbed, tmp_path, cluster):
    out = tmp_path / "out"
    process = started(out, seconds=0.3, address="local", workers=1)
    wait_for(partial(reached, out, 2))
    # Ray's two agents report the end of their node to the cluster first, for a minute or so.
    before = [pid for pid in family(process.pid) if b"Agent" not in command(pid)]
    assert sum(b"ray" in command(pid) for pid in before) > 3
    process.kill()
    process.communicate()
    wait_for(lambda: not any(map(is_alive, before)))
    run(out, cluster)
    assert contents(out) == contents(undisturbed)


def family(pid: int) -> list[int]:
    """Returns the processes that one has started, and those that these have."""
    try:
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
    except OSError:  # gone meanwhile
        return []
    return [p for child in children for p in (child, *family(child))]


def command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # gone meanwhile
        return b""


def test_a_node_is_killed_in_the_middle(cluster, undisturbed, tmp_path, caplog):
    """The cluster has one node less after it."""
    caplog.set_level(logging.INFO)
    out, node = tmp_path / "out", cluster.nodes[1]
    raylet = node.all_processes["raylet"][0].process.pid
    killer = Thread(target=kill_at, args=(out, 2, raylet))
    killer.start()
    summary = run(out, cluster, seconds=0.4)
    killer.join()
    assert contents(out) == contents(undisturbed)
    assert len(summary.devices) == 2
    assert "it is made once more" in caplog.text


def kill_at(out: Path, workers: int, *raylets: int) -> None:
    """Kills nodes with all that runs on them, as a power cut does, once so many workers are at it
    and three frames are there."""
    wait_for(lambda: reached(out, 3) and len(makers(out)) >= workers)
    for pid in [each for raylet in raylets for each in (raylet, *family(raylet))]:
        with suppress(ProcessLookupError):  # gone with its raylet
            os.kill(pid, signal.SIGKILL)


def test_a_node_that_joins_when_all_others_are_gone_is_used(
    cluster, undisturbed, tmp_path, monkeypatch
):
    """The last test: the cluster has one new node after it."""
    out, pids = tmp_path / "out", [n.all_processes["raylet"][0].process.pid for n in cluster.nodes]
    waited = []

    def join(text, *_):
        """A node joins once the run has looked for room while there was none."""
        if "waiting for room in the cluster" in text and not any(map(has_room, ray.nodes())):
            waited.append(text)
            if len(waited) == 2:
                cluster.add_node(num_cpus=1, wait=False, **SMALL)

    monkeypatch.setattr(ray_crew, "_RECKON_S", 0.2)
    monkeypatch.setattr(ray_crew, "_WAIT_S", 0.2)
    monkeypatch.setattr(ray_crew.log, "warning", join)
    killer = Thread(target=kill_at, args=(out, 1, *filter(is_alive, pids)))
    killer.start()
    run(out, cluster, seconds=0.4)
    killer.join()
    assert waited and contents(out) == contents(undisturbed)


def has_room(node: dict) -> bool:
    return node["Alive"] and node["Resources"].get("CPU", 0) >= 1
