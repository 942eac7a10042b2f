"""The report opens by itself, and shows figures and escaped names alone."""

import json
import re
from html.parser import HTMLParser

import pytest

from simgen.errors import SimgenError
from simgen.evaluate.report import write
from tests.evaluate import made_up
from tests.evaluate.folders_of import photo, scene

EVIL = "<script>alert(1)</script>"
ODD = "\"><img src=x onerror='alert(2)'>"


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("sides")
    return made_up.painted(root / "synthetic", 12, 20), made_up.painted(root / "real", 12, 100)


@pytest.fixture
def content(folders):
    return made_up.metrics(*map(str, folders))


def reported(out, content):
    write(made_up.write(out, content))
    return (out / "report.html").read_text(), (out / "report.md").read_text()


class Elements(HTMLParser):
    """Counts the elements of a page, and whether each is closed."""

    def __init__(self, page):
        super().__init__()
        self.found, self.open, self.attributes = [], [], set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.found.append(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag not in ("meta", "link", "img", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.found.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_shows_headline_transfer_and_prescriptions(tmp_path, content):
    page, text = reported(tmp_path, content)
    for said in ("0.0832 ± 0.0021", "sensor.exposure_ev=[normal,-0.45,0.4,-1.3,0.6]"):
        assert said in page and said in text
    assert page.count("data:image/jpeg;base64,") == 9 + 9 + 2 * (6 + 3) + 1


def test_every_section_says_what_its_figures_rest_on(tmp_path, content):
    page, _ = reported(tmp_path, content)
    assert page.count(made_up.COMMAND) == 6  # transfer, weak spots, gap, distances, copies, end
    for known in (
        "weights sha256 579344248a93",
        "seeds 0, 1, 2",
        "1200 steps each",
        "N = 400 pictures",
    ):
        assert known in page


def test_unequal_steps_are_told(tmp_path, content):
    content["transfer"]["runs"][0]["steps"] = 600
    assert "UNEQUAL steps: 600, 1200" in reported(tmp_path, content)[0]


def test_categories_have_ap50_and_ap(tmp_path, content):
    page, _ = reported(tmp_path / "a", content)
    assert "<h3>AP50 by category</h3>" in page and "<h3>AP by category</h3>" in page
    for run in content["transfer"]["runs"]:
        del run["classes_ap"]
    page, _ = reported(tmp_path / "b", content)
    assert "<h3>AP50 by category</h3>" in page and "<h3>AP by category</h3>" not in page


def test_is_well_formed(tmp_path, content):
    assert Elements(reported(tmp_path, content)[0]).open == []


@pytest.mark.parametrize("part", ["distances", "copies", "gap", "transfer", "synthetic", "real"])
def test_each_part_may_be_missing(tmp_path, content, part):
    del content[part]
    assert Elements(reported(tmp_path, content)[0]).open == []


def test_parts_may_be_unfinished(tmp_path, content):
    runs = content["transfer"]["runs"]
    content["transfer"] = {"runs": [runs[0], {"training": "mixed", "real": 3, "synthetic": 4}]}
    content["distances"] = [{"name": "kid_x", "value": None}]
    content["gap"] = [{"statistic": "hue", "distance": None, "note": "no labels"}]
    content["copies"] = {"synthetic_of_real": [{"synthetic": "000.png", "real": "gone.png"}]}
    page, _ = reported(tmp_path, content)
    assert "Real only has not been trained yet" in page
    assert "it is missing" in page and "hue (no labels)" in page


def test_folders_that_are_gone_are_told(tmp_path, content, folders):
    content["real"]["folder"] = str(tmp_path / "gone")
    page, _ = reported(tmp_path, content)
    assert "gone is no folder" in page and page.count("data:image/jpeg;base64,") == 9 + 6 + 6 + 1


def test_nothing_yet(tmp_path):
    page, text = reported(tmp_path, {})
    for said in ("No distance between the two has been measured yet.", "No detector has been"):
        assert said in page and said in text


def test_damaged_file_is_named(tmp_path):
    (tmp_path / "metrics.json").write_text(json.dumps({"distances": 3}))
    with pytest.raises(SimgenError, match=r"metrics\.json.*distances"):
        write(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_pictures_stay_inside_their_folders(tmp_path, content, folders):
    made_up.painted(tmp_path / "secret", 1, 50)
    content["transfer"]["misses"] = "../secret/000.png"
    content["copies"]["synthetic_of_real"] = [
        {"synthetic": "../real/000.png", "real": "/etc/hostname"}
    ]
    page, _ = reported(tmp_path / "out", content)
    assert page.count("data:image/jpeg;base64,") == 9 + 9 + 2 * 3
    assert page.count("its name leads out of the folder") == 2


def test_pictures_are_turned_alike_in_every_section(tmp_path, content):
    """Those beside each other, and the same ones as nearest neighbours."""
    folder = tmp_path / "photos"
    folder.mkdir()
    photo(folder / "a.jpg", scene(1), 6)
    image = {"id": 0, "file_name": "a.jpg", "width": 120, "height": 90}
    coco = {"images": [image], "annotations": [], "categories": []}
    (folder / "instances.json").write_text(json.dumps(coco))
    content["synthetic"]["folder"] = content["real"]["folder"] = str(folder)
    pairs = [{"synthetic": "a.jpg", "real": "a.jpg", "other": "a.jpg", "distance": 0.0}]
    content["copies"] |= {"synthetic_of_real": pairs, "synthetic_of_synthetic": pairs}
    page, _ = reported(tmp_path / "out", content)
    shown = re.findall('src="(data:[^"]+)" alt="" title="a.jpg"', page)
    assert len(shown) == 2 + 4 and len(set(shown)) == 1


def evil(content):
    """Puts markup into every name there is."""
    part = content["transfer"]
    for run in part["runs"]:
        run["classes"] = run["classes_ap"] = {EVIL: 0.5, ODD: 0.4}
    part["confusion"] |= {"labels": [EVIL, ODD, "background"], "matrix": [[3, 1, 0]] * 3}
    part["slices"][0]["by"], part["slices"][0]["bins"][0]["value"] = EVIL, ODD
    content["gap"][0] |= {"statistic": EVIL, "prescriptions": [{"override": ODD, "why": EVIL}]}
    content["distances"][0] |= {"name": "kid" + EVIL, "backbone": ODD, "note": EVIL}
    content["copies"]["synthetic_of_real"][0] |= {"synthetic": EVIL, "real": ODD}
    for side in ("synthetic", "real"):
        content[side]["name"] = content[side]["digest"] = EVIL + ODD
    content["command"] = content["machine"] = ODD + EVIL
    content["versions"] = {EVIL: ODD}
    return content


def test_names_are_never_markup(tmp_path, content):
    plain = Elements(reported(tmp_path / "plain", content)[0])
    folder = made_up.painted(tmp_path / "odd", 2, 90)
    (folder / "000.png").rename(folder / f"{ODD}.png")
    content["synthetic"]["folder"] = str(folder)
    page, _ = reported(tmp_path / "evil", evil(content))
    found = Elements(page)
    assert found.found.count("script") == 1 and found.attributes == plain.attributes
    assert "alert(1)" in page and EVIL not in page and "onerror='" not in page


@pytest.mark.slow
def test_opens_without_errors_and_without_a_network(browser, tmp_path, content):
    reported(tmp_path, evil(content))
    file = tmp_path / "report.html"
    assert file.stat().st_size < 2_000_000
    for width, dark in ((1280, False), (420, True)):
        browser.open(file, width, dark=dark)
        assert browser.complaints() == []
        assert browser.run("return document.documentElement.scrollWidth") <= width
    loaded = browser.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in loaded if not name.startswith("data:")] == []
    assert browser.run("return [...document.images].every(i => i.complete && i.naturalWidth > 0)")


@pytest.mark.slow
def test_a_click_selects_the_override_and_copies_it(browser, tmp_path, content):
    reported(tmp_path, content)
    browser.open(tmp_path / "report.html")
    button, code = browser.find(".copy button")[0], browser.find(".copy code")[0]
    button.click()
    assert browser.run("return String(getSelection()).trim()") == code.text
