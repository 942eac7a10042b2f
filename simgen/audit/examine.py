"""Every check put to one frame, and what was found added up over all frames."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import cv2

from simgen.audit.finding import ERROR, WARNING, Case, Check, Finding, Outcome, wrong
from simgen.audit.frame import NEEDS, Frame
from simgen.audit.reading import Unreadable
from simgen.audit.source import Source, Task

log = logging.getLogger(__name__)
KEPT = 100  # findings of each check; all are counted
READABLE = "readable"  # the check that every other one carries out by reading


@dataclass(frozen=True)
class Seen:
    """What was found in one frame.

    Attributes:
        outcomes: by name of the check.
        notes: what checks that conclude over all frames keep of this one, by name.
        stands: path and SHA-256 of the file that stands for the frame.
    """

    number: Any
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    notes: dict[str, Any] = field(default_factory=dict)
    stands: tuple[str, str] = ("", "")


def examine(source: Source, checks: Iterable[Check], task: Task) -> Seen:
    """Returns what the checks of a frame say, on one core."""
    cv2.setNumThreads(1)
    with decoders_silenced():
        try:
            frame, stands = source.frame(task)
        except Unreadable as error:
            case = wrong(error.reason, file=error.file)
            return Seen(task.number, {READABLE: tally(READABLE, task.number, "", [case])})
        seen = Seen(task.number, stands=stands)
        for each in checks:
            _put(each, frame, seen)
        told = seen.outcomes.setdefault(READABLE, Outcome(frames=1))
        told.cases += frame.layers.count
        return seen


def _put(each: Check, frame: Frame, seen: Seen) -> None:
    """Puts one check to a frame; one that cannot read its file leaves that to `readable`."""
    try:
        lacking = next((need for need in each.needs if not frame.has(need)), None)
        if lacking:
            seen.outcomes[each.name] = Outcome(lacking={NEEDS[lacking]: 1})
        elif each.conclude:
            seen.notes[each.name] = each.look(frame)
        else:
            file = frame.file(each.file)
            seen.outcomes[each.name] = tally(each.name, frame.number, file, each.look(frame))
    except Unreadable as error:
        seen.outcomes[each.name] = Outcome(lacking={"a file that cannot be read": 1})
        case = wrong(error.reason, file=error.file)
        told = seen.outcomes.setdefault(READABLE, Outcome())
        if error.file not in {finding.file for finding in told.findings}:
            merge(told, tally(READABLE, frame.number, "", [case]))
    except Exception as error:  # one odd frame of a stranger's must not end the audit, nor pass
        file = frame.file(each.file)
        seen.outcomes[each.name] = failed(each, frame.number, file, error)


def failed(each: Check, number: Any, file: str, error: Exception) -> Outcome:
    """Returns what a check that an odd value ended says."""
    log.debug("%s at frame %s", each.name, number, exc_info=error)
    reason = (str(error).splitlines() or [""])[0][:200]
    case = wrong(f"the check cannot be carried out: {type(error).__name__}: {reason}")
    return tally(each.name, number, file, [case])


def tally(name: str, number: Any, file: str, cases: Iterable[Case]) -> Outcome:
    """Returns the cases of one check added up."""
    outcome = Outcome(frames=1)
    for case in cases:
        outcome.cases += case.count
        outcome.worst = max(outcome.worst, case.off)
        if case.right:
            continue
        outcome.errors += case.severity == ERROR
        outcome.warnings += case.severity == WARNING
        if len(outcome.findings) < KEPT:
            outcome.findings.append(_finding(name, number, file, case))
    return outcome


def _finding(name: str, number: Any, file: str, case: Case) -> Finding:
    return Finding(
        check=name,
        severity=case.severity,
        file=case.file if case.file is not None else file,
        frame=number if case.frame is None else case.frame,
        instance=case.instance,
        expected=case.expected,
        found=case.found,
        message=case.message,
    )


def merge(into: Outcome, more: Outcome) -> None:
    """Adds what was found elsewhere."""
    into.cases += more.cases
    into.frames += more.frames
    into.worst = max(into.worst, more.worst)
    into.errors += more.errors
    into.warnings += more.warnings
    into.findings += more.findings[: KEPT - len(into.findings)]
    for reason, frames in more.lacking.items():
        into.lacking[reason] = into.lacking.get(reason, 0) + frames


@contextmanager
def decoders_silenced() -> Iterator[None]:
    """Keeps off the screen what image libraries say of damaged files: findings say it."""
    sys.stderr.flush()
    try:
        saved = os.dup(2)
    except OSError:  # a service without one
        yield
        return
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
