"""`python -m simgen.report DATASET`: a dataset as one page to look at."""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from simgen.errors import SimgenError
from simgen.flags import Flags, whole
from simgen.machine import cores
from simgen.report.gallery import MOST
from simgen.report.report import as_html, report
from simgen.report.sheet import SHOWN, TILES, sheet, write_sheet
from simgen.report.sources import Input
from simgen.scratch import replace_file
from simgen.store import folder_of

PAGE, SHEET = "report.html", "sheet.png"
_FRAMES_PER_PROCESS = 400  # starting one more takes as long as about this many frames
log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes a page, or a contact sheet, and returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
    try:
        options = _parser().parse_args(arguments)
        folders = _folders(options)
        log.info("%s", _sheet(options, folders) if options.sheet else _page(options, folders))
    except SimgenError as error:
        print(f"simgen: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("simgen: stopped; nothing was written", file=sys.stderr)
        return 130
    return 0


def _folders(options: argparse.Namespace) -> list[Path]:
    folders = [*filter(None, [options.dataset]), *options.compare]
    if len(folders) not in (1, 2) or (options.sheet and len(folders) > 1):
        raise SimgenError("name one dataset, or two with --compare, of which there is no --sheet")
    if len(folders) > 1 and (options.annotations or options.images):
        raise SimgenError("--annotations and --images are of one dataset, not of two")
    return folders


def _page(options: argparse.Namespace, folders: list[Path]) -> Path:
    inputs = [Input.open(folder, options.annotations, options.images) for folder in folders]
    target = options.out or folders[0] / PAGE
    made = [
        report(
            each, options.jobs or _processes_for(each), options.pictures // len(inputs), len(inputs)
        )
        for each in inputs
    ]
    replace_file(target.parent, target.name, [as_html(made).encode()])
    return target


def _processes_for(given: Input) -> int:
    return min(cores(), 1 + len(given.numbers) // _FRAMES_PER_PROCESS)


def _sheet(options: argparse.Namespace, folders: list[Path]) -> Path:
    given = Input.open(folders[0], options.annotations, options.images)
    target = options.out or folders[0] / SHEET
    write_sheet(sheet(given, options.frames, options.show), target)
    return target


def _parser() -> argparse.ArgumentParser:
    parser = Flags(
        prog="python -m simgen.report",
        description="Writes one HTML page about a dataset of simgen's, or any folder with a COCO "
        "file: pictures with their labels, statistics of all frames, timings, verdict, licences. "
        "It needs no network and no other file.",
    )
    parser.add_argument("dataset", type=folder_of, nargs="?", metavar="DATASET", help="the folder")
    parser.add_argument(
        "--compare", type=folder_of, nargs="+", default=[], metavar="B",
        help="put a second dataset beside it (or name both here)",
    )  # fmt: skip
    parser.add_argument(
        "--sheet", action="store_true", help="a PNG of some frames with drawn labels instead"
    )
    parser.add_argument(
        "--frames", type=_numbers, default=None, metavar="N,N,...",
        help=f"the frames of a sheet; default: {TILES} drawn by lot",
    )  # fmt: skip
    parser.add_argument(
        "--show", type=_layers, default=("boxes",), metavar="LAYER,...",
        help=f"what a sheet shows of each frame: {', '.join(SHOWN)}; default: boxes",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="PATH",
        help=f"the file; default: {PAGE} or {SHEET} in DATASET (a .jpg will do for a sheet)",
    )  # fmt: skip
    parser.add_argument(
        "--pictures", type=whole, default=MOST, metavar="N",
        help="frames in the gallery, at most; statistics are always of all",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", type=whole, default=0, metavar="N",
        help="processes; default: one for each core, fewer for few frames",
    )  # fmt: skip
    parser.add_argument(
        "--annotations", default="", metavar="PATH",
        help="the COCO file, relative to DATASET; default: found",
    )  # fmt: skip
    parser.add_argument(
        "--images", default="", metavar="PATH",
        help="the folder that file_name is relative to, itself relative to DATASET; default: found",
    )  # fmt: skip
    return parser


def _numbers(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _layers(text: str) -> tuple[str, ...]:
    parts = _numbers(text)
    unknown = [part for part in parts if part not in SHOWN]
    if unknown or not parts:
        raise argparse.ArgumentTypeError(f"{text}: choose of {', '.join(SHOWN)}")
    return parts


if __name__ == "__main__":
    sys.exit(main())
