import os
import signal
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from simgen.evaluate.feature_cache import FeatureCache


@pytest.fixture
def cache(tmp_path):
    return FeatureCache("tiny abc 4 x 4", 48, tmp_path)


def entry(rows=1, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, 48)).astype(np.float32)


def file_of(cache):
    (path,) = cache.root.rglob("*.npz")
    return path


@pytest.mark.parametrize("rows", [0, 1, 7])
def test_gives_back_what_it_was_given(cache, rows):
    cache.put({"key": entry(rows)})
    found = cache.get("key")
    assert found.dtype == np.float32 and found.tobytes() == entry(rows).tobytes()
    assert cache.get("other") is None


def test_another_network_is_another_entry(cache):
    cache.put({"key": entry()})
    assert replace(cache, network="tiny abc 8 x 8").get("key") is None


@pytest.mark.parametrize("at", [0, 40, 100, 200, -20])
def test_a_damaged_entry_counts_as_none(cache, at):
    cache.put({"key": entry(3)})
    path = file_of(cache)
    content = bytearray(path.read_bytes())
    content[at] ^= 0x5A
    path.write_bytes(content)
    found = cache.get("key")
    assert found is None or found.tobytes() == entry(3).tobytes()
    path.write_bytes(content[: len(content) // 2])
    assert cache.get("key") is None
    cache.put({"key": entry(3)})
    assert cache.get("key") is not None


def test_a_flipped_bit_of_a_number_is_found(cache):
    cache.put({"key": entry(3)})
    path = file_of(cache)
    content = path.read_bytes()
    start = content.index(entry(3).tobytes())
    path.write_bytes(content[: start + 9] + bytes([content[start + 9] ^ 1]) + content[start + 10 :])
    assert cache.get("key") is None


@pytest.mark.parametrize(
    "content",
    [
        {"features": np.full((1, 48), np.nan, np.float32)},
        {"features": np.zeros((1, 47), np.float32)},
        {"features": np.zeros((1, 48))},
        {"features": np.zeros(48, np.float32)},
        {"other": np.zeros((1, 48), np.float32)},
        {"features": np.array([[{"code": 1}] * 48])},
    ],
    ids=["nan", "dims", "dtype", "shape", "name", "objects"],
)
def test_what_is_not_such_features_counts_as_none(cache, content):
    cache.put({"key": entry()})
    np.savez(file_of(cache), **content)
    assert cache.get("key") is None


_WRITE = """
import numpy as np, sys
from pathlib import Path
from simgen.evaluate.feature_cache import FeatureCache
cache = FeatureCache("tiny abc 4 x 4", 48, Path(sys.argv[1]))
print("ready", flush=True)
for n in range(10**6):
    cache.put({f"key{n}-{i}": np.full((3, 48), n, np.float32) for i in range(4)})
    print(n, flush=True)
"""


def test_killed_at_any_moment_it_holds_whole_entries_alone(tmp_path):
    command = [sys.executable, "-c", _WRITE, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.strip() == "20":
                os.kill(process.pid, signal.SIGKILL)
                break
    cache = FeatureCache("tiny abc 4 x 4", 48, tmp_path)
    for n in range(20):
        assert (cache.get(f"key{n}-3") == n).all()
    for path in tmp_path.rglob("*.npz"):
        assert np.load(path)["features"].shape == (3, 48)
    assert not (tmp_path / ".scratch").exists()
