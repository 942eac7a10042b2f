"""May it be trusted, and may it be used: the audit's verdict and the licences."""

from collections.abc import Iterable, Mapping

from simgen.report.axes import number
from simgen.report.licences import Licence
from simgen.report.page import escape
from simgen.report.parts import section, table
from simgen.report.verdict import Verdict

_FINDINGS = 20


def audit_section(of: Mapping[str, Verdict]) -> str:
    """Returns the section for one dataset or two, by name."""
    parts = []
    for name, verdict in of.items():
        head = f"<h3>{escape(name)}</h3>" if len(of) > 1 else ""
        parts.append(f'<div class="card">{head}{_verdict(verdict)}</div>')
    return section("audit", "Audit", "<br>".join(parts))


def verdict_line(verdict: Verdict) -> tuple[str, str]:
    """Returns a verdict in a few words, and the class of the look it has."""
    if verdict.problem:
        return f"unreadable: {verdict.problem}", "bad"
    if verdict.said is None:
        return "not audited", ""
    if not verdict.current:
        return f"{verdict.said.verdict}, but files have changed since", "bad"
    return verdict.said.verdict, "good" if verdict.said.verdict == "passed" else "bad"


def _verdict(verdict: Verdict) -> str:
    line, kind = verdict_line(verdict)
    said = verdict.said
    if said is None:
        advice = (
            ""
            if verdict.problem
            else ": python -m simgen.audit FOLDER holds labels and pictures against each other"
        )
        return f'<p class="{kind}">{escape(line)}{advice}</p>'
    head = (
        f'<p><b class="{kind}">{escape(line)}</b> <span class="muted">{said.frames:,} frames, '
        f"{said.errors:,} errors, {said.warnings:,} warnings, digest {escape(said.digest[:16])}"
        "</span></p>"
    )
    return head + _findings(verdict) + _checks(verdict)


def _findings(verdict: Verdict) -> str:
    found = verdict.said.findings
    if not found:
        return ""
    rows = [(f.severity, f.check, f.file or f"frame {f.frame}", f.message)
            for f in found[:_FINDINGS]]  # fmt: skip
    more = len(found) - _FINDINGS
    note = f'<p class="muted">and {more:,} more in audit.json</p>' if more > 0 else ""
    return table(("", "check", "where", "finding"), rows) + note


def _checks(verdict: Verdict) -> str:
    asked = [check for check in verdict.said.checks if check.looked_at]
    rows = [
        (check.proves or check.check, f"{check.looked_at:,}",
         f"{number(check.worst)} {check.unit or ''}" if check.worst is not None else "",
         check.errors or "", check.warnings or "")
        for check in asked
    ]  # fmt: skip
    inside = table(("what was checked", "cases", "worst", "errors", "warnings"), rows, (1, 3, 4))
    return f"<details><summary>{len(asked)} checks</summary>{inside}</details>"


def licence_section(of: Mapping[str, Iterable[Licence]]) -> str:
    """Returns the section for one dataset or two, by name; flagged licences stand first."""
    parts = []
    for name, licences in of.items():
        head = f"<h3>{escape(name)}</h3>" if len(of) > 1 else ""
        rows = [(each.flag, each.licence, each.told, each.source) for each in licences]
        inside = table(("", "licence", "of", "source"), rows)
        parts.append(f'<div class="card">{head}{inside}</div>')
    return section("licences", "Licences", "<br>".join(parts))
