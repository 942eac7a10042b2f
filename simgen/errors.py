"""Errors a user can mend: their text is the one line that is printed."""

from collections.abc import Iterable
from difflib import get_close_matches


class SimgenError(Exception):
    """Something the user can put right; the message names the field, the value and the remedy."""


class ProposalRejected(SimgenError):
    """A sampled scene that cannot be used: drawn again from the next attempt's streams."""


class Interrupted(SimgenError):
    """A run that was asked to stop.

    Attributes:
        exit_code: what a shell expects of it, 128 + the signal's number.
    """

    def __init__(self, message: str, signal_number: int):
        super().__init__(message)
        self.exit_code = 128 + signal_number


def did_you_mean(word: str, choices: Iterable[str], cutoff: float = 0.5) -> str:
    """Returns the tail of an error message: the nearest choice, or all of them."""
    choices = sorted(choices)
    near = choices if len(choices) == 1 else get_close_matches(word, choices, 1, cutoff)
    return f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(choices)}"


def one_of(name: str, value: str, choices: Iterable[str]) -> None:
    """Raises SimgenError, naming the field, unless `value` is one of `choices`."""
    if value not in choices:
        raise SimgenError(f"{name}={value!r} is not known; {did_you_mean(str(value), choices)}")
