"""The writers that a saved config names: simgen's own alone, since a config may be a stranger's."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from omegaconf import OmegaConf

from simgen.build import build
from simgen.complaints import options_of
from simgen.errors import SimgenError
from simgen.writers import Writer


def writers_of(nodes: Mapping[str, Any]) -> tuple[list[Writer], list[str]]:
    """Returns simgen's own writers, and the names of all others, of which nothing is run.

    Args:
        nodes: by name, as in a config.

    Raises:
        SimgenError: a setting of one of simgen's own is none.
    """
    own, strangers = [], []
    for name, node in nodes.items():
        target = _target(name)
        if target is None or not isinstance(node, Mapping) or node.get("_target_") != target:
            strangers.append(name)
            continue
        for key, value in node.items():
            _require_plain(value, f"writer.{name}.{key}")
        own.append(build({**node, "_target_": target}, f"writer.{name}"))
    return own, strangers


def _target(name: str) -> str | None:
    """Returns the class that simgen's own writer of this name is."""
    if name not in options_of("writer"):
        return None
    text = (files("simgen.conf") / "writer" / f"{name}.yaml").read_text("utf-8")
    return OmegaConf.create(text)[name]["_target_"]


def _require_plain(value: Any, key: str) -> None:
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, bool | int | float | str | type(None)):
            raise SimgenError(f"{key}={value} is no plain setting: the config is damaged")
