"""A folder that goes into a merge, and the proof that several are parts of one dataset."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

import yaml
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from simgen.asked import Asked
from simgen.card import Card, differences
from simgen.dataset import CONFIG, Dataset
from simgen.errors import SimgenError
from simgen.store import Place, is_url

_MOST_BYTES = 1 << 20  # of a config


@dataclass(frozen=True)
class Source:
    """A dataset, which may be a stranger's, and what its runs were told.

    Attributes:
        config: as `simgen.kept` keeps it; nothing in it is looked up or run.
    """

    dataset: Dataset
    config: dict[str, Any]

    @classmethod
    def open(cls, folder: Place) -> "Source":
        """Raises SimgenError where there is no dataset, or it is damaged."""
        dataset = Dataset.load(folder)
        try:
            return cls(dataset, _config(dataset.store.read(CONFIG)))
        except SimgenError as error:
            raise SimgenError(f"{folder}: {error}") from error

    @property
    def folder(self) -> Place:
        return self.dataset.folder

    @cached_property
    def root(self) -> PurePath:
        return root_of(self.folder)

    @property
    def card(self) -> Card:
        return self.dataset.card

    @property
    def asked(self) -> Asked:
        """Raises SimgenError where the config does not say."""
        return Asked.of(self.config, f"{self.folder}: {CONFIG}")

    @cached_property
    def done(self) -> frozenset[int]:
        """The frames that were there when this was first asked."""
        return frozenset(self.dataset.done())


def root_of(place: Place) -> PurePath:
    """Returns what is equal for two names of one folder, or of one URL."""
    return PurePosixPath(place) if is_url(place) else Path(place).resolve()


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
        if len(data) > _MOST_BYTES:
            raise SimgenError(f"{CONFIG}: {len(data) >> 20} MiB are too many to read")
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
