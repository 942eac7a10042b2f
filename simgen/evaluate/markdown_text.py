"""Pieces of markdown: any text as code or as itself, and tables."""

from collections.abc import Iterable, Sequence

_MARKUP = frozenset("\\`*[]<>|&~")


def code(text: str) -> str:
    """Returns any text as a code span that a table's cell can hold: nothing in it is markup."""
    shown = printable(text).replace("`", "'").replace("|", "¦")
    return f"`{shown}`" if shown.strip() else "–"


def plain(text: str) -> str:
    """Returns a text as itself: what would be markup or HTML in it is escaped."""
    return "".join(f"\\{c}" if c in _MARKUP else c for c in printable(text))


def printable(text: str) -> str:
    """Returns the text on one line."""
    return "".join(c if c.isprintable() else " " for c in text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table of cells that are markdown already; all but the first column are numbers."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))
