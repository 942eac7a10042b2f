"""What a check says: how many things it looked at, how far off the worst was, what is wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        check: the name of the check that found it.
        severity: 'error', or 'warning' for what a good dataset may have too.
        file: path inside the folder, '' where it is of no one file.
        frame: number of the frame, or id of the image in a COCO file.
        instance: id of the object in the frame, or of the annotation in a COCO file.
    """

    check: str
    severity: str
    file: str
    frame: Any
    instance: Any
    expected: Any
    found: Any
    message: str


class Case(NamedTuple):
    """One thing that a check looked at, or several that are all right.

    Attributes:
        off: how far from right, in the check's unit.
        file: which file is meant, where it is not the one that the check is about.
    """

    right: bool
    message: str = ""
    instance: Any = None
    expected: Any = None
    found: Any = None
    off: float = 0.0
    severity: str = ERROR
    file: str | None = None
    frame: Any = None
    count: int = 1


def fine(count: int, off: float = 0.0) -> Case:
    """Returns the case of `count` things that are right, the worst of them by `off`."""
    return Case(True, count=count, off=off)


def wrong(message: str, **about: Any) -> Case:
    """Returns the case of one thing that is wrong."""
    return Case(False, message, **about)


def compare(
    ids: Sequence[Any],
    expected: Any,
    found: Any,
    message: str,
    tolerance: float | np.ndarray = 0.0,
    **about: Any,
) -> Iterator[Case]:
    """Yields the cases of numbers that should be the same.

    Args:
        ids: N instances.
        expected, found: (N,) or (N, ...).
        message: what is off, with fields for {expected}, {found} and {off}.
        tolerance: largest difference that is right; one, or one for each instance.
    """
    if not len(ids):
        return
    expected, found = np.asarray(expected, float), np.asarray(found, float)
    with np.errstate(invalid="ignore"):
        off = np.abs(found - expected).reshape(len(ids), -1).max(1)
        right = off <= tolerance  # nan is not
    yield fine(int(right.sum()), float(off[right].max(initial=0.0)))
    for i in np.flatnonzero(~right):
        values = {"expected": _plain(expected[i]), "found": _plain(found[i])}
        text = message.format(**values, off=f"{off[i]:.6g}")
        yield wrong(text, instance=ids[i], off=float(off[i]), **values, **about)


def _plain(value: np.ndarray) -> Any:
    """Returns plain numbers, whole ones without a point, none with digits that say nothing."""
    if value.ndim:
        return [_plain(item) for item in value]
    number = float(value)
    return int(number) if number.is_integer() else float(f"{number:.7g}")


@dataclass(frozen=True)
class Check:
    """A question put to each frame, to what was noted of all of them, or to the folder.

    Attributes:
        name: in reports.
        proves: what holds where it finds nothing, in one line.
        needs: what a frame, or the folder, must have for it to be asked; see NEEDS.
        look: (frame or folder) -> cases; or, with `conclude`, what is to be kept of the frame.
        conclude: [(frame's number, kept), ...] -> cases, once for all frames.
        unit: of `off`.
        meshes: it rebuilds the objects' meshes, which takes longer.
        whole: it is about the folder, not a frame.
    """

    name: str
    proves: str
    needs: tuple[str, ...]
    look: Callable[[Any], Any]
    file: str
    conclude: Callable[[Sequence[Any]], Iterable[Case]] | None = None
    unit: str = ""
    meshes: bool = False
    whole: bool = False


def check(
    *needs: str, file: str = "record", **about: Any
) -> Callable[[Callable[[Any], Any]], Check]:
    """Turns a function into the check of its name; its docstring says what the check proves.

    Args:
        needs, about: see Check.
        file: the layer that a finding is about.
    """

    def made(look: Callable[[Any], Any]) -> Check:
        proves = look.__doc__.splitlines()[0].rstrip(".")
        return Check(look.__name__, proves, needs, look, file, **about)

    return made


@dataclass
class Outcome:
    """What one check found so far.

    Attributes:
        cases: things looked at; `frames`: in how many frames.
        lacking: frames in which it could not be asked, by what they lack.
        worst: largest `off`, of right and wrong ones.
        findings: the first of them; `errors`, `warnings` count all.
    """

    cases: int = 0
    frames: int = 0
    worst: float = 0.0
    errors: int = 0
    warnings: int = 0
    lacking: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
