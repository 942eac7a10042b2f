"""The folder that an export goes into: new, or one that the same export was begun in."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from simgen.errors import SimgenError
from simgen.export.journal import STATE
from simgen.scratch import FOLDER, clear_stale, explained, inside, replace_file

_PLAN = f"{STATE}/plan.json"
_UNSET = "not set"


@contextmanager
def opened(out: Path, dataset: Path, plan: Mapping[str, Any]) -> Iterator[None]:
    """Makes the folder, or continues in it, and keeps others from writing to it meanwhile.

    Args:
        plan: what decides an export's bytes, by name.

    Raises:
        SimgenError: the folder holds other things, or another export, or one is being written; or
            it lies in the dataset.
    """
    if out.resolve().is_relative_to(dataset.resolve()):
        raise SimgenError(f"out={out} lies in the dataset's folder: choose one outside of it")
    with explained(out, "the folder"):
        out.mkdir(parents=True, exist_ok=True)
        strangers = sorted({entry.name for entry in out.iterdir()} - {STATE, FOLDER})
    if strangers and not (out / _PLAN).is_file():
        raise SimgenError(
            f"out={out} is not empty and holds no export ({strangers[0]!r} is there); choose "
            f"another out="
        )
    inside(out, out / STATE)
    with explained(out, STATE):
        (out / STATE).mkdir(exist_ok=True)
    with _locked(out):
        clear_stale(out)
        if (out / _PLAN).is_file():
            _require_same(_read(out), plan, out)
        else:
            replace_file(out, _PLAN, [msgspec.json.format(msgspec.json.encode(plan)) + b"\n"])
        yield


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    handle = os.open(out / STATE, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise SimgenError(
            f"out={out}: another export is writing to it: wait for its end"
        ) from error
    except OSError:  # a file system without locks
        pass
    try:
        yield
    finally:
        os.close(handle)


def _read(out: Path) -> dict[str, Any]:
    try:
        return msgspec.json.decode((out / _PLAN).read_bytes(), type=dict[str, Any])
    except (OSError, ValueError) as error:
        raise SimgenError(f"out={out}: {_PLAN} is damaged: choose another out=") from error


def _require_same(there: Mapping[str, Any], plan: Mapping[str, Any], out: Path) -> None:
    now = msgspec.json.decode(msgspec.json.encode(plan))
    keys = [k for k in {**there, **now} if there.get(k, _UNSET) != now.get(k, _UNSET)]
    if keys:
        shown = [f"{k} ({there.get(k, _UNSET)} there, {now.get(k, _UNSET)} now)" for k in keys[:3]]
        more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
        raise SimgenError(
            f"out={out} holds an export of other settings: {', '.join(shown)}{more}; choose "
            f"another out="
        )
