"""What the report says in words follows from the figures."""

import pytest

from simgen.evaluate.answer import how_far, transfer
from simgen.evaluate.change import overrides, prescriptions, what_to_change
from simgen.evaluate.results import Distance, Gap, Metrics, Prescription, Run, Transfer
from simgen.evaluate.trainings import gain, largest, trainings
from simgen.evaluate.wording import with_error


def runs(training, real, synthetic, *ap50, share=1.0):
    return [
        Run(training, real=real, synthetic=synthetic, real_share=share, seed=seed, ap50=value)
        for seed, value in enumerate(ap50)
    ]


def said(*made):
    return " ".join(transfer(Metrics(transfer=Transfer(tuple(sum(made, []))))).sentences)


REAL, SYNTHETIC = runs("real", 100, 0, 0.8, 0.82), runs("synthetic", 0, 400, 0.7, 0.74)


def test_rows_are_means_and_half_ranges_of_seeds():
    (row,) = trainings(runs("real", 100, 0, 0.8, 0.85, 0.84) + runs("real", 100, 0))
    assert row.mean() == pytest.approx(0.83) and row.spread() == pytest.approx(0.025)
    assert trainings([Run("real")]) == ()


def test_rows_come_by_kind_and_size():
    made = [*runs("mixed", 5, 400, 0.5, share=0.05), *REAL, *runs("synthetic", 0, 100, 0.4)]
    assert [row.kind for row in trainings(made)] == ["real", "synthetic", "mixed"]
    assert largest(trainings([*made, *SYNTHETIC]), "synthetic").synthetic == 400


def test_gain_is_over_the_better_part_alone():
    sets = trainings([*REAL, *SYNTHETIC, *runs("mixed", 100, 400, 0.9, 0.94)])
    assert gain(sets, sets[-1]) == pytest.approx((0.92 - 0.81, 0.02 + 0.01))
    few = trainings([*REAL, *SYNTHETIC, *runs("mixed", 10, 400, 0.78, 0.78, share=0.1)])
    assert gain(few, few[-1])[0] == pytest.approx(0.78 - 0.81)
    alone = runs("real", 10, 0, 0.3, 0.3, share=0.1)
    more = trainings([*REAL, *SYNTHETIC, *alone, *runs("mixed", 10, 400, 0.78, 0.78, share=0.1)])
    assert gain(more, more[-1])[0] == pytest.approx(0.78 - 0.72)


def test_gain_needs_both_parts():
    sets = trainings([*REAL, *runs("mixed", 100, 400, 0.9)])
    assert gain(sets, sets[-1]) is None
    assert "its two parts" in said(REAL, runs("mixed", 100, 400, 0.9))


def test_says_where_both_beat_either_and_where_none_does():
    good, bad = runs("mixed", 100, 400, 0.9, 0.9), runs("mixed", 100, 400, 0.81, 0.83)
    assert "beat either alone in 1 of 1 cases" in said(REAL, SYNTHETIC, good)
    assert "+0.090 AP50" in said(REAL, SYNTHETIC, good)
    assert "none beats" in said(REAL, SYNTHETIC, bad)


def test_one_seed_is_no_proof():
    one = runs("real", 100, 0, 0.8), runs("synthetic", 0, 400, 0.7), runs("mixed", 100, 400, 0.9)
    assert "may be chance" in said(*one)


def test_synthetic_is_held_against_all_real_pictures():
    assert "89 % of the AP50 of all real pictures" in said(REAL, SYNTHETIC)
    assert "nothing to hold it against" in said(SYNTHETIC)
    assert "nothing to hold it against" in said(runs("real", 10, 0, 0.3, share=0.1), SYNTHETIC)
    assert "do not work" in said(runs("real", 100, 0, 0.0), SYNTHETIC)


@pytest.mark.parametrize(
    "value, error, words",
    [
        (0.08, 0.002, "40 standard errors above 0"),
        (0.003, 0.002, "cannot be told apart"),
        (-0.003, 0.002, "cannot be told apart"),
        (-0.03, 0.002, "below 0 by more than chance"),
        (0.08, None, "0 is no difference"),
    ],
)
def test_kid_in_words(value, error, words):
    kid = Distance("kid_x", value=value, error=error, synthetic=200, real=200, backbone="x")
    text = " ".join(how_far(Metrics(distances=(kid,))).sentences)
    assert words in text and "first look" not in text


def test_warns_of_few_pictures():
    kid = Distance("kid_x", value=0.1, error=0.01, synthetic=200, real=20)
    assert "first look" in " ".join(how_far(Metrics(distances=(kid,))).sentences)


def test_kid_of_pictures_is_the_headline():
    crops = Distance("kid_x", of="crops", value=0.2)
    whole = Distance("kid_x", value=0.1)
    answer = how_far(Metrics(distances=(Distance("frechet_x", value=9.0), crops, whole)))
    assert "0.1," in answer.sentences[0]
    assert [figure.value for figure in answer.figures] == ["0.2", "0.1"]


@pytest.mark.parametrize(
    "value, error, text",
    [(0.0832, 0.0021, "0.0832 ± 0.0021"), (61.38, 12.3, "61 ± 12"), (0.5, None, "0.5")],
)
def test_error_decides_the_decimals(value, error, text):
    assert with_error(value, error) == text


def test_prescriptions_come_from_the_widest_gaps_one_for_each_setting():
    def gap(name, distance, *overrides):
        return Gap(name, distance, prescriptions=tuple(Prescription(o) for o in overrides))

    gaps = (gap("a", 0.1, "x=1"), gap("b", None, "w=0"), gap("c", 0.9, "x=2", "y=[uniform,1,2]"))
    assert overrides(prescriptions(gaps)) == "x=2 'y=[uniform,1,2]' w=0"
    assert "narrow: c, a, b." in what_to_change(Metrics(gap=gaps)).sentences[0]


def test_overrides_are_words_to_a_shell():
    evil = [(Gap("a"), Prescription("x=$(rm -rf ~)")), (Gap("b"), Prescription("y=1\nrm x"))]
    assert overrides(evil) == "'x=$(rm -rf ~)'"
