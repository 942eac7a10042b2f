"""The page in a browser: from a file, without a network, without a complaint."""

import pytest

from simgen.report.report import as_html, report
from simgen.report.sources import Input
from tests.report.datasets import EVIL, coco_folder, painted_dataset, square

INK = """
    const canvas = document.querySelector('.tile canvas');
    const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    return pixels.filter((value, i) => i % 4 === 3 && value > 0).length;
"""


@pytest.fixture(scope="module")
def strange(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages") / "strange"
    by_picture = [[square(10, 10, 20), square(30, 20, 30, 2)]] + [[square(5, 5, 40)]] * 29
    return save(coco_folder(folder, by_picture).parent / "strange.html", folder)


def save(path, *folders):
    path.write_text(as_html([report(Input.open(folder)) for folder in folders]))
    return path


def press(browser, kind, key):
    browser.find(f'[data-kind="{kind}"][data-key="{key}"]')[0].click()


def tiles(browser):
    return [tile.text for tile in browser.find(".tile")]


def test_classes_filter_masks_toggle_and_pages_turn(browser, strange):
    browser.open(strange)
    assert len(tiles(browser)) == 24 and browser.find("#where")[0].text == "1–24 of 30"
    boxes = browser.run(INK)
    press(browser, "overlay", "masks")
    assert browser.run(INK) > boxes > 0
    press(browser, "overlay", "masks")
    assert browser.run(INK) == boxes
    browser.find("#next")[0].click()
    assert len(tiles(browser)) == 6 and browser.find("#where")[0].text == "25–30 of 30"
    assert browser.find('[data-kind="class"]')[1].text == f"{EVIL} 1"
    press(browser, "class", 1)
    assert tiles(browser) == ["1.png\n1 object"]
    press(browser, "size", 2)
    assert tiles(browser) == [] and "No picture" in browser.find(".none")[0].text
    browser.find("#clear")[0].click()
    assert len(tiles(browser)) == 24
    assert browser.run("return window.hit") is None and browser.complaints() == []


def test_a_picture_is_enlarged_with_its_objects(browser, strange):
    browser.open(strange)
    browser.find(".tile")[0].click()
    table = browser.find("dialog table")[0].text.splitlines()
    assert table == ["class x, y, w, h area visible", f"{EVIL} 30, 20, 30, 30 900",
                     "cat 10, 10, 20, 20 400"]  # fmt: skip
    browser.find("dialog header button")[1].click()
    assert browser.find("dialog header b")[0].text.startswith("2.png")
    browser.find("dialog header button")[2].click()
    assert not browser.find("dialog[open]") and browser.complaints() == []


def test_depth_and_normals_take_the_pictures_place(browser, tmp_path):
    browser.open(save(tmp_path / "painted.html", painted_dataset()))
    source = "return document.querySelector('.tile img').src"
    seen = {browser.run(source)}
    for layer in ("depth", "normals"):
        press(browser, "show", layer)
        seen.add(browser.run(source))
    assert len(seen) == 3 and all(each.startswith("data:image/jpeg;base64,") for each in seen)
    press(browser, "show", "normals")
    assert browser.run(source) in seen and browser.find('[data-key="image"][aria-pressed="true"]')
    ink = browser.run(INK)
    press(browser, "overlay", "amodal")
    assert browser.run(INK) > ink and browser.complaints() == []


@pytest.mark.parametrize("width, dark", [(1280, False), (420, True)])
def test_nothing_is_wider_than_the_screen(browser, tmp_path, strange, width, dark):
    folder = strange.with_suffix("")
    both = save(tmp_path / "both.html", painted_dataset(), folder)
    browser.open(both, width, 800, dark)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    back = browser.run("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, back[4:-1].split(","))) < 150) == dark
    names = [each.text for each in browser.find(".shelf h3")]
    assert names == ["painted", "strange"] and browser.complaints() == []
