"""Questions answered by a process of their own: what crashes or hangs there is a finding here."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from simgen.errors import SimgenError

_SAID = 300  # characters of what a process said last


@dataclass(frozen=True)
class Answer:
    """What a process has told.

    Attributes:
        value: its answer; None where there is none.
        trouble: why there is none, in one line.
        signal: that ended it, 0 for none.
    """

    value: Any = None
    trouble: str = ""
    signal: int = 0


Ask = Callable[..., Answer]


def ask(question: str, seconds: float, /, **arguments: Any) -> Answer:
    """Returns what a function of this package answers in a new process.

    Args:
        question: 'simgen.module.function'; it takes and returns what JSON can hold.
        seconds: after which the process is killed.
    """
    command = [sys.executable, "-m", "simgen.doctor.child", question]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # so that it ends with all that it started
    ) as child:
        try:
            said, _ = child.communicate(json.dumps(arguments).encode(), timeout=seconds)
        except subprocess.TimeoutExpired:
            return Answer(trouble=f"no answer within {seconds:g} s")
        finally:
            with suppress(ProcessLookupError, PermissionError):  # gone already
                os.killpg(child.pid, signal.SIGKILL)
    return _understood(said.decode(errors="replace"), child.returncode)


def _understood(said: str, code: int) -> Answer:
    lines = [line.strip() for line in said.splitlines() if line.strip()] or [""]
    if code < 0:
        return Answer(trouble=f"the process crashed ({_name(-code)})", signal=-code)
    try:
        reply = json.loads(lines[-1])
        return Answer(reply["value"], reply["trouble"])
    except (ValueError, TypeError, KeyError):
        return Answer(trouble=f"exit code {code}: {lines[-1][:_SAID]}")


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def answer(question: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Returns what the process is to print: the value, or what stood in its way."""
    module, _, function = question.rpartition(".")
    try:
        return {"value": getattr(import_module(module), function)(**arguments), "trouble": ""}
    except SimgenError as error:
        return {"value": None, "trouble": str(error)}
    except Exception as error:  # whatever it is, it is what was asked for
        return {"value": None, "trouble": f"{type(error).__name__}: {error}".splitlines()[0]}


def main() -> None:
    """Answers one question: named on the command line, its arguments on stdin."""
    reply = json.dumps(answer(sys.argv[1], json.load(sys.stdin)))
    sys.stdout.write(f"\n{reply}\n")
    sys.stdout.flush()
    os._exit(0)  # Blender's tear-down hangs while a thread lives


if __name__ == "__main__":
    main()
