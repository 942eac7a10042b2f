"""`python -m simgen.merge A B out=C`: shards become one dataset, proved to be all of it."""

import argparse
import logging
import sys
from collections.abc import Sequence

from simgen.errors import SimgenError
from simgen.flags import Flags
from simgen.merge.merge import merge
from simgen.merge.source import Source
from simgen.store import Place, place_of

_HELP = """\
Puts the frames of datasets that one command made, with other shard= or frames=, into one folder.

  python -m simgen scene=warehouse frames=1000 shard=0/2 out=A      here
  python -m simgen scene=warehouse frames=1000 shard=1/2 out=B      there
  python -m simgen.merge A B out=C
  python -m simgen.merge C            all shards had out=C: proves and folds what is there

proves  that all have the same settings, versions and assets; that no frame is missing that frames=
        asked for; that a frame in several folders is the same in each; that every file is as its
        record says (SHA-256)
makes   hard links, or copies on another disk; then the annotations and the data card, exactly as
        one run would have written them. A, B stay as they are and may be deleted afterwards.

A folder may be an URL, such as s3://bucket/data. Interrupted? The same command continues. What is
wrong is told in one line, with exit code 1.
"""


_LONGEST = 2000  # characters of a line


def main(arguments: Sequence[str] | None = None) -> int:
    """Merges, prints what was done and returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
    try:
        folders, out = _asked(_parser().parse_args(arguments).words)
        print(merge([Source.open(folder) for folder in folders], out).text())
        return 0
    except KeyboardInterrupt:
        return _said("stopped; run the same command again to continue", 130)
    except SimgenError as error:
        return _said(str(error), 1)


def _asked(words: Sequence[str]) -> tuple[list[Place], Place]:
    """Returns the folders that go in, and the one that comes out."""
    outs = [word.removeprefix("out=") for word in words if word.startswith("out=")]
    folders = [place_of(word) for word in words if not word.startswith("out=")]
    if not outs and len(folders) == 1:
        return folders, folders[0]
    if len(outs) != 1 or not outs[0]:
        raise SimgenError("name one folder to merge into: python -m simgen.merge A B out=C")
    if not folders:
        raise SimgenError("name the folders to merge: python -m simgen.merge A B out=C")
    return folders, place_of(outs[0])


def _parser() -> argparse.ArgumentParser:
    parser = Flags(
        prog="python -m simgen.merge",
        usage="python -m simgen.merge FOLDER... out=FOLDER",
        description=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("words", nargs="*", metavar="FOLDER", help="a dataset; out=FOLDER: into")
    return parser


def _said(text: str, code: int) -> int:
    """Prints a line; what a damaged file brought into it is shown as it may be shown."""
    line = "".join(c if c.isprintable() else " " for c in text)
    print(f"simgen: {line[:_LONGEST]}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
