"""The report of whole folders: what is counted, what is shown, what a stranger's names may do."""

import json
import re
import shutil
from functools import partial

import cv2
import numpy as np
import pytest

from simgen.audit.audit import audit
from simgen.audit.folder import Folder
from simgen.audit.report import write
from simgen.dataset import Dataset
from simgen.report.__main__ import main
from simgen.report.choose import Choice, lot
from simgen.report.report import as_html, report
from simgen.report.seen import look
from simgen.report.sources import Input
from simgen.report.statistics import Statistics
from tests.report.datasets import EVIL, SIZE, coco_folder, painted_dataset, square


def frames_of(html):
    data = re.search('<script type="application/json" id="frames">(.*?)</script>', html)[1]
    return json.loads(data)


def counted(folder):
    given, statistics = Input.open(folder), Statistics()
    for seen in map(partial(look, given.source), given.tasks()):
        statistics.add(seen)
    return statistics


def test_a_dataset_of_simgens_is_counted_as_its_records_say():
    records = list(Dataset.load(painted_dataset()).records())
    statistics = counted(painted_dataset())
    labels = [label for record in records for label in record.labels]
    assert (statistics.frames, statistics.objects, statistics.unreadable) == (6, len(labels), 0)
    for name, kind in statistics.kinds.items():
        mine = [label for label in labels if label.category == name]
        assert kind.objects == len(mine)
        shows = [any(label.category == name for label in record.labels) for record in records]
        assert kind.pictures == sum(shows)
    visible = [label.visible_fraction for label in labels]
    assert np.isclose(statistics.spread("visible").mean, np.mean(visible))
    assert statistics.positions.sum() == len(labels)
    assert set(statistics.parameters) >= set(records[0].spec.parameters)
    assert np.isclose(statistics.seconds, sum(sum(r.run.seconds.values()) for r in records))
    size = sum(p.stat().st_size for p in (painted_dataset() / "depth").iterdir())
    assert statistics.bytes["depth"] == size


def test_a_page_of_a_dataset_holds_every_section_and_nothing_from_elsewhere(tmp_path):
    html = as_html([report(Input.open(painted_dataset()))])
    for anchor in ("gallery", "labels", "combinations", "parameters", "cost", "audit", "licences"):
        assert f'<section id="{anchor}">' in html
    assert not re.search(r'(?:src|href)="(?!data:)', html) and "@import" not in html
    assert not re.search(r"<[^>]*\s(?:style|on\w+)=", html)
    frames = frames_of(html)["shelves"][0]["frames"]
    assert len(frames) == 6
    assert all({"image", "depth", "normals", "objects"} <= set(frame) for frame in frames)
    names = frames_of(html)["classes"]
    records = {f"{r.frame:06d}": r for r in Dataset.load(painted_dataset()).records()}
    for frame in frames:
        there = sorted(label.category for label in records[frame["name"]].labels)
        assert sorted(names[row[0]] for row in frame["objects"]) == there


def test_any_folder_with_a_coco_file_will_do(tmp_path):
    pictures = [
        [square(10, 10, 20), square(30, 20, 30, 2)],
        [square(0, 0, 40, visible_fraction=0.25, truncation=0.5)],
        [],
        [square(5, 5, 10, iscrowd=1)],
    ]
    folder = coco_folder(tmp_path / "strange", pictures)
    statistics = counted(folder)
    assert (statistics.frames, statistics.objects, statistics.empty) == (4, 3, 2)
    assert {name: kind.objects for name, kind in statistics.kinds.items()} == {"cat": 2, EVIL: 1}
    assert statistics.spread("visible").count == 1 and statistics.spread("truncation").mean == 0.5
    assert np.isclose(statistics.spread("brightness").high, 80 / 255)
    # Centres at (20, 20), twice, and (45, 35) of 80 by 60 pixels, in 24 by 18 cells.
    assert statistics.positions[6, 6] == 2 and statistics.positions[10, 13] == 1
    html = as_html([report(Input.open(folder))])
    assert "unknown licence" in html.split('id="gallery"')[0]
    assert 'id="parameters"' not in html and 'id="cost"' in html


