"""The markdown is read back by a markdown parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec import convert

from simgen.evaluate.markdown import markdown
from simgen.evaluate.markdown_text import code, plain
from simgen.evaluate.results import Metrics
from tests.evaluate import made_up

READER = MarkdownIt("commonmark").enable("table")
NAMES = st.text(st.characters(exclude_categories=("Cs",)), max_size=20) | st.text("`|*<&\\[]_ ")


def rows(text):
    """Returns the cells of every table's row as plain text."""
    tokens, found = READER.parse(text), []
    for token, inside in zip(tokens, tokens[1:]):
        if token.type == "tr_open":
            found.append([])
        if token.type in ("td_open", "th_open"):
            found[-1].append("".join(child.content for child in inside.children))
    return found


def solid(text):
    """Returns a text without blanks, control characters, and `_`, which may stress a word."""
    return "".join(c for c in text if c.isprintable() and c not in " _") or "–"


def test_tables_hold_the_figures():
    found = rows(markdown(convert(made_up.metrics("a", "b"), Metrics)))
    assert found[0][:5] == ["trained on", "real", "synthetic", "seeds", "AP50"]
    table = {row[0]: row for row in found}
    assert table["kid_efficientnet_lite0"][2] == "0.0412 ± 0.0017"
    assert table["real only"][1:4] == ["200", "0", "0, 1, 2"]
    assert table["box size, octaves"][1] == "1.3"
    noted = {figure["name"]: figure["note"] for figure in made_up.metrics("a", "b")["distances"]}
    assert any(noted.values()) and all(table[name][-1] == (noted[name] or "") for name in noted)
    assert len(found) == 1 + 19 + 1 + 6 + 1 + 10 + 1 + 7 + 1 + 6


def test_categories_have_ap50_and_ap_side_by_side():
    content = made_up.metrics("a", "b")
    found = rows(markdown(convert(content, Metrics)))
    start = next(i for i, row in enumerate(found) if row[0] == "category")
    assert found[start][1:4] == ["boxes", "AP50 real only", "AP real only"]
    assert len(found[start]) == 2 + 6
    counts = content["transfer"]["confusion"]["matrix"]
    runs = [r for r in content["transfer"]["runs"] if r["training"] == "real" and r["real"] == 200]
    for i, (name, row) in enumerate(zip(made_up.CATEGORIES, found[start + 1 :])):
        assert row.pop(1) == str(sum(counts[i]))
        ap50, ap = (sorted(r[key][name] for r in runs) for key in ("classes", "classes_ap"))
        assert row[0] == name
        assert row[1] == f"{sum(ap50) / 3:.3f} ± {(ap50[2] - ap50[0]) / 2:.3f}"
        assert row[2] == f"{sum(ap) / 3:.3f} ± {(ap[2] - ap[0]) / 2:.3f}"


def test_results_of_before_ap_by_category_was_kept_still_make_a_report():
    content = made_up.metrics("a", "b")
    for run in content["transfer"]["runs"]:
        del run["classes_ap"]
    every = rows(markdown(convert(content, Metrics)))
    found = {row[0]: row for row in every if len(row) == 2 + 6}
    assert found["queen"][2] != "–" == found["queen"][3]


def test_each_figure_says_what_it_rests_on():
    text = markdown(convert(made_up.metrics("a", "b"), Metrics))
    for known in (made_up.COMMAND, made_up.SHA256[:12], "seeds 0, 1, 2", "400 synthetic, 296 real"):
        assert known in text


def test_the_transfer_table_names_its_test_and_its_seeds():
    content = made_up.metrics("a", "b")
    content["transfer"]["runs"] = [r for r in content["transfer"]["runs"] if r["seed"] != 1]
    text = markdown(convert(content, Metrics))
    before = text[: text.index("| trained on")].rstrip().rpartition("\n")[2]
    assert "tested on 96 real pictures with 171 boxes" in before and "1200 steps each" in before
    assert {row[0]: row for row in rows(text)}["real only"][3] == "0, 2"
    assert all("tested on 96" in line for line in text.splitlines() if line.startswith("- **0.7"))


def test_gaps_say_of_how_many_pictures_or_boxes_they_are():
    content = made_up.metrics("a", "b")
    content["gap"][1]["seed"] = 5
    boxes = {g["statistic"]: g for g in content["gap"]}["box_size"]
    del content["gap"][3]["of"]
    text = markdown(convert(content, Metrics))
    found = {row[0]: row[4:6] for row in rows(text) if len(row) == 7}
    assert found["statistic"] == ["N synthetic", "N real"]
    assert found["brightness, octaves"] == ["400 pictures", "296 pictures"]
    counts = [f"{boxes[side]['n']} boxes" for side in ("synthetic", "real")]
    assert found["box size, octaves"] == counts
    assert found["sharpness, octaves"][0] == f"{content['gap'][3]['synthetic']['n']} values"
    assert "pictures drawn with seed 5:" in text
    assert "drawn with" not in markdown(convert(made_up.metrics("a", "b"), Metrics))


def test_confusions_come_most_frequent_first_and_say_of_how_many():
    content = made_up.metrics("a", "b")
    matrix = [[7, 2, 1], [0, 4, 0], [0, 5, 0]]  # the last label is background
    labels = {"labels": ["a|b", "<i>", "background"], "matrix": matrix}
    content["transfer"]["confusion"] |= labels
    text = markdown(convert(content, Metrics))
    for said in ("11 of 14 boxes", "N = 19 boxes and false alarms", "score 0.310", "IoU 0.5"):
        assert said in text
    assert content["transfer"]["analysed"] in text
    found = rows(text)
    start = next(i for i, row in enumerate(found) if row[0] == "is")
    assert found[start + 1 :][:3] == [
        ["nothing", "<i>", "5", "–"],
        ["a|b", "<i>", "2", "20 %"],
        ["a|b", "nothing", "1", "10 %"],
    ]


@pytest.mark.parametrize(
    "matrix", [[], [[1]], [[1, 2, 3], [1, 2], [1, 2, 3]], [[2, 0, 0], [0, 3, 0], [0, 0, 0]]]
)
def test_confusions_that_are_none_or_damaged_have_no_table(matrix):
    content = made_up.metrics("a", "b")
    content["transfer"]["confusion"] |= {"labels": ["x", "y", "background"], "matrix": matrix}
    text = markdown(convert(content, Metrics))
    assert "is detected as" not in text
    assert ("5 of 5 boxes" in text) == (matrix[-1:] == [[0, 0, 0]])


@given(NAMES, NAMES)
def test_no_name_breaks_a_table_or_becomes_markup(coded, said):
    text = f"| a | b |\n| --- | --- |\n| {code(coded)} | {plain(said)} |\n"
    kept = [coded.replace("`", "'").replace("|", "¦") or "–", said]
    assert [solid(cell) for cell in rows(text)[1]] == [solid(cell) for cell in kept]
    kinds = {child.type for token in READER.parse(text) for child in token.children or ()}
    assert kinds <= {"text", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}
