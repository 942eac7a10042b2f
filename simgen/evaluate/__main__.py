"""`python -m simgen.evaluate synthetic=DIR real=DIR`: how far is it, and what would help?"""

import logging
import os
import sys
from collections.abc import Callable

import hydra
from omegaconf import DictConfig, OmegaConf

from simgen.__main__ import one_line
from simgen.errors import SimgenError

CONFIG = "evaluate"


@hydra.main(version_base="1.3", config_path="pkg://simgen.conf", config_name=CONFIG)
def run(config: DictConfig) -> None:
    """Evaluates what the config names."""
    with one_line(CONFIG):
        logging.basicConfig(level=logging.INFO, format="simgen: %(message)s")
        _evaluate()(OmegaConf.to_container(config, resolve=True), sys.argv[1:])


def _evaluate() -> Callable:
    """Returns the work itself, loaded after the config: torch takes seconds."""
    try:
        from simgen.evaluate.evaluate import evaluate
    except ModuleNotFoundError as error:
        raise SimgenError(f'{error.name} is missing: pip install "simgen[evaluate]"') from error
    return evaluate


if __name__ == "__main__":
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # errors come here instead of being printed
    with one_line(CONFIG):
        run()
