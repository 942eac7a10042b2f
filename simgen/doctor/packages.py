"""Python and its packages: the versions that simgen asks for, and whether they load."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from platform import python_version
from typing import Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import simgen
from simgen.doctor.exam import START_S, Exam
from simgen.doctor.finding import FAILED, NOTE, OK, Finding
from simgen.doctor.libraries import package_of, soname_in

_IMPORTED_AS = {"hydra-core": "hydra", "opencv-python-headless": "cv2", "PyYAML": "yaml"}
_ASKED_BY_BLENDER = {"bpy"}  # loaded by a check of its own
_INSTALL = "pip install -c constraints.txt -e ."


def python(exam: Exam) -> Iterator[Finding]:
    """The interpreter, and simgen itself."""
    here = python_version()
    wanted = _wanted_python()
    if wanted is None:
        yield Finding("simgen", FAILED, "is not installed", _INSTALL)
        return
    if wanted.contains(here, prereleases=True):
        yield Finding("python", OK, f"{here}, simgen {simgen.__version__}")
    else:
        remedy = "python3.11 -m venv .venv, then " + _INSTALL
        yield Finding("python", FAILED, f"{here}, where simgen needs {wanted}", remedy)


def packages(exam: Exam) -> Iterator[Finding]:
    """What simgen depends on: there, of a fitting version, and loading."""
    needed = _needed()
    for requirement in needed:
        here = _version(requirement.name)
        if here is None or not requirement.specifier.contains(here, prereleases=True):
            found = f"{here or 'missing'}, where simgen needs {requirement}"
            yield Finding(requirement.name, FAILED, found, _INSTALL)
    there = [each.name for each in needed if _version(each.name)]
    modules = [_module(name) for name in there if name not in _ASKED_BY_BLENDER]
    loaded = exam.ask("simgen.doctor.packages.load", START_S, modules=modules)
    broken = loaded.value or {}
    if loaded.trouble:
        remedy = "pip install --force-reinstall -c constraints.txt -e ."
        yield Finding("packages", FAILED, f"cannot be loaded: {loaded.trouble}", remedy)
    for name, reason in broken.items():
        missing = soname_in(reason)
        system = (package_of(missing),) if missing else ()
        remedy = "" if missing else f"pip install --force-reinstall -c constraints.txt {name}"
        yield Finding(name, FAILED, reason, remedy, system)
    if not broken and not loaded.trouble:
        yield Finding("packages", OK, ", ".join(f"{name} {_version(name)}" for name in there))


def extras(exam: Exam) -> Iterator[Finding]:
    """What can be installed besides, and what of it is."""
    offered = (metadata("simgen").get_all("Provides-Extra") or []) if _wanted_python() else []
    states = {name: _lacks(name) for name in offered if name != "test"}
    there = [name for name, lacks in states.items() if not lacks]
    rest = [name for name, lacks in states.items() if lacks]
    found = f"installed: {', '.join(there) or 'none'}"
    if rest:
        found += f"; not: {', '.join(rest)}"
    remedy = f'pip install -c constraints.txt -e ".[{rest[0]}]"' if rest else ""
    yield Finding("extras", NOTE, found, f"if you need them: {remedy}" if remedy else "")


def load(modules: list[str]) -> dict[str, str]:
    """Returns, by name, why modules do not load; run in a process of its own."""
    broken = {}
    for name in modules:
        try:
            import_module(name)
        except Exception as error:  # a library that is too old raises what it likes
            broken[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    return broken


@cache
def _requirements() -> tuple[Requirement, ...]:
    return tuple(Requirement(line) for line in requires("simgen") or ())


def _needed(extra: str = "") -> list[Requirement]:
    """Returns what an extra asks for, '' being simgen itself, on this Python."""
    plain = [r for r in _requirements() if not r.marker or r.marker.evaluate({"extra": ""})]
    if not extra:
        return plain
    return [r for r in _requirements() if r not in plain and r.marker.evaluate({"extra": extra})]


def _lacks(extra: str) -> bool:
    for requirement in _needed(extra):
        if requirement.name == "simgen":
            if any(_lacks(other) for other in requirement.extras):
                return True
            continue
        here = _version(requirement.name)
        if here is None or not requirement.specifier.contains(here, prereleases=True):
            return True
    return False


def _wanted_python() -> SpecifierSet | None:
    try:
        return SpecifierSet(metadata("simgen").get("Requires-Python", ""))
    except PackageNotFoundError:
        return None


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _module(name: str) -> Any:
    return _IMPORTED_AS.get(name, name.replace("-", "_"))
