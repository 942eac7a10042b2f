"""What an audit said of the folder, and whether its files are still those that it saw."""

from dataclasses import dataclass
from hashlib import file_digest, sha256
from typing import Any

import msgspec

from simgen.audit.folder import CERTIFICATE, REPORT
from simgen.audit.reading import Unreadable, locate, read_json
from simgen.dataset import CARD
from simgen.report.sources import Input


class _Check(msgspec.Struct):
    check: str
    proves: str = ""
    looked_at: int = 0
    worst: float | None = None
    unit: str | None = None
    errors: int = 0
    warnings: int = 0


class _Finding(msgspec.Struct):
    check: str = ""
    severity: str = ""
    message: str = ""
    file: Any = None
    frame: Any = None


class _Audit(msgspec.Struct):
    verdict: str
    errors: int
    warnings: int
    frames: int
    digest: str
    checks: list[_Check] = []
    findings: list[_Finding] = []
    annotations: str = ""


@dataclass(frozen=True)
class Verdict:
    """An audit's result.

    Attributes:
        said: what audit.json or certificate.json holds; None where there is neither.
        current: whether the files are the same as then.
        problem: why it cannot be read, '' if it can.
    """

    said: _Audit | None = None
    current: bool = False
    problem: str = ""


def verdict(given: Input, stands: list[tuple[str, str]]) -> Verdict:
    """Returns what there is of an audit.

    Args:
        stands: path and SHA-256 of each frame's record or picture, as they are now.
    """
    for name in (REPORT, CERTIFICATE):  # of which the first says more
        if not (given.root / name).exists():
            continue
        try:
            said = read_json(given.root, name, _Audit)
            return Verdict(said, said.digest == _digest(given, said, stands))
        except Unreadable as error:
            return Verdict(problem=str(error))
    return Verdict()


def _digest(given: Input, said: _Audit, stands: list[tuple[str, str]]) -> str:
    """Returns what the audit's digest would be today; see `digest_of` in certificate.json."""
    heads = [CARD if given.card else "", said.annotations]
    now = [*stands, *((path, _sha256(given, path)) for path in heads if path)]
    lines = sorted(f"{digest}  {path}\n" for path, digest in now if digest)
    return sha256("".join(lines).encode()).hexdigest()


def _sha256(given: Input, path: str) -> str:
    try:
        with open(locate(given.root, path), "rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Unreadable(path, error.strerror or "it cannot be read") from error
