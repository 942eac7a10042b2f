"""Libraries of the system that Blender is linked to, and the packages that bring them."""

import re
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from simgen.doctor.exam import Exam
from simgen.doctor.finding import FAILED, NOTE, OK, Finding

_MISSING = re.compile(r"^\s*(\S+) => not found", re.M)
_SONAME = re.compile(r"(lib[\w+.-]+\.so[\d.]*): cannot open shared object file")
_OF_LIBC = {"libc", "libm", "libdl", "libpthread", "librt", "libutil"}
_LDD_S = 60


def libraries(exam: Exam) -> Iterator[Finding]:
    """What the loader does not find for Blender's module."""
    module = blenders_module()
    if module is None:
        return  # that bpy is missing is told among the packages
    missing = missing_libraries(module)
    if missing is None:
        yield Finding("system libraries", NOTE, "ldd does not tell; see blender")
    elif missing:
        names = tuple(dict.fromkeys(package_of(name) for name in missing))
        yield Finding("system libraries", FAILED, f"missing: {', '.join(missing)}", "", names)
    else:
        yield Finding("system libraries", OK, "all that Blender is linked to")


def blenders_module() -> Path | None:
    """Returns the shared object that `import bpy` loads."""
    spec = find_spec("bpy")
    return Path(spec.origin) if spec and spec.origin else None


def missing_libraries(module: Path) -> list[str] | None:
    """Returns the sonames that a shared object asks for in vain; None: ldd does not say."""
    try:
        told = subprocess.run(
            ["ldd", str(module)], capture_output=True, text=True, timeout=_LDD_S, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return sorted(set(_MISSING.findall(told.stdout))) if told.returncode == 0 else None


def soname_in(text: str) -> str:
    """Returns the library that an ImportError misses, '' if it is about something else."""
    found = _SONAME.search(text)
    return found[1] if found else ""


def package_of(soname: str) -> str:
    """Returns the Debian package of a shared library, which is named after it.

    Debian Policy 8.1: the name, then the version, with a hyphen between two digits, in lower case
    (https://www.debian.org/doc/debian-policy/ch-sharedlibs.html).
    """
    name, _, number = soname.partition(".so")
    number = number.strip(".")
    if name in _OF_LIBC:
        return "libc6"
    hyphen = "-" if number and name[-1:].isdigit() else ""
    return f"{name}{hyphen}{number}".lower().replace("_", "-")
