"""`python -m simgen.datacard FOLDER`: the data card of a dataset that was put together by hand."""

import sys
from collections.abc import Sequence

from simgen.datacard.write import write_data_card
from simgen.dataset import Dataset
from simgen.errors import SimgenError
from simgen.flags import Flags
from simgen.store import place_of


def main(arguments: Sequence[str] | None = None) -> int:
    """Writes the card and returns the exit code."""
    parser = Flags(
        prog="python -m simgen.datacard",
        description="Writes croissant.json, README.md and annotations/images.jsonl into a dataset "
        "of simgen's: a run does that at its end; this does it for a dataset that an older simgen "
        "made, or whose annotation files have changed.",
    )
    parser.add_argument("folder", type=place_of, metavar="FOLDER", help="the dataset")
    try:
        write_data_card(Dataset.load(parser.parse_args(arguments).folder))
    except SimgenError as error:
        print(f"simgen: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
