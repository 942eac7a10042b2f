"""A folder that goes into a merge, and the proof that several are parts of one dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simgen.audit.reading import read
from simgen.card import Card, decode_card, differences
from simgen.dataset import CARD, CONFIG, Dataset
from simgen.errors import SimgenError
from simgen.merge.asked import Asked

_MOST_BYTES = 1 << 20  # of a config


@dataclass(frozen=True)
class Source:
    """A dataset, which may be a stranger's, and what its last run was told.

    Attributes:
        config: as it was composed; nothing in it is looked up or run.
    """

    dataset: Dataset
    config: dict[str, Any]

    @classmethod
    def open(cls, folder: Path) -> "Source":
        """Raises SimgenError where there is no dataset, or it is damaged."""
        if not (folder / CARD).is_file():
            raise SimgenError(f"{folder} holds no dataset: there is no {CARD}")
        try:
            card = decode_card(read(folder, CARD), CARD)
            return cls(Dataset(folder, card), _config(read(folder, CONFIG, _MOST_BYTES)))
        except SimgenError as error:
            raise SimgenError(f"{folder}: {error}") from error

    @property
    def folder(self) -> Path:
        return self.dataset.folder

    @property
    def card(self) -> Card:
        return self.dataset.card

    @property
    def asked(self) -> Asked:
        """Raises SimgenError where the config does not say."""
        return Asked.of(self.config.get("frames"), f"{self.folder}: {CONFIG}")

    @cached_property
    def done(self) -> frozenset[int]:
        """The frames that were there when this was first asked."""
        return frozenset(self.dataset.done())


def require_one_dataset(sources: Sequence[Source]) -> None:
    """Raises SimgenError unless all are parts of one dataset: the same settings, versions, assets,
    conventions and annotations."""
    first = sources[0]
    for other in sources[1:]:
        sides = (f"in {first.folder}", f"in {other.folder}")
        if told := differences(first.card, other.card, sides) or _difference(first, other, sides):
            raise SimgenError(
                f"these are not parts of one dataset: {told}; merge what one command made, with "
                f"another shard= or frames="
            )


def _difference(one: Source, other: Source, sides: tuple[str, str]) -> str:
    """Returns the first difference between two datasets of equal settings, '' if there is none:
    simgen may have changed, and so may what is folded anew."""
    for name, then, now in (
        ("conventions", one.card.conventions, other.card.conventions),
        ("writer", _flat(one.config), _flat(other.config)),
    ):
        for key in {**then, **now}:
            if then.get(key) != now.get(key):
                return f"{name}.{key} ({then.get(key)} {sides[0]}, {now.get(key)} {sides[1]})"
    return ""


def _config(data: bytes) -> dict[str, Any]:
    """Returns the plain values of a config; anything in it stays text."""
    try:
        text = data.decode()
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, yaml.CSafeLoader)):
            raise SimgenError(f"{CONFIG}: has aliases, which none of simgen's has")
        config = OmegaConf.to_container(OmegaConf.create(text), resolve=False)
    except (ValueError, RecursionError, yaml.YAMLError, OmegaConfBaseException) as error:
        reason = str(error).splitlines()[0]
        raise SimgenError(f"{CONFIG}: {reason}; the file is damaged") from error
    if not isinstance(config, dict) or not isinstance(config.get("writer"), dict):
        raise SimgenError(f"{CONFIG}: is no config of simgen's with writers")
    return config


def _flat(config: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings of the writers by dotted key."""
    nodes = config["writer"].items()
    pairs = ((name, node if isinstance(node, dict) else {"": node}) for name, node in nodes)
    return {f"{name}.{key}": value for name, node in pairs for key, value in node.items()}
