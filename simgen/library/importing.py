"""Blender in a process of its own, which imports files: it may crash, hang or take too much."""

import json
import os
import resource
import subprocess
import sys
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
from typing import Any

from simgen.errors import SimgenError
from simgen.library.manifest import NAME, Limits

_CHILD = (sys.executable, "-m", "simgen.blender.importer")
_START_S = 60.0  # for Blender to start, beside what a job may take
_END_S = 3.0  # for a process to end that has said its last


class Importer:
    """One process at a time, started when there is something to do, and anew after it broke."""

    def __init__(self, limits: Limits):
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Importer":
        return self

    def __exit__(self, *_: Any) -> None:
        if self._process:
            with suppress(OSError):
                self._process.stdin.close()
            self._end()

    def do(self, job: dict[str, Any]) -> dict[str, Any]:
        """Returns the answer to a job (see simgen/blender/importer.py).

        Raises:
            SimgenError: it could not be done, or took too much.
        """
        patience = self.limits.seconds + (_START_S if self._process is None else 0)
        self._process = self._process or self._start()
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
            line = self._line(patience)
        except OSError:
            line = b""
        if not line:
            code = self._end()
            raise SimgenError(self._how_it_broke(code))
        answer = json.loads(line)
        if "error" in answer:
            raise SimgenError(answer["error"])
        return answer

    def _start(self) -> subprocess.Popen[bytes]:
        most = int(self.limits.memory_gb * 2**30)
        return subprocess.Popen(
            _CHILD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"OPENBLAS_NUM_THREADS": "1", **os.environ},  # or each core takes address space
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)),
        )

    def _line(self, seconds: float) -> bytes:
        """Returns the next line of the process, b'' where it has ended or says nothing in time."""
        with DefaultSelector() as selector:
            selector.register(self._process.stdout, EVENT_READ)
            return self._process.stdout.readline() if selector.select(seconds) else b""

    def _end(self) -> int | None:
        """Ends the process; returns its exit code, None if it was still running."""
        process, self._process = self._process, None
        code = process.poll()
        if code is None:
            with suppress(subprocess.TimeoutExpired):
                code = process.wait(_END_S)
        process.kill()
        process.wait()
        return code

    def _how_it_broke(self, code: int | None) -> str:
        if code is None:
            more = f"limits: {{seconds: {4 * self.limits.seconds:g}}}"
            return (
                f"Blender did not import it within {self.limits.seconds:g} s; if it is sound, "
                f"allow more in {NAME}: {more}"
            )
        more = f"limits: {{memory_gb: {2 * self.limits.memory_gb:g}}}"
        return (
            f"Blender broke down over it (exit code {code}): it is damaged, or needs more than "
            f"{self.limits.memory_gb:g} GB, of which {NAME} can allow more: {more}"
        )
