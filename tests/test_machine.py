import ctypes

import pytest

from simgen.machine import memory_mb, return_memory


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="not glibc")
def test_memory_that_is_free_between_pieces_in_use_goes_back():
    """100 MB in pieces, of which one in a hundred stays, the last of them too."""
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
