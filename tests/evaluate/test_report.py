"""The report opens by itself, and shows figures and escaped names alone."""

import json

import pytest

from simgen.errors import SimgenError
from simgen.evaluate.report import write
from tests.evaluate import made_up


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("sides")
    return made_up.painted(root / "synthetic", 12, 20), made_up.painted(root / "real", 12, 100)


def reported(out, content):
    write(made_up.write(out, content))
    return (out / "report.html").read_text(), (out / "report.md").read_text()


def test_shows_headline_transfer_and_prescriptions(tmp_path, folders):
    page, text = reported(tmp_path, made_up.metrics(*map(str, folders)))
    for said in ("0.0832 ± 0.0021", "sensor.exposure_ev=[normal,-0.45,0.4,-1.3,0.6]"):
        assert said in page and said in text
    assert page.count("data:image/jpeg;base64,") == 9 + 9 + 18 + 1


@pytest.mark.parametrize("part", ["distances", "copies", "gap", "transfer", "synthetic", "real"])
def test_each_part_may_be_missing(tmp_path, folders, part):
    content = made_up.metrics(*map(str, folders))
    del content[part]
    reported(tmp_path, content)


def test_nothing_yet(tmp_path):
    page, text = reported(tmp_path, {})
    assert "No distance between the two has been measured yet." in page and "yet" in text


def test_says_which_file_is_damaged(tmp_path):
    (tmp_path / "metrics.json").write_text(json.dumps({"distances": 3}))
    with pytest.raises(SimgenError, match=r"metrics\.json.*distances"):
        write(tmp_path)
