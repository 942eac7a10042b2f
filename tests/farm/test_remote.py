import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from fsspec import filesystem
from fsspec.core import url_to_fs

from simgen.audit.__main__ import main as audit
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.export.__main__ import main as export
from simgen.farm import remote
from simgen.farm.remote import Remote, aside
from simgen.generate import generate
from simgen.report.__main__ import main as report
from simgen.store import measured
from simgen.torch_dataset import Frames
from tests import rectangles
from tests.farm.s3 import environment, moody, moto
from tests.folders import contents
from tests.waiting import wait_for

ROOT = Path(__file__).parents[2]
FILES = 5  # of a frame, its record included


def run(out: Path | str, **changes):
    changes.setdefault("workers", 0)
    return generate(rectangles.config(out, **changes), rectangles.build, rectangles.make)


def brought(url: str, tmp_path: Path) -> dict[str, bytes]:
    """Returns what is there, as `contents` does of a folder."""
    for path, data in objects(url).items():
        (tmp_path / "brought" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "brought" / path).write_bytes(data)
    return contents(tmp_path / "brought")


def objects(url: str) -> dict[str, bytes]:
    store, root = url_to_fs(url, skip_instance_cache=True)
    return {path[len(root) + 1 :]: store.cat_file(path) for path in store.find(root)}


