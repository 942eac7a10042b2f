import json

import msgspec
import numpy as np
import pytest

from simgen.errors import SimgenError
from simgen.evaluate.distances import measure
from simgen.evaluate.pictures import Pictures
from simgen.evaluate.results import Copies, Distance
from tests.evaluate.folders_of import Tiny, folder, scenes

NAMES = {"kid", "fd", "precision", "recall", "density", "coverage", "vendi", "vendi_real"}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def side(root, seeds, boxes=2, **settings):
    labelled = {f"{n:04d}.png": [(10, 10, 30, 30), (60, 30, 40, 40)][:boxes] for n in seeds}
    return Pictures.open(folder(root, scenes(seeds, **settings), labelled if boxes else None))


def by_name(figures, of):
    return {figure["name"]: figure for figure in figures if figure["of"] == of}


def test_every_figure_of_pictures_and_objects_as_the_report_reads_it(tmp_path):
    synthetic, real = side(tmp_path / "s", range(12)), side(tmp_path / "r", range(20, 35))
    figures, copies = measure(synthetic, real, Tiny(), 3)
    plain = json.loads(json.dumps([figures, copies], allow_nan=False))
    msgspec.convert(plain, tuple[tuple[Distance, ...], Copies])
    for of, counts in (("images", (12, 15)), ("crops", (24, 30))):
        found = by_name(figures, of)
        assert set(found) == {f"{name}_tiny" for name in NAMES}
        for figure in found.values():
            assert (figure["synthetic"], figure["real"]) == counts
            assert (figure["seed"], figure["backbone"]) == (3, "tiny")
            assert figure["weights_sha256"] == "0" * 64
        assert found["kid_tiny"]["error"] > 0
        assert "read the KID" in found["fd_tiny"]["note"]
    assert figures[0]["name"] == "kid_tiny"


def test_a_set_is_nothing_from_itself(tmp_path):
    pictures = side(tmp_path / "s", range(14))
    figures, copies = measure(pictures, pictures, Tiny(), 0)
    for of in ("images", "crops"):
        found = by_name(figures, of)
        assert abs(found["kid_tiny"]["value"]) <= found["kid_tiny"]["error"]
        assert found["fd_tiny"]["value"] < 1e-3
        assert found["precision_tiny"]["value"] == found["coverage_tiny"]["value"] == 1
        assert found["vendi_tiny"]["value"] == pytest.approx(found["vendi_real_tiny"]["value"])


def test_other_pictures_are_further_away_than_like_ones(tmp_path):
    def kid(a, b):
        return measure(a, b, Tiny(), 0)[0][0]

    one, two = side(tmp_path / "a", range(20)), side(tmp_path / "b", range(30, 50))
    dark = folder(tmp_path / "c", {n: p // 3 for n, p in scenes(range(60, 80)).items()})
    like, unlike = kid(one, two), kid(Pictures.open(dark), two)
    assert abs(like["value"]) < 3 * like["error"]
    assert unlike["value"] > 5 * unlike["error"]


def test_the_same_again_from_the_cache(tmp_path):
    synthetic, real = side(tmp_path / "s", range(8)), side(tmp_path / "r", range(20, 28))
    first, again = Tiny(), Tiny()
    assert measure(synthetic, real, first, 0) == measure(synthetic, real, again, 0)
    assert first.seen == 48 and again.seen == 0


def test_without_labels_objects_are_left_out_and_it_is_said(tmp_path):
    synthetic, real = side(tmp_path / "s", range(8)), side(tmp_path / "r", range(20, 28), boxes=0)
    figures, _ = measure(synthetic, real, Tiny(), 0)
    assert {figure["of"] for figure in figures} == {"images"}
    assert figures[0]["note"] == "r has no boxes: objects are not compared"


def test_few_pictures_give_what_few_can_give(tmp_path, caplog):
    synthetic, real = side(tmp_path / "s", range(2)), side(tmp_path / "r", range(20, 23))
    figures, _ = measure(synthetic, real, Tiny(), 0)
    found = by_name(figures, "images")
    assert set(found) == {f"{name}_tiny" for name in ("kid", "fd", "vendi", "vendi_real")}
    assert found["kid_tiny"]["error"] is None
    assert "Fréchet distance is too high, as 2 are few" in caplog.text
    with pytest.raises(SimgenError, match="synthetic=.*2 pictures or more"):
        measure(synthetic.subset([0]), real, Tiny(), 0)


def test_a_set_without_objects_has_none_to_compare(tmp_path, caplog):
    synthetic = side(tmp_path / "s", range(4))
    empty = Pictures.open(folder(tmp_path / "r", scenes(range(20, 24)), {}))
    figures, _ = measure(synthetic, empty, Tiny(), 0)
    assert {figure["of"] for figure in figures} == {"images"}
    assert "crops: 8 synthetic, 0 real" in caplog.text


def test_only_inceptions_distance_is_called_fid(tmp_path):
    class Inception(Tiny):
        name = "inception_v3"

    pictures = side(tmp_path / "s", range(8), boxes=0)
    names = {figure["name"] for figure in measure(pictures, pictures, Inception(), 0)[0]}
    assert "fid" in names and "kid_inception_v3" in names
    assert not any(name.startswith("fd") for name in names)


def test_enough_pictures_are_not_warned_about(tmp_path):
    class Pair(Tiny):
        dims = 2

        def __call__(self, batch):
            return super().__call__(batch)[:, :2]

    pictures = side(tmp_path / "s", range(20), boxes=0)
    found = by_name(measure(pictures, pictures, Pair(), 0)[0], "images")
    assert found["fd_tiny"]["note"] is None
    assert np.isfinite(found["fd_tiny"]["value"])
