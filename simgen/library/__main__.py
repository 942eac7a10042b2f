"""`python -m simgen.library DIR`: what is right and wrong with a folder of one's own models?"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simgen.errors import SimgenError
from simgen.flags import Flags
from simgen.library.doctor import all_of, show, write_sheet
from simgen.library.library import Library

_WIDTH = 200  # columns of a table that goes into a file


def main(arguments: Sequence[str] | None = None) -> int:
    """Examines a folder; returns the exit code: 0 if all of it can be used."""
    logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
    screen, console = Console(stderr=True), Console()
    if not console.is_terminal:
        console.width = _WIDTH
    try:
        options = _parser().parse_args(arguments)
        with screen.status("") as status:
            watch = lambda name: status.update(f"importing {name}")  # noqa: E731
            library = Library.examine(options.folder, watch)
        show(library, console, options.skip_broken)
        if all_of(library):
            sheet = options.sheet or Path(f"{library.folder.name}-sheet.png")
            write_sheet(all_of(library), sheet)
            console.print(f"pictures in {sheet}", soft_wrap=True)
    except SimgenError as error:
        print(f"simgen: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("simgen: stopped", file=sys.stderr)
        return 130
    unusable = not library.assets or (library.broken and not options.skip_broken)
    return 1 if unusable else 0


def _parser() -> argparse.ArgumentParser:
    parser = Flags(
        prog="python -m simgen.library",
        description="Imports a folder of models (GLB, glTF, OBJ, PLY, STL, FBX, USD, Blender), "
        "lists each with what is odd about it, and writes a sheet of their pictures.",
        epilog="Exit code 0: all can be used as objects=FOLDER; 1: something cannot.",
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the library")
    parser.add_argument(
        "--sheet", type=Path, metavar="PATH",
        help="the PNG of all pictures; default: FOLDER-sheet.png in the current folder",
    )  # fmt: skip
    parser.add_argument(
        "--skip-broken", action="store_true",
        help="broken files do not fail the command",
    )  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
