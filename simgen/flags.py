"""Command lines whose mistakes are told as all others are: one line, and the exit code 1."""

import argparse
from typing import NoReturn

from simgen.errors import SimgenError


class Flags(argparse.ArgumentParser):
    """argparse's parser, which raises SimgenError in place of printing its usage and ending."""

    def error(self, message: str) -> NoReturn:
        raise SimgenError(f"{message}; see {self.prog} --help")


def whole(text: str) -> int:
    """Returns the count that a flag gives, at least 1."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} must be a whole number of at least 1")
    return int(text)
