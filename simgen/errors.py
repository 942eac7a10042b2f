"""Errors a user can mend: their text is the one line that is printed."""

from collections.abc import Iterable
from difflib import get_close_matches


class SimgenError(Exception):
    """Something the user can put right; the message names the field, the value and the remedy."""


class ProposalRejected(SimgenError):
    """A sampled scene that cannot be used: drawn again from the next attempt's streams."""


def did_you_mean(word: str, choices: Iterable[str], cutoff: float = 0.5) -> str:
    """Returns the tail of an error message: the nearest choice, or all of them."""
    choices = sorted(choices)
    near = choices if len(choices) == 1 else get_close_matches(word, choices, 1, cutoff)
    return f"did you mean {near[0]!r}?" if near else f"choose one of: {', '.join(choices)}"
