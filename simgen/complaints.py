"""Config mistakes in one line: what was wrong and the nearest right key."""

from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.errors import HydraException, MissingConfigException, OverrideParseException
from omegaconf import OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from simgen.errors import did_you_mean


def explain(error: Exception, arguments: Sequence[str], config: str = "config") -> str:
    """Returns one line on an error that `is_hydras`.

    Args:
        arguments: the command line's.
        config: name of the file in conf/ that they override.
    """
    first = str(error).splitlines()[0].rstrip(".")
    if isinstance(error, RuntimeError):  # of a cluster that is not there, or refused or lost a job
        return " ".join(line.strip() for line in str(error).splitlines()[:2])
    if isinstance(error, MissingConfigException):
        return _missing_option(error, first)
    if type(error) is ValueError:
        return _no_option(error, arguments)
    if isinstance(error, OverrideParseException):
        return (
            f"cannot read {error.override!r}: write key=value, lists as [a,b], values with other "
            "signs in quotes of their own: 'out=\"~/data\"'"
        )
    if isinstance(error.__cause__, ConfigAttributeError | ConfigKeyError):
        key = first.split("'")[1]
        known = _known(key, arguments, config)
        return f"{key} is not known; {did_you_mean(key, known, cutoff=0.8)}"
    return first


def is_hydras(error: Exception) -> bool:
    """Tells whether Hydra, OmegaConf or submitit, Hydra's way to a cluster, raised an error, rather
    than what they called."""
    last = error.__traceback__
    while last and last.tb_next:
        last = last.tb_next
    raised_in = last.tb_frame.f_globals["__name__"] if last else ""
    return raised_in.startswith(("hydra.", "omegaconf.", "submitit."))


def _missing_option(error: MissingConfigException, first: str) -> str:
    if not error.missing_cfg_file or "/" not in error.missing_cfg_file:
        return first
    group, option = error.missing_cfg_file.rsplit("/", 1)
    if group == "hydra/launcher" and option.startswith("submitit"):
        return f'{group}={option} needs an extra: pip install -c constraints.txt -e ".[slurm]"'
    return (
        f"{group}={option} is not known; {did_you_mean(option, error.options or options_of(group))}"
    )


def _no_option(error: ValueError, arguments: Sequence[str]) -> str:
    """Explains group=null, which Hydra refuses without naming the group."""
    for argument in arguments:
        group, _, option = argument.partition("=")
        if option == "null" and options_of(group):
            return f"{argument} is no option; choose from: {', '.join(options_of(group))}"
    return str(error).splitlines()[0]


def options_of(group: str) -> list[str]:
    """Returns the names of the files in a group of conf/."""
    folder = files("simgen.conf") / group
    names = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    return sorted(Path(name).stem for name in names if name.endswith(".yaml"))


def _known(key: str, arguments: Sequence[str], name: str) -> list[str]:
    """Returns the keys that could have been meant, of the config that the rest composes."""
    rest = [a for a in arguments if not a.startswith("-") and "=" in a and not a.startswith(key)]
    rest += _own_folder(arguments)
    GlobalHydra.instance().clear()
    with initialize_config_module("simgen.conf", version_base="1.3"):
        try:
            config = OmegaConf.to_container(compose(name, rest))
        except HydraException:
            config = OmegaConf.to_container(compose(name))
    keys = _dotted(config)
    return (
        [k for k in keys if k.endswith(f".{key}")]  # only its beginning is missing
        or [k for k in keys if "." in key and k.rpartition(".")[0] == key.rpartition(".")[0]]
        or [k for k in keys if k.rpartition(".")[2] == key.rpartition(".")[2]]
        or keys
    )


def _own_folder(arguments: Sequence[str]) -> list[str]:
    """Returns the override that adds the folder of --config-dir, if there is one."""
    for argument, following in zip(arguments, [*arguments[1:], ""]):
        flag, _, folder = argument.partition("=")
        if flag in ("--config-dir", "-cd"):
            return [f"hydra.searchpath=[file://{Path(folder or following).absolute()}]"]
    return []


def _dotted(config: Mapping, prefix: str = "") -> list[str]:
    keys = []
    for name, value in config.items():
        if str(name).startswith("_"):
            continue
        keys.append(f"{prefix}{name}")
        if isinstance(value, Mapping):
            keys += _dotted(value, f"{prefix}{name}.")
    return keys