@pytest.fixture(scope="module")
def local(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("local") / "out"
    run(out, frames=5)
    return out


@pytest.fixture(scope="module")
def port():
    pytest.importorskip("s3fs")
    pytest.importorskip("moto")
    with moto() as port, pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                patch.delenv(name)
        for name, value in environment(port).items():
            patch.setenv(name, value)
        s3().mkdir("data")
        yield port


def s3():
    return filesystem("s3", skip_instance_cache=True)


@pytest.fixture
def url(port) -> str:
    return f"s3://data/{uuid4().hex}/train"


@pytest.fixture
def fresh(port):
    """Lets a test change the environment: connections that others made are forgotten."""
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()
    yield
    S3FileSystem.clear_instance_cache()


def test_workers_put_the_same_bytes_as_a_local_run(local, url, tmp_path):
    summary = run(url, frames=5, workers=2)
    assert (summary.frames_made, summary.workers, summary.folder) == (5, 2, url)
    assert url in summary.text()
    assert set(objects(url)) == {*contents(local), "config/config.yaml"}
    assert list(Dataset.load(url).verify()) == []
    assert brought(url, tmp_path) == contents(local)


def test_memory_is_a_store_too(local, tmp_path):
    url = f"memory://{uuid4().hex}"
    run(url, frames=5)
    assert brought(url, tmp_path) == contents(local)


def test_what_is_made_aside_is_gone_in_the_end(url):
    run(url, frames=1)
    before = objects(url)
    with aside(url) as place:
        run(place, frames=2, workers=1)
        assert Dataset.load(place).done() == {0, 1} and len(objects(url)) > len(before)
        assert Dataset.load(url).done() == {0}
    assert objects(url) == before


def test_a_run_goes_on_from_the_records_that_are_there(local, url, tmp_path):
    run(url, frames=2)
    before = objects(f"{url}/records")
    summary = run(f"{url}/", frames=5)
    assert (summary.frames_made, summary.frames_reused) == (3, 2)
    after = objects(f"{url}/records")
    assert len(before) == 2 and before.items() <= after.items()
    s3().rm(f"{url}/records/000003.json")
    assert run(url, frames=5).frames_made == 1
    assert brought(url, tmp_path) == contents(local)


def test_other_settings_and_other_things_are_left_alone(url):
    run(url, frames=1)
    with pytest.raises(SimgenError, match=r"seed \(0 there, 5 now\).*; choose another out="):
        run(url, frames=1, seed=5)
    with pytest.raises(SimgenError, match=r"is not empty and holds no dataset \('train' is there"):
        run(url.removesuffix("/train"), frames=1)


def test_a_frame_that_fails_is_kept_until_it_is_made(local, url, tmp_path):
    summary = run(url, frames=5, on_error="skip", trouble={"error": 4})
    assert summary.failed == (4,) and f"why is in {url}/failed" in summary.text()
    assert json.loads(s3().cat(f"{url}/failed/000004.json"))["frame"] == 4
    run(url, frames=5)
    assert not s3().exists(f"{url}/failed")
    assert brought(url, tmp_path) == contents(local)


# Deaths. Each child connects for itself: nothing is shared by what is forked.

DYING = """
import json, os, sys
from s3fs import S3FileSystem
from simgen.dataset import Dataset
from tests import rectangles

url, steps = json.loads(sys.argv[1])
recipe = rectangles.build(rectangles.config(url))
frames = [rectangles.make(recipe, index) for index in range(len(steps))]
real = S3FileSystem._call_s3


def mortal(number, when):
    left = [number]

    async def call(self, method, *args, **kwargs):
        count = -1
        if method == "put_object":
            count = left[0] = left[0] - 1
        if not count and when == "before":
            os.kill(os.getpid(), 9)
        reply = await real(self, method, *args, **kwargs)
        if not count and when == "after":
            os.kill(os.getpid(), 9)
        return reply

    return call


for frame, step in zip(frames, steps):
    pid = os.fork()
    if not pid:
        S3FileSystem._call_s3 = mortal(*step)
        Dataset.load(url).commit(frame, recipe.writers.values())
        os._exit(0)
    print(os.waitpid(pid, 0)[1], flush=True)
"""


def test_a_death_at_any_put_leaves_no_half_frame(local, url, tmp_path):
    steps = [(1, "before"), (1, "after"), (FILES - 1, "after"), (FILES, "before")]
    run(url, frames=[4])
    said = subprocess.run(
        [sys.executable, "-c", DYING, json.dumps([url, steps])],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert [int(word) for word in said.stdout.split()] == [signal.SIGKILL] * len(steps)
    assert s3().find(f"{url}/images") != s3().find(f"{url}/records"), "no frame was torn"
    assert Dataset.load(url).done() == {4}
    assert list(Dataset.load(url).verify()) == []
    assert run(url, frames=5).frames_made == 4
    assert brought(url, tmp_path) == contents(local)


RUN = """
import json, sys
from simgen.generate import generate
from tests import rectangles
generate(json.loads(sys.argv[1]), rectangles.build, rectangles.make)
"""


def started(url: str, **changes) -> subprocess.Popen:
    config = json.dumps(rectangles.config(url, workers=0, **changes))
    return subprocess.Popen([sys.executable, "-c", RUN, config], cwd=ROOT, stderr=subprocess.PIPE)


def test_one_of_two_runs_of_the_same_frames_dies(local, url, tmp_path):
    """The other makes the same frames meanwhile, some of them for the second time."""
    one, other = (started(url, frames=5, seconds=0.1) for _ in range(2))
    wait_for(lambda: len(Remote(url).names("records")) >= 2)
    one.kill()
    assert other.wait() == 0, other.stderr.read().decode()
    one.communicate()
    other.communicate()
    assert run(url, frames=5).frames_made == 0
    assert brought(url, tmp_path) == contents(local)


# Trouble with the store: told in one line.


def refused(url: str) -> str:
    with pytest.raises(SimgenError) as error:
        run(url, frames=1)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_missing_bucket(port):
    said = refused("s3://nobody/train")
    assert said.startswith(
        "s3://nobody/train: cannot write dataset.json: The specified bucket does"
    )
    assert said.endswith("; make the bucket, or choose another")


@pytest.mark.parametrize(
    ("profile", "said"),
    [("", "Unable to locate credentials"), ("nobody", "The config profile (nobody) could not")],
)
def test_no_credentials(fresh, url, monkeypatch, profile, said):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    assert said in refused(url)
    assert "; give credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " in refused(url)


@pytest.mark.parametrize("where", ["http://127.0.0.1:{}", "nonsense"])
def test_nobody_there(fresh, url, monkeypatch, unused_port, where):
    monkeypatch.setenv("AWS_ENDPOINT_URL", where.format(unused_port))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    said = refused(url)
    assert where.format(unused_port) in said
    assert said.endswith("; check AWS_ENDPOINT_URL and the network")


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.mark.parametrize("code", ["AccessDenied", "SignatureDoesNotMatch"])
def test_no_permission(fresh, port, url, monkeypatch, code):
    with moody(port, [(403, code)] * 9) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{front}")
        said = refused(url)
    assert ": cannot list what is there: said no; check AWS_ACCESS_KEY_ID and " in said
    assert said.endswith("what these may do in the bucket")


def test_a_store_that_is_moody_for_a_while_is_asked_again(fresh, local, port, url, monkeypatch):
    trouble = [(503, "SlowDown"), (500, "InternalError")]
    with moody(port, trouble) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{front}")
        assert run(url, frames=1).frames_made == 1
    assert trouble == []


def test_a_store_that_stays_moody_ends_the_run(fresh, port, url, monkeypatch):
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "2")
    with moody(port, [(500, "InternalError")] * 99) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{front}")
        assert refused(url).endswith("said no; then run the same command again: it continues")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://host/x", "ftp://host/x: nothing is written to ftp://, where a killed run could"),
        ("file:///tmp/x", "file:///tmp/x: nothing is written to file://"),
        ("s3://", "s3:// must be s3://BUCKET or s3://BUCKET/FOLDERS"),
        ("s3://a/../b", "s3://a/../b must be s3://BUCKET"),
        ("s3://a/*", r"s3://a/* must be s3://BUCKET"),
        ("s3://a::ftp://b", "s3://a::ftp://b must be s3://BUCKET"),
        ("s3://a//b", "s3://a//b must be s3://BUCKET"),
    ],
)
def test_what_is_no_place_for_a_dataset(url, said):
    assert refused(url).startswith(said)


