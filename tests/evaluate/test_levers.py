import math

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.distributions import (
    Choice,
    Integer,
    LogUniform,
    Normal,
    Uniform,
    is_distribution,
    parse,
    support,
)
from simgen.evaluate.levers import LINEAR, LOG, SCENE, SENSOR, SQUARE
from simgen.evaluate.overrides import override, tidy
from simgen.sensor import Sensor

LEVERS = {lever.key: lever for lever in (*SENSOR, *SCENE)}
EXPOSURE, CONTRAST, BLUR = (LEVERS[f"sensor.{n}"] for n in ("exposure_ev", "contrast", "blur_px"))
WELL, COUNT = LEVERS["sensor.full_well_e"], LEVERS["scene.count"]
unit = st.floats(0, 1)


def at(lever, share):
    """A value that a setting may have."""
    low, high = max(lever.low, -10), min(lever.high, 30000)
    return low + share * (high - low)


@st.composite
def configured(draw, lever):
    low, middle, high = sorted(at(lever, draw(unit)) for _ in range(3))
    kinds = [low, Choice(low, high)]
    if high - low > 1e-6:
        kinds += [Uniform(low, high), Normal(middle, 0.1 * (high - low), low, high)]
        kinds += [LogUniform(low, high)] if low > 0 else []
    if lever is COUNT:
        kinds += [Integer(math.ceil(low), max(math.ceil(low), math.floor(high)))]
    return draw(st.sampled_from(kinds))


@pytest.mark.parametrize("key", LEVERS)
@settings(max_examples=30)
@given(data=st.data())
def test_whatever_is_moved_stays_a_setting_that_may_be(key, data):
    lever = LEVERS[key]
    value = data.draw(configured(lever))
    shift, factor = data.draw(st.floats(-9, 9)), data.draw(st.floats(0.1, 5))
    moved = lever.moved(value, shift, factor, data.draw(unit))
    low, high = support(moved)
    assert lever.low <= low <= high <= lever.high
    name, text = override(key, moved).split("=")
    again = parse(yaml.safe_load(text), key)
    assert name == key and again == moved and " " not in text
    if key.startswith("sensor."):
        Sensor(**{lever.field: again})


@pytest.mark.parametrize(
    ("lever", "value", "shift", "factor", "expected"),
    [
        (EXPOSURE, Uniform(-1, 1), 0.5, 2, Uniform(-1.5, 2.5)),
        (EXPOSURE, Normal(0, 0.3, -1, 1), -1, 2, Normal(-1, 0.6, -3, 1)),
        (EXPOSURE, 0, 0.25, 1, 0.25),
        (EXPOSURE, Choice(0, 1), 1, 3, Choice(1, 2)),
        (CONTRAST, Uniform(0.5, 2), 1, 1, Uniform(1, 4)),
        (CONTRAST, 1.0, 1, 1, 2),
        (CONTRAST, Normal(1, 0.1, 0.5, 2), 1, 1, Normal(2, 0.2, 1, 4)),
        (BLUR, Uniform(0, 1), 3, 1, Uniform(1.73, 2)),
        (BLUR, 0.5, -1, 1, 0),
        (WELL, LogUniform(2000, 8000), -1, 0.5, LogUniform(1410, 2830)),
        (COUNT, Integer(3, 12), -1, 1, Integer(2, 6)),
        (COUNT, Integer(1, 2), -3, 1, 1),
    ],
)
def test_settings_move_on_their_scale(lever, value, shift, factor, expected):
    assert lever.moved(value, shift, factor) == expected


def test_a_constant_gets_the_spread_that_is_asked_for():
    moved = EXPOSURE.moved(0.5, 0, 1, 0.2)
    assert is_distribution(moved)
    assert EXPOSURE.spread(moved)[1] == pytest.approx(0.2, rel=0.05)


@pytest.mark.parametrize("scale", [LINEAR, LOG, SQUARE])
@given(value=st.floats(0.01, 1000))
def test_scales_lead_there_and_back(scale, value):
    assert scale.back(scale.into(value)) == pytest.approx(value)


@given(st.floats(-30000, 30000))
def test_tidy_numbers_are_near_and_short(value):
    assert tidy(value) == pytest.approx(value, rel=6e-3, abs=5.1e-5)
    assert "e" not in str(tidy(value)).replace("e-05", "") and len(str(tidy(value))) <= 9
