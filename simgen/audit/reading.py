"""Files of a folder that may be a stranger's: read whole, within bounds, and never outside it."""

import os
import stat
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from simgen.errors import SimgenError
from simgen.machine import free_memory_gb
from simgen.scratch import inside

MAX_JSON = 1 << 36  # bytes; memory sets a nearer bound
_MAX_BYTES = 1 << 30  # of a file of one frame


class Unreadable(SimgenError):
    """A file that cannot be read or decoded; the message is one line, `file` says which it was."""

    def __init__(self, file: str, reason: str):
        super().__init__(f"{file}: {reason}")
        self.file, self.reason = file, reason


def locate(root: Path, relative: str) -> Path:
    """Returns where a file is.

    Raises:
        Unreadable: its name leads out of the folder.
    """
    parts = PurePosixPath(relative)
    if not relative.isprintable() or parts.is_absolute() or ".." in parts.parts or "\\" in relative:
        raise Unreadable(ascii(relative)[:200], "its name leads out of the folder")
    try:
        return inside(root, root / parts)
    except SimgenError as error:
        raise Unreadable(relative, "a link leads out of the folder") from error
    except (OSError, RuntimeError) as error:  # a loop of links, a name too long
        raise Unreadable(relative[:200], "its name leads nowhere") from error


def read(root: Path, relative: str, limit: int = _MAX_BYTES) -> bytes:
    """Returns a file's bytes.

    Raises:
        Unreadable: it is missing, no plain file, or larger than `limit`.
    """
    path = locate(root, relative)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # opening a pipe would wait for ever
        with open(handle, "rb") as file:
            about = os.fstat(file.fileno())
            if not stat.S_ISREG(about.st_mode):
                raise Unreadable(relative, "it is no plain file")
            if about.st_size > limit:
                raise Unreadable(relative, f"{about.st_size >> 20} MiB are too many to read")
            return file.read(about.st_size)
    except FileNotFoundError as error:
        raise Unreadable(relative, "it is missing") from error
    except OSError as error:
        raise Unreadable(relative, error.strerror or str(error)) from error


def read_json(root: Path, relative: str, kind: Any = Any) -> Any:
    """Returns a JSON file's content as `kind`; raises Unreadable.

    Parts of `kind` that are msgspec.Raw stay bytes: a file is held once, not as objects ten times
    its size.
    """
    data = read(root, relative, int(min(MAX_JSON, free_memory_gb() * (1 << 30) / 3)))
    try:
        return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=kind)
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(relative, f"no such JSON as is expected: {error}") from error
