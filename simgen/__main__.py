"""`python -m simgen scene=warehouse`: a Hydra config becomes a dataset."""

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simgen.complaints import explain, is_hydras
from simgen.errors import Interrupted, SimgenError
from simgen.farm.sweep import one_of_several


@contextmanager
def one_line(config: str = "config") -> Iterator[None]:
    """Turns a mistake of the user's into one line on stderr and a non-zero exit.

    Args:
        config: name of the file in conf/ that the command line overrides.
    """
    try:
        yield
    except Interrupted as error:
        print(f"simgen: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:  # before the loop listens to signals itself
        print("simgen: stopped", file=sys.stderr)
        sys.exit(130)
    except SimgenError as error:
        sys.exit(f"simgen: {error}")
    except (HydraException, OmegaConfBaseException) as error:
        sys.exit(f"simgen: {explain(error, sys.argv[1:], config)}")
    except (ValueError, RuntimeError) as error:
        if not is_hydras(error):
            raise
        sys.exit(f"simgen: {explain(error, sys.argv[1:], config)}")


def log_to_stderr() -> None:
    """Shows what is logged, once: submitit shows its own lines itself."""
    logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
    logging.getLogger("submitit").propagate = False


@hydra.main(version_base="1.3", config_path="pkg://simgen.conf", config_name="config")
def run(config: DictConfig) -> None:
    """Generates what the config describes."""
    # Here too: Hydra adds a line of its own to an error that it sees.
    with one_of_several(), one_line():
        from simgen.generate import generate  # after the config, so that a typo is told at once

        log_to_stderr()
        summary = generate(OmegaConf.to_container(config, resolve=True))
        print(summary.text())
        sys.exit(summary.exit_code)


if __name__ == "__main__":
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors come here instead of being printed
    log_to_stderr()
    with one_line():
        run()
