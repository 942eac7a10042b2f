"""Kinds of label lie, each a function that tells it in a copy of a good dataset.

Most are told as a clever forger, or a plain bug in a generator, would: checksums are right, and all
that follows from the lie follows it. `@lie(checks)` names checks of which each must find it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.audit.forgery import SIZE, Copy

WIDTH, HEIGHT = SIZE


@dataclass(frozen=True)
class Lie:
    """A lie and the checks that must find it; `late` ones are told after the files were made."""

    tell: Callable[[Copy], None]
    checks: tuple[str, ...]
    late: bool


LIES: dict[str, Lie] = {}


def lie(*checks: str, late: bool = False):
    def listed(tell: Callable[[Copy], None]) -> Callable[[Copy], None]:
        assert tell.__name__ not in LIES
        LIES[tell.__name__] = Lie(tell, checks, late)
        return tell

    return listed


def biggest(copy: Copy, frame: int, nth: int = 0) -> int:
    """Returns the id of the nth largest object."""
    order = sorted(copy.labels(frame), key=lambda label: -label["area"])
    return order[nth]["id"]


def half_hidden(copy: Copy, frame: int) -> int:
    """Returns the largest object of which a good part is hidden."""
    hidden = (label for label in copy.labels(frame) if 0.2 < label["visible_fraction"] < 0.8)
    return max(hidden, key=lambda label: label["amodal_area"])["id"]
