"""Findings as a table, and as data."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from simgen.doctor.finding import FAILED, NOTE, OK, WARNING, Finding

_COLORS = {OK: "green", WARNING: "yellow", FAILED: "red", NOTE: "dim"}


def show(findings: Sequence[Finding], console: Console) -> None:
    """Prints a row for each, one line that installs what is missing, and the verdict."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("check", "", "found", "remedy"):
        table.add_column(name, overflow="fold")
    for each in findings:
        state = Text(each.state, _COLORS[each.state])
        table.add_row(Text(each.check), state, Text(each.found), Text(each.remedy or _line(each)))
    console.print(table)
    if line := apt_line(findings):
        console.print(f"install what is missing: [bold]{escape(line)}[/]", soft_wrap=True)
    console.print(verdict(findings), soft_wrap=True)


def as_json(findings: Sequence[Finding]) -> str:
    """Returns the same as data."""
    return json.dumps(
        {
            "ok": not failed(findings),
            "verdict": verdict(findings),
            "install": apt_line(findings),
            "findings": [asdict(each) for each in findings],
        },
        indent=2,
    )


def failed(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Returns the checks without which the run would fail."""
    return tuple(dict.fromkeys(each.check for each in findings if each.state == FAILED))


def verdict(findings: Sequence[Finding]) -> str:
    """Returns one line on all of them."""
    if names := failed(findings):
        return f"the run would fail: {', '.join(names)}"
    warnings = sum(each.state == WARNING for each in findings)
    told = f", with {warnings} warning{'s' * (warnings > 1)}" if warnings else ""
    return f"the run would work{told}"


def apt_line(findings: Iterable[Finding]) -> str:
    """Returns the command that installs all missing packages of the system, '' if none is."""
    packages = sorted({name for each in findings for name in each.packages})
    return " ".join(("apt-get install -y --no-install-recommends", *packages)) if packages else ""


def _line(finding: Finding) -> str:
    return f"install {' '.join(finding.packages)}" if finding.packages else ""
