"""`python -m simgen.export DATASET format=yolo`: a dataset in the format that a trainer loads."""

import logging
import sys
from collections.abc import Sequence

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from simgen.complaints import explain, is_hydras
from simgen.errors import SimgenError
from simgen.export.command import CONFIG, Command
from simgen.export.help import help_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Exports a dataset, prints what was done and returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments or {"--help", "-h"} & set(arguments):
        print(help_text())
        return 0
    logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
    command = None
    try:
        command = Command.of(arguments)
        print(command.run().text())
        return 0
    except KeyboardInterrupt:
        return _said("stopped; run the same command again to continue", 130)
    except SimgenError as error:
        return _said(str(error))
    except (HydraException, OmegaConfBaseException) as error:
        return _said(explain(error, command.overrides, CONFIG))
    except ValueError as error:
        if not is_hydras(error):
            raise
        return _said(explain(error, command.overrides, CONFIG))


def _said(text: str, code: int = 1) -> int:
    print(f"simgen: {text}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
