import math

import numpy as np
import pytest
import yaml
from scipy import stats

from simgen.checks import require, require_resolution, require_type
from simgen.distributions import (
    KINDS,
    Choice,
    Integer,
    LogUniform,
    Normal,
    Uniform,
    draw,
    parse,
    written,
)
from simgen.errors import SimgenError

RNG = np.random.default_rng
ALL = (
    Uniform(-1.0, 2.0), LogUniform(0.01, 100.0), Normal(1.0, 2.0, 0.0, 5.0), Integer(-2, 3),
    Choice(1, 2.5, Uniform(3, 4)),
)  # fmt: skip


def drawn(distribution, count=4000, seed=0):
    rng = RNG(seed)
    return np.array([distribution.sample(rng) for _ in range(count)])


def test_each_kind_is_tested():
    assert {type(d) for d in ALL} == set(KINDS.values())


@pytest.mark.parametrize("distribution", ALL, ids=written)
def test_samples_keep_to_the_bounds_and_follow_the_seed(distribution):
    low, high = distribution.bounds()
    values = drawn(distribution, 500)
    assert low <= values.min() and values.max() <= high
    assert (values == drawn(distribution, 500)).all()
    assert (values != drawn(distribution, 500, seed=1)).any()


@pytest.mark.parametrize("distribution", ALL, ids=written)
def test_samples_are_plain_numbers(distribution):
    assert {type(distribution.sample(RNG(i))) for i in range(20)} <= {int, float}


@pytest.mark.parametrize(
    ("distribution", "cdf"),
    [
        (ALL[0], stats.uniform(-1, 3).cdf),
        (ALL[1], stats.loguniform(0.01, 100).cdf),
        (ALL[2], stats.truncnorm(-0.5, 2, 1, 2).cdf),
    ],
)
def test_shape_is_that_of_scipy(distribution, cdf):
    assert stats.kstest(drawn(distribution), cdf).pvalue > 0.01


def test_integers_and_choices_are_even():
    values, counts = np.unique(drawn(Integer(-2, 3)), return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2, 3]
    assert stats.chisquare(counts).pvalue > 0.01
    _, counts = np.unique(drawn(Choice("a", "b", "c")), return_counts=True)
    assert len(counts) == 3 and stats.chisquare(counts).pvalue > 0.01


def test_a_normal_far_from_its_bounds_stays_finite():
    """The mean at one end, the other 40 deviations away: the tail's probability rounds to 0."""
    values = drawn(Normal(0.0, 1.0, 0.0, 40.0), 200)
    assert np.isfinite(values).all() and 0 <= values.min() and values.max() < 6


def test_bounds_that_meet_are_a_constant():
    for kind in (Uniform, LogUniform, Integer):
        assert kind(3, 3).sample(RNG(0)) == pytest.approx(3)


def test_draw_walks_everything_and_leaves_constants():
    rng = RNG(0)
    values = draw({"a": [Uniform(0, 1), 5, "x"], "b": Choice("only")}, rng)
    assert 0 < values["a"][0] < 1 and values["a"][1:] == (5, "x") and values["b"] == "only"
    assert draw(Uniform(2, 2), rng) == 2


def test_draw_of_a_dataclass_changes_a_copy():
    node = Choice(Uniform(0, 1), Uniform(5, 6))
    assert draw(node, RNG(0)) == draw(node, RNG(0))
    assert node == Choice(Uniform(0, 1), Uniform(5, 6))


def test_equal_values_are_equal_and_hash():
    assert Choice(1, Uniform(0, 1)) == Choice(1, Uniform(0, 1)) != Choice(1, Uniform(0, 2))
    assert len({Choice(1), Choice(1), Uniform(0, 1), Uniform(0, 1)}) == 2


