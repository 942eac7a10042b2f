"""The config that a dataset keeps: its last run's, but with all frames that any run was asked for.

So the proof that none is missing holds whatever the last run was asked for. It is read and put
anew: of two runs that begin in the same moment and ask for different frames, one's may be lost.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from omegaconf import OmegaConf

from simgen.asked import Asked
from simgen.audit.reading import Unreadable
from simgen.errors import SimgenError
from simgen.store import Store


def keep(config: Mapping[str, Any], store: Store, path: str, goes_on: bool) -> None:
    """Puts the config of a run.

    Args:
        goes_on: the run is of the dataset that is there, whose frames stay asked for.

    Raises:
        SimgenError: the store refuses, or frames= asks for no frames.
    """
    asked = _asked_before(store, path) if goes_on else Asked()
    if config.get("frames") is not None:  # else they are yet to be chosen
        asked |= Asked.of(config, path)
    text = OmegaConf.to_yaml(OmegaConf.create(asked.within(config)))
    store.replace(path, [text.encode()])


def _asked_before(store: Store, path: str) -> Asked:
    """Returns what runs were asked for so far; nothing where no config tells it."""
    try:
        data = store.read(path)
    except Unreadable:
        return Asked()
    try:
        config = yaml.load(data, yaml.CSafeLoader)
        return Asked.of(config, path) if isinstance(config, dict) else Asked()
    except (SimgenError, yaml.YAMLError, ValueError, RecursionError):  # damaged: it is put anew
        return Asked()
