"""Pieces that every section of the report has: how to read it, what it rests on."""

from simgen.report.page import escape


def section(title: str, how_to_read: str, inside: str, *sources: str) -> str:
    """Returns a section; `inside` is HTML, all else plain text."""
    return f"<h2>{escape(title)}</h2>{read(how_to_read)}{inside}{rests_on(*sources)}"


def read(how: str) -> str:
    """Returns the text that says how to read what follows."""
    return f'<p class="read">{escape(how)}</p>'


def missing(title: str, why: str) -> str:
    """Returns a section that says why there is nothing to show."""
    return f'<h2>{escape(title)}</h2><p class="note">{escape(why)}</p>'


def rests_on(*sources: str) -> str:
    """Returns the small line below figures: what they were computed from."""
    said = " · ".join(filter(None, sources))
    return f'<p class="source">{escape(said)}</p>' if said else ""


def copyable(line: str) -> str:
    """Returns a line to be copied, by its button or by one click into it."""
    return f'<div class="copy"><code>{escape(line)}</code><button type="button">copy</button></div>'
