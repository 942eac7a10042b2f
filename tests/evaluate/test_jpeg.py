import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.evaluate.jpeg import quality

PIXELS = np.random.default_rng(0).integers(0, 255, (16, 16, 3), np.uint8)


def saved(level, *more):
    return cv2.imencode(".jpg", PIXELS, [cv2.IMWRITE_JPEG_QUALITY, level, *more])[1].tobytes()


@pytest.mark.parametrize("level", range(1, 101))
def test_every_quality_is_recovered(level):
    """Below 3 the tables of neighbours may be the same, all 255."""
    found = quality(saved(level))
    assert found == level or (level < 3 and found <= 3)


def test_progressive_files_and_grey_ones_are_read_too():
    assert quality(saved(77, cv2.IMWRITE_JPEG_PROGRESSIVE, 1)) == 77
    grey = cv2.imencode(".jpg", PIXELS[..., 0], [cv2.IMWRITE_JPEG_QUALITY, 60])[1]
    assert quality(grey.tobytes()) == 60


def test_16_bit_tables_and_a_comment_before_them():
    data = saved(50)
    at = data.index(b"\xff\xdb")
    entries = np.frombuffer(data[at + 5 : at + 69], np.uint8).astype(">u2").tobytes()
    wide = b"\xff\xdb" + (2 + 1 + 128).to_bytes(2, "big") + b"\x10" + entries
    assert quality(data[:2] + b"\xff\xfe\x00\x04hi" + wide + data[at:]) == 50


def test_what_is_no_jpeg_has_none():
    assert quality(cv2.imencode(".png", PIXELS)[1].tobytes()) is None
    assert quality(b"") is None and quality(b"\xff\xd8") is None


@given(st.integers(0, 700), st.binary(max_size=20))
def test_damaged_files_do_no_harm(cut, junk):
    found = quality(saved(80)[:cut] + junk)
    assert found is None or 1 <= found <= 100
