"""The markdown is read back by a markdown parser."""

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec import convert

from simgen.evaluate.markdown import code, markdown, plain
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
    assert table["real only"][1:4] == ["200", "0", "3"]
    assert table["box size, octaves"][1] == "1.3"
    noted = {figure["name"]: figure["note"] for figure in made_up.metrics("a", "b")["distances"]}
    assert any(noted.values()) and all(table[name][-1] == (noted[name] or "") for name in noted)
    assert len(found) == 1 + 19 + 1 + 7 + 1 + 6


def test_each_figure_says_what_it_rests_on():
    text = markdown(convert(made_up.metrics("a", "b"), Metrics))
    for known in (made_up.COMMAND, made_up.SHA256[:12], "seeds 0, 1, 2", "400 synthetic, 296 real"):
        assert known in text


@given(NAMES, NAMES)
def test_no_name_breaks_a_table_or_becomes_markup(coded, said):
    text = f"| a | b |\n| --- | --- |\n| {code(coded)} | {plain(said)} |\n"
    kept = [coded.replace("`", "'").replace("|", "¦") or "–", said]
    assert [solid(cell) for cell in rows(text)[1]] == [solid(cell) for cell in kept]
    kinds = {child.type for token in READER.parse(text) for child in token.children or ()}
    assert kinds <= {"text", "code_inline", "em_open", "em_close", "strong_open", "strong_close"}