@pytest.mark.parametrize("distribution", [*ALL, Choice("a", True), Choice(Choice(1, 2))])
def test_what_is_written_can_be_read(distribution):
    assert parse(yaml.safe_load(written(distribution)), "key") == distribution


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (["uniform", 3, 1], r"a\.b=\[uniform, 3, 1\]: low is greater than high; write them the"),
        (["uniform", 1], r"a\.b=\[uniform, 1\]: write \[uniform, low, high\]"),
        (["uniform"], r"a\.b=\[uniform\]: write \[uniform, low, high\]"),
        (["uniform", 1, 2, 3], r"a\.b=\[uniform, 1, 2, 3\]: write \[uniform, low, high\]"),
        (["uniform", "1", 2], r"a\.b=\[uniform, 1, 2\]: low must be a number"),
        (["uniform", True, 2], r"a\.b=\[uniform, true, 2\]: low must be a number"),
        (["uniform", None, 2], r"a\.b=\[uniform, null, 2\]: low must be a number"),
        (["uniform", ["uniform", 0, 1], 2], r"a\.b=.* low must be a number"),
        (["uniform", 0, math.inf], r"a\.b=.* high must be finite"),
        (["uniform", math.nan, 0], r"a\.b=.* low must be finite"),
        (["loguniform", 0, 1], r"a\.b=\[loguniform, 0, 1\]: low must be greater than 0"),
        (["normal", 0, 1], r"a\.b=\[normal, 0, 1\]: write \[normal, mean, std, low, high\]"),
        (["normal", 0, 0, -1, 1], r"a\.b=.* std must be greater than 0"),
        (["normal", 0, "x", -1, 1], r"a\.b=.* std must be a number"),
        (["normal", 5, 1, -1, 1], r"a\.b=.* the mean must lie between low and high"),
        (["integer", 0.5, 2], r"a\.b=.* both ends must be whole numbers"),
        (["choice"], r"a\.b=\[choice\]: give at least one option"),
        (["choice", ["uniform", 2, 1], 3], r"a\.b=\[uniform, 2, 1\]: low is greater"),
        (["unifrom", 1, 2], r"a\.b=\[unifrom, 1, 2\]: 'unifrom' .* did you mean 'uniform'"),
    ],
)
def test_nonsense_names_its_key(config, message):
    with pytest.raises(SimgenError, match=message):
        parse({"b": config}, "a")


def test_parse_leaves_plain_lists_and_values():
    config = {"props": ["ball", "drum"], "n": 3, "deep": {"size": [1, 2.5]}, "none": []}
    plain = {"props": ("ball", "drum"), "n": 3, "deep": {"size": (1, 2.5)}, "none": ()}
    assert parse(config, "k") == plain


@pytest.mark.parametrize(
    ("options", "value", "message"),
    [
        ({"low": 0}, -1, "x=-1 must be at least 0"),
        ({"high": 1}, Uniform(0, 2), r"x=\[uniform, 0, 2\] must be at most 1"),
        ({"low": 0}, Choice(1, Uniform(-1, 1)), r"x=\[choice, 1, \[uniform, -1, 1\]\] must be at"),
        ({}, "3", "x=3 must be a number"),
        ({}, True, "x=true must be a number"),
        ({}, None, "x=null must be a number"),
        ({}, (1, 2), r"x=\[1, 2\] must be a number"),
        ({}, Choice("a", 1), r"x=\[choice, a, 1\] must be a number"),
        ({}, math.nan, "x=nan must be a number"),
        ({}, math.inf, "x=inf must be a number"),
        ({"whole": True}, 2.5, r"x=2.5 must be a whole number, or \[integer, low, high\]"),
        ({"whole": True}, Uniform(1, 3), r"x=\[uniform, 1, 3\] must be a whole number"),
        ({"whole": True}, Choice(1, 2.5), r"x=\[choice, 1, 2.5\] must be a whole number"),
        (
            {"fixed": True},
            Uniform(1, 3),
            "x=.* must be one number: it is not drawn",
        ),
    ],
)
def test_require_names_field_value_and_limit(options, value, message):
    with pytest.raises(SimgenError, match=f"^{message}"):
        require(**options, x=value)


def test_require_takes_what_keeps_to_the_limits():
    require(0, 3, x=Uniform(0, 3), y=Choice(1, Integer(2, 3)), z=0)
    require(0, whole=True, x=Integer(0, 9), y=Choice(1, 2), z=2.0)


@pytest.mark.parametrize("value", [5, "ab", (640,), (640, 480, 3), (0, 480), (640.0, 480), True])
def test_resolutions_are_two_whole_numbers(value):
    with pytest.raises(SimgenError, match=r"^resolution=.* must be \[width, height\]"):
        require_resolution(value)
    require_resolution((640, 480))


def test_require_type():
    require_type(bool, a=True, b=Choice(True, False))
    require_type(str, a="", b=Choice("x", "y"))
    with pytest.raises(SimgenError, match="a=3 must be text"):
        require_type(str, a=3)
    with pytest.raises(SimgenError, match="a=1 must be true or false"):
        require_type(bool, a=1)
