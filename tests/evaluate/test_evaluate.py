import json
import subprocess
import sys

import cv2
import pytest

from simgen.errors import SimgenError
from simgen.evaluate.evaluate import PARTS, evaluate
from tests.evaluate.folders import squares

CONFIG = {
    "synthetic": None, "real": None, "synthetic_annotations": "", "real_annotations": "",
    "out": None, "seed": 0, "parts": ["gap"],
    "backbone": {"_target_": "simgen.evaluate.features.EfficientNetFeatures"},
    "transfer": {
        "_target_": "simgen.evaluate.transfer.Transfer",
        "detector": {"_target_": "simgen.evaluate.fcos.Small", "width": 16},
        "table": {"_target_": "simgen.evaluate.table.Table"},
        "schedule": {"_target_": "simgen.evaluate.training.Schedule"},
        "augmentation": {"_target_": "simgen.evaluate.loader.Augmentation"},
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def config(tmp_path, **changes):
    synthetic = squares(tmp_path / "synthetic", 6, seed=1)
    real = squares(tmp_path / "real", 5, seed=2)
    return CONFIG | {"synthetic": str(synthetic), "real": str(real)} | changes


def test_results_stand_beside_the_synthetic_folder_with_what_made_them(tmp_path):
    report = evaluate(config(tmp_path, parts=["gap", "distances"]), ["synthetic=a", "real=b c"])
    assert report == tmp_path / "synthetic-evaluation" / "report.html" and report.is_file()
    metrics = json.loads((report.parent / "metrics.json").read_text())
    assert metrics["command"] == "python -m simgen.evaluate synthetic=a 'real=b c'"
    assert metrics["synthetic"]["pictures"] == 6 and metrics["real"]["pictures"] == 5
    assert metrics["real"]["annotations"] == "instances.json"
    names = {(figure["name"], figure["of"]) for figure in metrics["distances"]}
    assert {("kid_efficientnet_lite0", "images"), ("kid_efficientnet_lite0", "crops")} <= names
    assert {"torch", "simgen"} <= set(metrics["versions"])


def test_without_labels_what_needs_them_is_left_out(tmp_path, caplog):
    (tmp_path / "photos").mkdir()
    for i, path in enumerate((squares(tmp_path / "b", 3, seed=3) / "images").iterdir()):
        cv2.imwrite(str(tmp_path / "photos" / f"{i}.jpg"), cv2.imread(str(path)))
    caplog.set_level("INFO")
    report = evaluate(
        config(tmp_path, real=str(tmp_path / "photos"), parts=["gap", "transfer"]), []
    )
    metrics = json.loads((report.parent / "metrics.json").read_text())
    assert "transfer" not in metrics
    skipped = {g["statistic"] for g in metrics["gap"] if g["distance"] is None}
    assert {"box_size", "count"} <= skipped and "brightness" not in skipped
    assert "transfer is left out" in caplog.text and "photos has no labels" in caplog.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"real": None}, "real= is missing: name a folder"),
        ({"parts": ["distance"]}, "parts='distance' is not known; did you mean 'distances'"),
        ({"parts": []}, "parts=\\[\\] must be a list"),
        ({"synthetic": "nowhere"}, "nowhere is no folder"),
        ({"seed": "abc"}, "seed=abc must be a number"),
        ({"seed": -1}, "seed=-1 must be at least 0"),
        ({"real_annotations": 5}, "real_annotations=5 must be the name of a file"),
    ],
)
def test_wrong_settings_are_told_before_any_work(tmp_path, changes, message):
    with pytest.raises(SimgenError, match=message):
        evaluate(config(tmp_path, **changes), [])
    assert not (tmp_path / "synthetic-evaluation").exists()


def test_without_torch_it_says_what_to_install():
    without = "import runpy, sys; sys.modules['torch'] = None; sys.argv[1:] = ['seed=1']; "
    without += "runpy.run_module('simgen.evaluate', run_name='__main__')"
    told = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True)
    assert told.returncode == 1 and told.stderr.count("\n") == 1
    assert 'torch is missing: pip install "simgen[evaluate]"' in told.stderr


def test_the_command_explains_itself_and_its_mistakes(tmp_path):
    def run(*arguments):
        command = [sys.executable, "-m", "simgen.evaluate", *arguments]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)

    told = run("--help")
    assert told.returncode == 0 and all(part in told.stdout for part in PARTS)
    assert len(told.stdout.splitlines()) < 50
    wrong = run("synthetic=a", "real=b", "transfer.schedule.step=3")
    assert wrong.returncode == 1 and wrong.stderr.count("\n") == 1
    assert "did you mean 'transfer.schedule.steps'" in wrong.stderr
