"""`python -m simgen.audit FOLDER`: do a dataset's labels and pictures agree with each other?"""

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from simgen.audit.audit import audit
from simgen.audit.checks import catalogue
from simgen.audit.folder import CERTIFICATE, REPORT, Folder
from simgen.audit.report import show, verdict, write
from simgen.errors import SimgenError
from simgen.flags import Flags, whole
from simgen.machine import cores
from simgen.store import folder_of

_FRAMES_PER_PROCESS = 32  # starting one more takes as long as about this many frames


def main(arguments: Sequence[str] | None = None) -> int:
    """Audits a folder, prints the verdict and returns the exit code: 0 if nothing is wrong."""
    logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
    try:
        options = _parser().parse_args(arguments)
        folder = Folder.open(options.folder, options.annotations, options.images)
        jobs = options.jobs or min(cores(), 1 + folder.frames // _FRAMES_PER_PROCESS)
        checks = [each for each in catalogue() if not (options.fast and each.meshes)]
        result = audit(folder, jobs, checks)
        show(result, Console())
    except SimgenError as error:
        print(f"simgen: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("simgen: stopped; nothing was written", file=sys.stderr)
        return 130
    try:
        write(result, options.out or options.folder)
    except SimgenError as error:
        print(f"simgen: {REPORT} is not written: {error}", file=sys.stderr)
    failed = verdict(result) != "passed" or (options.strict and result.warnings)
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = Flags(
        prog="python -m simgen.audit",
        description="Holds the labels and pictures of a dataset against each other: one of "
        "simgen's, or any folder of images with a COCO file (then with fewer checks). Prints a "
        f"verdict, and writes {REPORT} (every finding) and {CERTIFICATE} (what was checked) into "
        "the folder.",
        epilog="Exit code 0: nothing is wrong; 1: something is, or cannot be read.",
    )
    parser.add_argument("folder", type=folder_of, metavar="FOLDER", help="the dataset")
    parser.add_argument(
        "--annotations", default="", metavar="PATH",
        help="the COCO file, relative to FOLDER; default: annotations/instances.json, or the only "
        "*.json there",
    )  # fmt: skip
    parser.add_argument(
        "--images", default="", metavar="PATH",
        help="the folder that file_name is relative to, itself relative to FOLDER; default: found",
    )  # fmt: skip
    parser.add_argument(
        "--jobs", type=whole, default=0, metavar="N",
        help="processes; default: one for each core, fewer for few frames",
    )  # fmt: skip
    parser.add_argument(
        "--out", type=Path, metavar="PATH",
        help=f"the folder for {REPORT} and {CERTIFICATE}; default: FOLDER",
    )  # fmt: skip
    parser.add_argument(
        "--fast", action="store_true",
        help="leave out what rebuilds the objects' meshes (most of the time)",
    )  # fmt: skip
    parser.add_argument("--strict", action="store_true", help="warnings fail the audit too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