def test_names_are_text_wherever_they_stand(tmp_path):
    names = (
        "cat",
        EVIL,
        '"><img src=x onerror=alert(1)>',
        "</script><b>",
        "\u202eright\x00to left",
    )
    some = [[square(4 * i, 4 * i, 20, i) for i in range(1, 6)]] * 2
    folder = coco_folder(tmp_path / "<i>evil", some, names, licenses=[{"id": 1, "name": EVIL}])
    html = as_html([report(Input.open(folder)), report(Input.open(folder))])
    assert html.count("<script") == 2 and "<img" not in html and "<b>l" not in html
    assert "<i>" not in html.replace('<i class="', "")
    assert "\u202e" not in html.split('id="frames"')[0] and "\x00" not in html
    assert set(frames_of(html)["classes"]) == set(names)


def test_unreadable_frames_are_counted_and_told(tmp_path):
    folder = coco_folder(tmp_path / "broken", [[square(1, 1, 9)], [square(1, 1, 9)], []])
    (folder / "images/1.png").write_bytes(b"no picture")
    (folder / "images/3.png").unlink()
    statistics = counted(folder)
    assert (statistics.frames, statistics.unreadable, statistics.objects) == (3, 2, 2)
    html = as_html([report(Input.open(folder))])
    assert "2 frames cannot be read whole" in html and "images/3.png: it is missing" in html
    assert [frame["name"] for frame in frames_of(html)["shelves"][0]["frames"]] == ["2.png"]


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(painted_dataset(), tmp_path / "copy")


def test_the_audits_verdict_is_told_and_whether_files_changed_since(copy):
    assert "not audited" in as_html([report(Input.open(copy))])
    write(audit(Folder.open(copy)), copy)
    html = as_html([report(Input.open(copy))])
    assert "changed since" not in html and 'class="good">passed' in html
    record = copy / "records/000002.json"
    record.write_bytes(record.read_bytes().replace(b'"device":"brush"', b'"device":"pen"'))
    assert "passed, but files have changed since" in as_html([report(Input.open(copy))])


def test_a_picture_that_is_not_its_records_is_told(copy):
    path = next((copy / "images").iterdir())
    path.write_bytes(cv2.imencode(path.suffix, np.zeros((64, 96, 3), np.uint8))[1])
    html = as_html([report(Input.open(copy))])
    assert "1 pictures are not the bytes that their records name" in html


def test_an_audit_that_cannot_be_read_is_told(copy):
    (copy / "audit.json").write_text('{"verdict": 3}')
    assert "audit: unreadable: audit.json" in as_html([report(Input.open(copy))])


def test_flagged_licences_stand_at_the_top(copy):
    card = json.loads((copy / "dataset.json").read_text())
    card["assets"] += [
        {"name": "mug", "licence": "CC-BY-NC-4.0", "source": "s", "digest": "", "flag": flag}
        for flag in ("unknown licence", "non-commercial")
    ]
    (copy / "dataset.json").write_text(json.dumps(card))
    html = as_html([report(Input.open(copy))])
    head, rows = html.split('id="gallery"')[0], html.split('id="licences"')[1]
    assert head.index("non-commercial: CC-BY-NC-4.0") < head.index("unknown licence")
    assert rows.index("non-commercial") < rows.index("unknown licence") < rows.index("CC0-1.0")


def test_a_choice_is_the_same_each_time_and_has_all_classes():
    def chosen(numbers):
        choice = Choice(40)
        for number in numbers:
            choice.add(number, {"common"} | ({"rare"} if number == 777 else set()))
        return choice.numbers()

    first = chosen(range(1000))
    assert first == chosen(reversed(range(1000))) and len(first) == len(set(first)) == 40
    assert 777 in first and set(first) - {777} <= set(sorted(range(1000), key=lot)[:40])


