"""What one check has found."""

from dataclasses import dataclass

OK, WARNING, FAILED, NOTE = "ok", "warning", "failed", "note"


@dataclass(frozen=True)
class Finding:
    """One row of the table.

    Attributes:
        check: what was looked at.
        state: ok; warning: the run works, but less well; failed: it would not; note: neither.
        found: what is there.
        remedy: what to do about it, '' where nothing is to be done.
        packages: of Debian and Ubuntu, that are missing.
    """

    check: str
    state: str
    found: str
    remedy: str = ""
    packages: tuple[str, ...] = ()


def graded(check: str, needed: bool, found: str, remedy: str, packages=()) -> Finding:
    """Returns what is wrong: a failure where the run needs it, else a warning."""
    return Finding(check, FAILED if needed else WARNING, found, remedy, tuple(packages))
