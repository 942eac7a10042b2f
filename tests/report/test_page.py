"""The page and its charts: nothing gets in that was not meant to, marks are where they belong."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.report.axes import log_ticks, ticks
from simgen.report.charts import bars, heat, histogram, lines, number
from simgen.report.outlines import FINE, of_mask, of_polygons
from simgen.report.page import escape, page, picture_uri


def marks(chart, kind="rect"):
    root = ElementTree.fromstring(f"<div>{chart}</div>")
    return [each for each in root.iter() if each.tag == kind]


@given(st.text(max_size=30))
def test_escaped_text_stays_text(text):
    html = f'<p title="{escape(text)}">{escape(text)}</p>'
    read = ElementTree.fromstring(html)
    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
    assert read.text == (shown or None) and read.get("title") == shown


def test_the_page_allows_its_own_style_and_script_alone():
    html = page("<b>", "<p>x</p>", "p { color: red }", "window.x = 1")
    assert "<title>&lt;b&gt;</title>" in html
    policy = re.search('http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "unsafe" not in policy and "http" not in policy and policy.count("sha256-") == 2
    with pytest.raises(ValueError, match="end early"):
        page("t", "", script="'</script>'")


def test_a_picture_is_a_jpeg_in_the_page():
    assert picture_uri(np.zeros((4, 5, 3), np.uint8)).startswith("data:image/jpeg;base64,/9j/")


def test_bars_of_a_histogram_are_as_tall_as_their_counts():
    found = marks(histogram([0, 1, 2, 3], {"": [1, 4, 2]}))
    heights = [float(each.get("height")) for each in found]
    assert np.allclose(np.array(heights) / heights[1], [0.25, 1, 0.5], atol=0.01)
    assert [each.find("title").text for each in found] == ["0 to 1: 1", "1 to 2: 4", "2 to 3: 2"]


def test_two_series_are_compared_by_their_shares():
    found = marks(histogram([0.5, 1.5, 2.5], {"a": [1, 1], "<b>": [100, 300]}))
    tips = [each.find("title").text for each in found]
    assert tips == ["a: 1: 50.0%", "a: 2: 50.0%", "<b>: 1: 25.0%", "<b>: 2: 75.0%"]


def test_charts_of_nothing_and_of_odd_values_are_still_charts():
    for chart in (
        histogram([0, 1], {"": [0]}), bars([], {"": []}), heat(np.zeros((0, 0))),
        heat(np.full((2, 2), np.nan)), bars(["a"], {"": [float("nan")]}),
        lines({"": [(1, 2, 0)]}), lines({"a": []}), lines({"a": [(0, float("nan"), 0)]}),
        histogram([3, 3 + 1e-9], {"": [7]}),
    ):  # fmt: skip
        marks(chart)
        assert "nan" not in re.sub("<title>.*?</title>", "", chart)


@given(st.floats(-1e9, 1e9), st.floats(1e-6, 1e9))
def test_ticks_are_inside_and_few(low, span):
    found = ticks(low, low + span)
    slack = 1e-6 * (abs(low) + span)
    assert len(found) <= 7 and all(low - slack <= v <= low + span + slack for v in found)


@given(st.floats(-8, 8), st.floats(0.5, 12))
def test_logarithmic_ticks_are_inside_and_few(low, span):
    found = log_ticks(low, low + span)
    assert len(found) <= 7 and all(low - 1e-6 <= v <= low + span + 1e-6 for v in found)


def test_numbers_are_short():
    assert [number(v) for v in (0, 12345.6, 0.12345, float("nan"), 1e-5)] == [
        "0", "12,346", "0.123", "–", "1e-05",
    ]  # fmt: skip


def corners(path):
    """Returns the rings of a path, each (N, 2), in pixels of the thumbnail."""
    rings = []
    for part in path.split("M")[1:]:
        start, steps = part.rstrip("z").split("l")
        first = np.array([int(v) for v in start.split()])
        moved = np.array([int(v) for v in re.findall(r"-?\d+", steps)]).reshape(-1, 2)
        rings.append((first + np.vstack([[0, 0], moved.cumsum(0)])) / FINE)
    return rings


def test_the_outline_of_a_mask_is_its_edge_with_the_hole_in_it():
    mask = np.ones((20, 30), bool)
    mask[5:10, 5:15] = False
    rings = corners(of_mask(mask, (100, 40), 1.0))
    extents = sorted((*ring.min(0), *ring.max(0)) for ring in rings)
    assert np.allclose(extents, [(100, 40, 130, 60), (105, 45, 115, 50)], atol=1)


def test_an_outline_is_scaled_to_the_thumbnail():
    (ring,) = corners(of_mask(np.ones((200, 300), bool), (100, 40), 0.1))
    assert np.allclose([*ring.min(0), *ring.max(0)], [10, 4, 40, 24], atol=0.6)
    (ring,) = corners(of_polygons([(10, 20, 110, 20, 110, 60)], 0.5))
    assert np.allclose(ring, [(5, 10), (55, 10), (55, 30)])


def test_an_object_of_less_than_a_step_still_has_an_outline():
    for mask, scale in ((np.ones((1, 40), bool), 1.0), (np.ones((1, 1), bool), 0.05)):
        (ring,) = corners(of_mask(mask, (100, 40), scale))
        assert np.ptp(ring, axis=0).min() >= 1 / FINE
        assert np.allclose(ring.min(0), np.array([100, 40]) * scale, atol=0.5)