def test_a_page_is_no_larger_than_its_budget(tmp_path, monkeypatch):
    folder = coco_folder(tmp_path / "many", [[square(i, i, 20)] for i in range(30)])
    whole = report(Input.open(folder)).shelf.frames
    size = len(json.dumps(whole[0]).encode())
    monkeypatch.setattr("simgen.report.gallery.MOST_BYTES", 10 * size)
    few = report(Input.open(folder)).shelf.frames
    assert len(whole) == 30 and 8 <= len(few) <= 11
    html = as_html([report(Input.open(folder))])
    assert f"{len(few)} of 30 pictures, drawn by lot" in html


def test_two_processes_say_the_same_as_one():
    given = Input.open(painted_dataset())
    assert as_html([report(given, jobs=2)]) == as_html([report(given, jobs=1)])


def test_the_command_writes_a_page_and_compares_two(tmp_path, capsys):
    strange = coco_folder(tmp_path / "strange", [[square(10, 10, 20)]])
    assert main([str(strange)]) == 0 and (strange / "report.html").read_text().endswith("</html>\n")
    out = tmp_path / "both.html"
    assert main([str(painted_dataset()), "--compare", str(strange), "--out", str(out)]) == 0
    html = out.read_text()
    assert "<h1>painted and strange</h1>" in html
    assert [s["name"] for s in frames_of(html)["shelves"]] == ["painted", "strange"]
    again = tmp_path / "again.html"
    assert main(["--compare", str(painted_dataset()), str(strange), "--out", str(again)]) == 0
    assert again.read_text() == html


@pytest.mark.parametrize(
    "arguments, said",
    [
        ([], "name one dataset"),
        (["{a}", "--compare", "{a}", "{a}"], "name one dataset"),
        (["{a}", "--compare", "{a}", "--sheet"], "no --sheet"),
        (["{a}/nowhere"], "is no folder"),
        (["{a}/images"], "holds neither a dataset"),
        (["{a}", "--out", "{a}/instances.json/x.html"], "a file stands where a folder is needed"),
        (["{a}", "--sheet", "--frames", "99"], "no such frame"),
        (["{a}", "--sheet", "--show", "depth"], "has no depth: leave it out of --show"),
        (["{a}", "--jobs", "0"], "argument --jobs: 0 must be a whole number of at least 1; see"),
        (["{a}", "--sheets"], "unrecognized arguments: --sheets; see python -m simgen.report"),
        (["{a}", "--sheet", "--out", "x.gif"], "a sheet is a .png or .jpg"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path, capsys, arguments, said):
    folder = coco_folder(tmp_path / "a", [[square(10, 10, 20)]])
    assert main([argument.format(a=folder) for argument in arguments]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert said in error and error.startswith("simgen: ")


def test_a_sheet_shows_the_labels_where_they_are(tmp_path):
    folder = coco_folder(tmp_path / "a", [[square(20, 10, 30)], []], names=("w" * 30,))
    assert main([str(folder), "--sheet"]) == 0
    sheet = cv2.imread(str(folder / "sheet.png"))
    height, width = SIZE
    assert sheet.shape == (6 + height + 6, 2 * (width + 6) + 6, 3)
    first = sheet[6 : 6 + height, 6 : 6 + width]
    colored = np.ptp(first.astype(int), axis=2) > 60
    rows, columns = np.nonzero(colored)
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (20, 10, 49, 39)
    assert not (np.ptp(sheet[6 : 6 + height, 12 + width : -6].astype(int), axis=2) > 60).any()


def test_a_sheet_of_layers_has_a_row_for_each_frame(tmp_path):
    layers = "image,boxes,masks,depth,normals"
    out = tmp_path / "rows.png"
    assert main([str(painted_dataset()), "--sheet", "--frames", "4,1", "--show", layers,
                 "--out", str(out)]) == 0  # fmt: skip
    sheet = cv2.imread(str(out))
    assert sheet.shape == (2 * 70 + 6, 5 * 102 + 6, 3)
    instance = cv2.imread(str(painted_dataset() / "instance/000001.png"), cv2.IMREAD_UNCHANGED)
    masks = sheet[6:70, 6 + 2 * 102 : 6 + 2 * 102 + 96]
    assert ((masks.max(2) > 0) == (instance > 0)).all()
