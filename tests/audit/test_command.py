import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from simgen.audit.__main__ import main
from simgen.dataset import Dataset
from simgen.generate import generate
from tests.audit.test_folders import put, square
from tests.composing import painted

SMALL = ("scene=single", "resolution=[96,72]", "frames=3")


@pytest.fixture
def dataset(tmp_path):
    generate(painted(f"out={tmp_path / 'made'}", *SMALL))
    return tmp_path / "made"


def test_a_sound_dataset_passes_and_gets_a_certificate(dataset, capsys):
    assert main([str(dataset)]) == 0
    printed = capsys.readouterr().out
    assert "passed: 3 frames" in printed and "not checked: " in printed
    report, certificate = (json.loads((dataset / f"{name}.json").read_bytes())
                           for name in ("audit", "certificate"))  # fmt: skip
    assert certificate["verdict"] == report["verdict"] == "passed"
    assert report["findings"] == [] and certificate["frames"] == 3
    assert {check["check"] for check in certificate["checks"]} >= {"box", "depth_on_mesh", "edges"}
    assert all(check["proves"] for check in certificate["checks"])
    assert certificate["versions"]["simgen"]


def test_the_same_files_give_the_same_bytes_however_many_processes_look(dataset):
    main([str(dataset), "--jobs", "1"])
    before = (dataset / "audit.json").read_bytes(), (dataset / "certificate.json").read_bytes()
    main([str(dataset), "--jobs", "2"])
    assert before == ((dataset / "audit.json").read_bytes(),
                      (dataset / "certificate.json").read_bytes())  # fmt: skip


def test_the_digest_is_that_of_the_files(dataset):
    main([str(dataset), "--fast"])
    certificate = json.loads((dataset / "certificate.json").read_bytes())
    command = "sha256sum dataset.json annotations/instances.json records/* | sort | sha256sum"
    told = subprocess.run(command, shell=True, cwd=dataset, capture_output=True, text=True)
    assert told.stdout.split()[0] == certificate["digest"]


def test_an_audited_dataset_can_be_continued(dataset):
    main([str(dataset), "--fast"])
    generate(painted(f"out={dataset}", *SMALL[:2], "frames=4"))
    assert Dataset.load(dataset).done() == {0, 1, 2, 3}
    assert main([str(dataset), "--fast"]) == 0


def test_findings_name_file_object_expected_and_found(dataset, capsys):
    file = dataset / "annotations/instances.json"
    content = json.loads(file.read_bytes())
    content["annotations"][0]["bbox"][2] += 1
    file.write_text(json.dumps(content))
    assert main([str(dataset), "--fast"]) == 1
    printed = capsys.readouterr().out
    assert "error coco_values: annotations/instances.json, object" in printed
    (finding,) = json.loads((dataset / "audit.json").read_bytes())["findings"]
    assert finding["found"][2] == finding["expected"][2] + 1
    assert finding["check"] == "coco_values" and finding["frame"] == 0 and finding["instance"]


def test_findings_are_capped_and_counted(dataset):
    file = dataset / "annotations/instances.json"
    content = json.loads(file.read_bytes())
    content["annotations"] += [content["annotations"][0] | {"id": 10**6 + i} for i in range(150)]
    file.write_text(json.dumps(content))
    assert main([str(dataset), "--fast"]) == 1
    report = json.loads((dataset / "audit.json").read_bytes())
    kept = [f for f in report["findings"] if f["check"] == "coco_values"]
    counted = next(c for c in report["checks"] if c["check"] == "coco_values")
    assert len(kept) == 100 and counted["errors"] == 150


def test_warnings_pass_unless_asked(tmp_path):
    put(tmp_path, [square(bbox=[28, 20, 42, 40])])
    assert main([str(tmp_path)]) == 0
    assert main([str(tmp_path), "--strict"]) == 1


def test_a_folder_that_refuses_is_judged_all_the_same(tmp_path, capsys):
    put(tmp_path, [square()])
    (tmp_path / "audit.json").mkdir()
    assert main([str(tmp_path)]) == 0
    told = capsys.readouterr()
    assert "passed" in told.out and "audit.json is not written" in told.err
    assert main([str(tmp_path), "--out", str(tmp_path / "aside")]) == 0
    assert json.loads((tmp_path / "aside/certificate.json").read_bytes())["verdict"] == "passed"


@pytest.mark.parametrize(
    "prepare, message",
    [
        (lambda folder: None, "holds neither a dataset of simgen's nor a COCO file"),
        (lambda folder: folder.rmdir(), "is no folder"),
        (lambda folder: (folder / "a.json").write_text("{"), "a.json: no such JSON"),
        (lambda folder: (folder / "a.json").write_text("[" * 10**6), "a.json: no such JSON"),
        (lambda folder: (folder / "a.json").write_text("{}"), "a.json: no such JSON"),
        (lambda folder: (folder / "a.json").write_text('{"images": 3}'), "a.json: no such JSON"),
        (lambda folder: (folder / "dataset.json").write_text("{}"), "dataset.json"),
        (lambda folder: os.mkfifo(folder / "a.json"), "a.json: it is no plain file"),
    ],
)
def test_what_cannot_be_audited_is_told_in_one_line(tmp_path, capsys, prepare, message):
    folder = tmp_path / "folder"
    folder.mkdir()
    prepare(folder)
    assert main([str(folder)]) == 1
    told = capsys.readouterr().err.strip().splitlines()
    assert message in told[-1] and told[-1].startswith("simgen: ")
    assert not [line for line in told if "Traceback" in line]


def test_help_and_wrong_options(capsys):
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0 and "FOLDER" in capsys.readouterr().out
    assert main(["x", "--jobs", "0"]) == 1
    assert "--jobs: 0 must be a whole number of at least 1" in capsys.readouterr().err


def test_the_audit_loads_nothing_that_makes_frames():
    """No label is proved by the code that made it."""
    code = "import sys, simgen.audit.__main__ as m; m.catalogue(); print(*sys.modules)"
    root = Path(__file__).parents[2]
    run = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    loaded = {name for name in run.stdout.split() if name.startswith("simgen")}
    makers = ("recipe", "generate", "scenes", "randomize", "blender", "truth", "lens", "motion",
              "views", "keypoints", "proposal", "worker", "sensor")  # fmt: skip
    assert "simgen.audit.hits" in loaded
    assert not {name for name in loaded if name.split(".")[1:2] and name.split(".")[1] in makers}
