"""A checkup from command line to exit code."""

import sys
from collections.abc import Sequence

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from simgen.complaints import explain, is_hydras
from simgen.doctor.checkup import checkup
from simgen.doctor.child import Ask, ask
from simgen.doctor.command import HELP, Command
from simgen.doctor.exam import Exam
from simgen.doctor.finding import Finding
from simgen.doctor.show import as_json, failed, show
from simgen.errors import SimgenError

_WIDTH = 140  # columns of a table that goes into a file


def report(arguments: Sequence[str], ask: Ask = ask) -> int:
    """Prints what was found, and returns the exit code: 0 if the run would work."""
    if {"--help", "-h"} & set(arguments):
        print(HELP)
        return 0
    command = None
    try:
        command = Command.of(arguments)
        findings = _findings(Exam(command.config(), ask))
        _tell(command, findings)
        return 1 if failed(findings) else 0
    except KeyboardInterrupt:
        return _said("stopped", 130)
    except SimgenError as error:
        return _said(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        return _said(explain(error, command.overrides))
    except ValueError as error:
        if not is_hydras(error):
            raise
        return _said(explain(error, command.overrides))


def _findings(exam: Exam) -> list[Finding]:
    with Console(stderr=True).status("") as status:
        return checkup(exam, lambda name: status.update(f"checking {name}"))


def _tell(command: Command, findings: Sequence[Finding]) -> None:
    if command.json:
        print(as_json(findings))
        return
    console = Console()
    if not console.is_terminal:
        console.width = _WIDTH
    show(findings, console)


def _said(text: str, code: int = 1) -> int:
    print(f"simgen: {text}", file=sys.stderr)
    return code