@pytest.mark.parametrize("name", ["../x", "/x", "a/../../x", "records\n"])
def test_no_path_leaves_the_prefix(name):
    with pytest.raises(SimgenError, match="is not a path inside a dataset"):
        Remote("memory://x").replace(name, [b""])


# Files of any size.


def megabytes(count: int):
    rng = np.random.default_rng(0)
    return [rng.bytes(1 << 20) for _ in range(count)]


@pytest.mark.parametrize("count", [0, 4, 5, 12])
def test_a_file_in_pieces(url, monkeypatch, count):
    monkeypatch.setattr(remote, "_PART", 5 << 20)  # the least that S3 takes
    store = Remote(url)
    store.replace("annotations/a.json", megabytes(count))
    assert b"".join(store.pieces("annotations/a.json")) == b"".join(megabytes(count))
    assert measured(store, "annotations/a.json")[0] == count << 20


@pytest.mark.parametrize("count", [1, 12])
def test_an_error_on_the_way_leaves_what_was_there(url, monkeypatch, count):
    monkeypatch.setattr(remote, "_PART", 5 << 20)

    def broken():
        yield from megabytes(count)
        raise ZeroDivisionError

    Remote(url).replace("a.json", [b"old"])
    with pytest.raises(ZeroDivisionError):
        Remote(url).replace("a.json", broken())
    assert s3().cat(f"{url}/a.json") == b"old"
    assert s3().list_multipart_uploads("data") == []


def test_a_file_that_is_replaced_while_it_is_measured(url, monkeypatch):
    monkeypatch.setattr(remote, "_PART", 5 << 20)
    Remote(url).replace("a.json", megabytes(12))
    late = [b"new"]

    def pieces(self, path, real=Remote.pieces):
        for piece in real(self, path):
            yield piece
            if late:
                self.replace(path, [late.pop()])

    monkeypatch.setattr(Remote, "pieces", pieces)
    assert measured(Remote(url), "a.json")[0] == 3


# Reading it here.


@pytest.mark.parametrize(
    "command",
    [
        lambda url: audit([url]),
        lambda url: report([url]),
        lambda url: report(["out", "--compare", url]),
        lambda url: export([url, "format=yolo"]),
    ],
)
def test_commands_that_read_a_folder_say_how_to_get_one(command, capsys):
    assert command("s3://data/train") == 1
    assert capsys.readouterr().err == (
        "simgen: s3://data/train is not on this machine: "
        "python -m simgen.merge s3://data/train out=FOLDER brings it\n"
    )


def test_a_torch_dataset_needs_a_folder():
    with pytest.raises(SimgenError, match="python -m simgen.merge s3://data/train out=FOLDER"):
        Frames("s3://data/train")
