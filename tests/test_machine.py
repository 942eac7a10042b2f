import ctypes
import os

import pytest

from simgen.machine import as_if_cores, memory_mb, return_memory


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_memory_that_is_free_between_pieces_in_use_goes_back():
    """100 MB in pieces, of which one in a hundred stays, the last of them too."""
    return_memory()  # what earlier tests left would be used first
    before = memory_mb()
    pieces = [bytearray(b"x" * 100_000) for _ in range(1000)]
    kept = pieces[::-100]
    del pieces
    assert memory_mb() > before + 50, "glibc keeps what is free"
    return_memory()
    assert memory_mb() < before + 20 and len(kept) == 10


def test_where_the_c_library_cannot_nothing_happens(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    return_memory()


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no process can be pinned")
def test_cores_are_hidden_for_a_while_and_come_back():
    all_there = os.sched_getaffinity(0)
    with as_if_cores(0):
        assert os.sched_getaffinity(0) == all_there
    with pytest.raises(KeyError), as_if_cores(1):
        assert len(os.sched_getaffinity(0)) == 1
        raise KeyError
    assert os.sched_getaffinity(0) == all_there
    with as_if_cores(10**6):
        assert os.sched_getaffinity(0) == all_there


def test_where_no_process_can_be_pinned_nothing_happens(monkeypatch):
    monkeypatch.delattr(os, "sched_setaffinity", raising=False)
    with as_if_cores(1):
        pass
