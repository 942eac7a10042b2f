"""python -m simgen.export: what it takes, what it says."""

import os

import pytest

from simgen.export.__main__ import main
from simgen.export.command import Command
from simgen.export.help import help_text
from tests.composing import CONF, options
from tests.export.drawn import dataset


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return dataset(tmp_path_factory.mktemp("made") / "data", 3)


def said(capsys, *arguments) -> tuple[int, str]:
    code = main([str(argument) for argument in arguments])
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if " frames" not in line]
    return code, out if code == 0 else "\n".join(lines)


def test_an_export_beside_the_dataset(made, capsys):
    code, text = said(capsys, made.folder, "format=yolo", "split=0.5,0.5")
    out = made.folder.with_name("data-yolo")
    assert code == 0 and str(out) in text.replace("\n", "") and (out / "data.yaml").is_file()
    code, text = said(capsys, made.folder, "format=yolo", "split=0.5,0.5")
    assert code == 0 and "complete already" in " ".join(text.split())


def test_settings_reach_the_format(made, capsys, tmp_path):
    code, _ = said(
        capsys, "format=coco", made.folder, "split=1", f"out={tmp_path / 'out'}", "--jobs", "1",
        "format.include=[pose]", "split_by=class", "min_visible_px=3", "image=copy",
    )  # fmt: skip
    text = (tmp_path / "out/annotations/instances_train.json").read_text()
    assert code == 0 and '"pose"' in text and "amodal_bbox" not in text
    assert os.stat(tmp_path / "out/images/train/000000.png").st_nlink == 1


def test_a_number_is_a_folder_too(made, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _ = said(capsys, "format=yolo", made.folder, "out=2026")
    assert code == 0 and (tmp_path / "2026/data.yaml").is_file()


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["format=yol"], "format=yol is not known; did you mean 'yolo'?"),
        (["format=yolo", "format.tsk=obb"], "format.tsk is not known; did you mean 'format.task'?"),
        (["format=yolo", "spilt=1"], "spilt is not known; did you mean 'split'?"),
        (["format=yolo", "task=obb"], "task is not known; did you mean 'format.task'?"),
        (["format=yolo", "format.task=ob"], "format.task='ob' is not known; did you mean 'obb'?"),
        (["format=yolo", "split=0.5"], "split=[0.5] must add up to 1, not 0.5"),
        (["format=yolo", "split=0.9,0.2"], "split=[0.9, 0.2] must add up to 1, not 1.1"),
        (["format=yolo", "split=much"], "split=[much] must be the shares of train, val"),
        (["format=yolo", "image=gif"], "image='gif' is not known; choose one of: copy, jpg,"),
        (["format=yolo", "split_by=clas"], "split_by='clas' is not known; did you mean 'class'?"),
        (["format=yolo", "jobs=0"], "jobs=0 must be at least 1"),
        (["format=yolo", "jobs=many"], "jobs=many must be a whole number, or auto"),
        (["format=yolo", "verify=3"], "verify=3 must be true or false"),
        (["format=yolo", "min_visible_px=0"], "min_visible_px=0 must be at least 1"),
        (["format=voc", "format.difficult_px=x"], "format.difficult_px=x must be a number"),
        (["format=coco", "format.include=cuboid"], "format.include=cuboid must be a list"),
        (["format=coco", "format.panoptic=3"], "format.panoptic=3 must be true or false"),
        (["split=1"], "format= is missing; choose one of: "),
        (["format=yolo", "--fast"], "unrecognized arguments: --fast; see python -m simgen.export"),
        (["format=yolo", "more"], "name one dataset, not 2"),
        (["format=yolo", "out=[a]"], "out=[a] must be a folder: put its name in quotes"),
        (["format=yolo", "out=1.5"], "out=1.5 must be a folder: put its name in quotes"),
        (["format=yolo", "split=[1"], "cannot read 'split=[1'"),
    ],
)
def test_mistakes_are_told_in_one_line(made, capsys, arguments, wanted):
    code, text = said(capsys, made.folder, *arguments)
    assert code == 1 and text.startswith(f"simgen: {wanted}") and "\n" not in text


def test_what_is_no_dataset_is_told(capsys, tmp_path):
    code, text = said(capsys, tmp_path, "format=yolo")
    assert code == 1 and "holds no dataset: dataset.json" in text
    code, text = said(capsys, "format=yolo")
    assert code == 1 and text.startswith("simgen: name one dataset, not 0")


def test_the_help_names_every_format_and_option(capsys):
    assert main(["--help"]) == main([]) == 0
    text = capsys.readouterr().out
    assert text.strip().endswith(help_text().strip())
    for name in options("format"):
        config = Command.of(["data", f"format={name}"]).config()
        assert f"  format={name} " in text, (
            "its YAML file starts with a comment that says what it is"
        )
        for key in config["format"]:
            assert key == "_target_" or f"    format.{key}: " in text
        for key in config:
            assert key == "format" or f"  {key}: " in text
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("name", options("format"))
def test_every_format_says_what_it_is_in_its_first_line(name):
    first = (CONF / f"format/{name}.yaml").read_text().splitlines()[0]
    assert first.startswith("# ") and len(first) < 90


def test_a_format_of_ones_own(made, capsys, tmp_path, monkeypatch):
    (tmp_path / "conf/format").mkdir(parents=True)
    (tmp_path / "conf/format/names.yaml").write_text("_target_: names_format.Names\nend: .txt\n")
    (tmp_path / "names_format.py").write_text(
        "from dataclasses import dataclass\n"
        "from simgen.export.format import Part\n"
        "@dataclass(frozen=True)\n"
        "class Names:\n"
        "    end: str\n"
        "    def convert(self, sample, split):\n"
        "        return Part({f'{sample.name}{self.end}': split.encode()})\n"
        "    def finish(self, exported):\n"
        "        yield 'splits', [str(dict(exported.splits)).encode()]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    code, text = said(
        capsys, made.folder, "--config-dir", tmp_path / "conf", "format=names", "split=1",
        f"out={tmp_path / 'out'}",
    )  # fmt: skip
    assert code == 0, text
    assert (tmp_path / "out/000002.txt").read_text() == "train"
    assert (tmp_path / "out/splits").read_text() == "{'train': 3}"
