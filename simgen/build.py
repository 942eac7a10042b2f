"""Objects made from config nodes, with errors that name the full key."""

from collections.abc import Callable, Collection, Mapping
from inspect import Parameter, signature
from typing import Any

from hydra.utils import get_object

from simgen.distributions import parse, written
from simgen.errors import SimgenError, did_you_mean


def build_each(nodes: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Returns the objects of a list in the config, by name."""
    if "_target_" in nodes:
        raise SimgenError(f"{key}: indent the settings in its file under a name of their own")
    return {name: build(node, f"{key}.{name}") for name, node in nodes.items()}


def build(node: Any, key: str) -> Any:
    """Returns the object that a config node describes; errors name the full key.

    Hydra's `instantiate` does the same for nodes without distributions, and its errors do not.
    """
    target = _target(node, key)
    arguments = {
        name: _value(value, f"{key}.{name}") for name, value in node.items() if name != "_target_"
    }
    _check_names(target, arguments, key)
    try:
        return target(**arguments)
    except SimgenError as error:
        raise SimgenError(_located(str(error), arguments, key)) from error
    except (TypeError, ValueError) as error:
        raise SimgenError(f"{key}: {str(error).splitlines()[0]}") from error


def _value(value: Any, key: str) -> Any:
    if isinstance(value, Mapping) and "_target_" in value:
        return build(value, key)
    return parse(value, key)


def _target(node: Any, key: str) -> Callable[..., Any]:
    if not isinstance(node, Mapping):
        raise SimgenError(f"{key}={written(node)} must be a group of settings with a _target_")
    if "_target_" not in node:
        raise SimgenError(f"{key} has no _target_: name the class it configures")
    try:
        return get_object(node["_target_"])
    except Exception as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        if "cannot open shared object file" in reason:
            reason += "; python -m simgen.doctor names the package to install"
        message = f"{key}._target_={node['_target_']!r} cannot be loaded: {reason}"
        raise SimgenError(message) from error


def _check_names(target: Callable[..., Any], arguments: Mapping[str, Any], key: str) -> None:
    """Checks that a target takes these arguments and lacks none."""
    known = signature(target).parameters
    if any(p.kind is Parameter.VAR_KEYWORD for p in known.values()):
        return
    for name in arguments:
        if name not in known:
            raise SimgenError(f"{key}.{name} is not known; {did_you_mean(name, known)}")
    for name, parameter in known.items():
        if name not in arguments and parameter.default is Parameter.empty:
            raise SimgenError(f"{key}.{name} is missing: give it a value")


def _located(text: str, names: Collection[str], key: str) -> str:
    """Returns a message that starts with a field's name, or with its full key, with the key."""
    if text.startswith(f"{key}."):
        return text
    return f"{key}.{text}" if text.startswith(tuple(names)) else f"{key}: {text}"
