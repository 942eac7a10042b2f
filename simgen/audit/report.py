"""An audit's result: a short verdict for people, audit.json and certificate.json for programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from simgen.audit.audit import Audit
from simgen.audit.checks import catalogue
from simgen.audit.examine import READABLE
from simgen.audit.finding import Check, Finding, Outcome
from simgen.audit.folder import CERTIFICATE, REPORT
from simgen.machine import versions
from simgen.scratch import replace_file

MOST_NAMED = 8  # checks that cannot be carried out for one reason; all are in the certificate
SHOWN = 3  # findings of each check; all kept ones are in audit.json
_READABLE = Check(READABLE, "Every file that is needed can be read and decoded", (), None, "")


def verdict(audit: Audit) -> str:
    """Returns 'passed', 'failed', or 'nothing checked'."""
    if audit.errors:
        return "failed"
    looked = any(outcome.cases for outcome in audit.outcomes.values())
    return "passed" if looked else "nothing checked"


def as_text(audit: Audit) -> Iterator[Table | Text]:
    """Yields what is printed."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name, justify in (("check", "left"), ("looked at", "right"), ("worst", "right"),
                          ("errors", "right"), ("warnings", "right")):  # fmt: skip
        table.add_column(name, justify=justify)
    for name, outcome in audit.outcomes.items():
        if outcome.cases:
            style = "red" if outcome.errors else "yellow" if outcome.warnings else ""
            table.add_row(*_row(name, outcome), style=style)
    if table.row_count:
        yield table
    yield from map(Text, [*_findings(audit), *_unchecked(audit), _last_line(audit)])


def _row(name: str, outcome: Outcome) -> tuple[str, ...]:
    unit = _about(name).unit
    worst = f"{outcome.worst:.3g} {unit}" if unit else ""
    return name, f"{outcome.cases}", worst, str(outcome.errors or ""), str(outcome.warnings or "")


def _findings(audit: Audit) -> Iterator[str]:
    for name, outcome in audit.outcomes.items():
        for finding in outcome.findings[:SHOWN]:
            yield one_line(finding)
        more = outcome.errors + outcome.warnings - SHOWN
        if more > 0:
            yield f"  ... and {more} more of {name}"


def one_line(finding: Finding) -> str:
    """Returns a finding as it is printed."""
    instance = "" if finding.instance is None else f", object {finding.instance}"
    where = finding.file or (f"frame {finding.frame}" if finding.frame is not None else "dataset")
    line = f"{finding.severity} {finding.check}: {where}{instance}: {finding.message}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def _unchecked(audit: Audit) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for name, outcome in audit.outcomes.items():
        for reason, frames in outcome.lacking.items():
            part = "" if frames >= audit.frames else f" in {frames} of {audit.frames} frames"
            reasons.setdefault(f"{reason}{part}", []).append(name)
    if reasons:
        parts = (f"{_some(names)} ({reason})" for reason, names in reasons.items())
        yield f"not checked: {'; '.join(parts)}"


def _some(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _last_line(audit: Audit) -> str:
    cases = sum(outcome.cases for outcome in audit.outcomes.values())
    asked = sum(outcome.cases > 0 for outcome in audit.outcomes.values())
    return (
        f"{verdict(audit)}: {audit.frames} frames, {asked} checks, {cases} things looked at, "
        f"{audit.errors} errors, {audit.warnings} warnings"
    )


def write(audit: Audit, folder: Path) -> None:
    """Writes audit.json and certificate.json; raises SimgenError if the folder refuses."""
    findings = [found for outcome in audit.outcomes.values() for found in outcome.findings]
    report = {**certificate(audit), "findings": findings}
    replace_file(folder, REPORT, [_json(report)])
    replace_file(folder, CERTIFICATE, [_json(certificate(audit))])


def certificate(audit: Audit) -> dict[str, Any]:
    """Returns what was checked, how often and with which worst figure: the same for the same files.

    It bears no date: `digest` says which files it is about.
    """
    source = audit.folder.source
    return {
        "verdict": verdict(audit),
        "errors": audit.errors,
        "warnings": audit.warnings,
        "frames": audit.frames,
        "annotations": source.annotations,
        "files": audit.files,
        "digest": audit.digest,
        "digest_of": "SHA-256 of the lines '<SHA-256>  <path>', sorted, of dataset.json, the "
        "annotation file and each frame's record, or its image where there are no records; a "
        "record holds the SHA-256 of its frame's other files",
        "versions": versions(),
        "checks": [_entry(name, outcome) for name, outcome in audit.outcomes.items()],
    }


def _entry(name: str, outcome: Outcome) -> dict[str, Any]:
    about = _about(name)
    return {
        "check": name,
        "proves": about.proves,
        "looked_at": outcome.cases,
        "frames": outcome.frames,
        "worst": outcome.worst if about.unit else None,
        "unit": about.unit or None,
        "errors": outcome.errors,
        "warnings": outcome.warnings,
        "not_checked": outcome.lacking,
    }


def _about(name: str) -> Check:
    return next((each for each in catalogue() if each.name == name), _READABLE)


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2) + b"\n"


def show(audit: Audit, console: Console) -> None:
    """Prints the verdict."""
    for part in as_text(audit):
        console.print(part, soft_wrap=isinstance(part, Text))
