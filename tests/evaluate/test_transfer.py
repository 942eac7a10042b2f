import json

import pytest

from simgen.errors import SimgenError
from simgen.evaluate.detections import load
from simgen.evaluate.fcos import Small
from simgen.evaluate.loader import Augmentation
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.precision import precision
from simgen.evaluate.table import REAL, Row, Table
from simgen.evaluate.training import Schedule
from simgen.evaluate.transfer import Transfer
from tests.evaluate.folders import squares

TABLE = Table(real=(1.0,), synthetic=(1.0,), mixed=(), finetuned=(0.5,), seeds=(0,))


def transfer(**changes):
    settings = {
        "table": TABLE,
        "detector": Small(width=16),
        "schedule": Schedule(steps=2, batch=2, size=64),
        "augmentation": Augmentation(),
        "jobs": 1,
    }
    return Transfer(**settings | changes)


@pytest.fixture(scope="module")
def sides(tmp_path_factory):
    folder = tmp_path_factory.mktemp("transfer")
    synthetic = Pictures.open(squares(folder / "synthetic", 14, seed=1, names=("red", "blue")))
    real = Pictures.open(squares(folder / "real", 12, seed=2, names=("blue", "red")))
    return synthetic, real


@pytest.fixture(scope="module")
def made(sides, tmp_path_factory):
    out = tmp_path_factory.mktemp("out")
    return out, transfer().measure(*sides, out)


def test_one_run_for_each_row_at_equal_steps_on_one_test(made, sides):
    _, result = made
    assert [run["training"] for run in result["runs"]] == ["real", "synthetic", "finetuned"]
    assert {run["steps"] for run in result["runs"]} == {2}
    real, synthetic, tuned = result["runs"]
    assert real["synthetic"] == 0 < real["real"] == len(sides[1]) - result["test"]["pictures"]
    assert synthetic["real"] == 0 < synthetic["synthetic"] < len(sides[0])
    assert tuned["real"] == round(real["real"] / 2) and tuned["synthetic"] == synthetic["synthetic"]
    assert [line["seeds"] for line in result["table"]] == [1, 1, 1]
    assert {"confusion", "misses", "slices", "detector", "weights_sha256"} <= set(result)


def test_figures_are_those_of_the_detections_that_were_kept(made, sides):
    out, result = made
    from simgen.evaluate.table import parted

    test = parted(sides[1], TABLE.test_share)[1]
    found = load(out / "transfer", f"real-real100-seed0-on-{REAL}.npz")
    assert precision(test, found)["ap"] == result["runs"][0]["ap"]


def test_labels_are_matched_by_name_not_by_number(sides):
    """The two folders count their categories in another order."""
    trials = transfer()._trials(*sides, out=None)
    assert trials.real.categories == trials.synthetic.categories == ("blue", "red")
    for before, after in zip(sides[0].pictures, sides[0].with_categories(("blue", "red")).pictures):
        assert (after.labels == 1 - before.labels).all()


def test_what_is_there_is_not_trained_again_and_what_changed_is(made, sides):
    out, before = made
    stamps = {path.name: path.stat().st_mtime_ns for path in (out / "transfer").glob("*.json")}
    again = transfer().measure(*sides, out)
    assert again["runs"] == before["runs"]
    assert stamps == {p.name: p.stat().st_mtime_ns for p in (out / "transfer").glob("*.json")}
    trials = transfer(schedule=Schedule(steps=3, batch=2, size=64))._trials(
        *sides, out / "transfer"
    )
    assert trials.result(Row(REAL, 1.0, 0.0, 0)) is None


def test_a_damaged_result_is_made_again(made, sides, tmp_path):
    trials = transfer()._trials(*sides, out=tmp_path)
    row = Row(REAL, 1.0, 0.0, 0)
    for text in ("", "[]", "{", json.dumps({"key": "other"})):
        (tmp_path / f"{row.name}.json").write_text(text)
        assert trials.result(row) is None


def test_a_picture_that_cannot_be_read_stops_a_training_with_its_name(sides, tmp_path):
    folder = squares(tmp_path / "real", 20, seed=3)
    real = Pictures.open(folder)
    trials = transfer()._trials(sides[0], real, tmp_path / "out")
    for path in (folder / "images").iterdir():
        path.write_bytes(b"no picture")
    with pytest.raises(SimgenError, match=r"real/images/\d+\.png: it is no picture"):
        trials.run(Row(REAL, 1.0, 0.0, 0), told=print)
    assert not list((tmp_path / "out").glob("*.json"))


def test_folders_without_a_common_category_are_told(sides, tmp_path):
    other = Pictures.open(squares(tmp_path / "a", 8, seed=1))
    with pytest.raises(SimgenError, match="nothing in common"):
        transfer().measure(
            sides[0].with_categories(["red"]), other.with_categories(["blue"]), tmp_path
        )
