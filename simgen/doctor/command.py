"""What the command line of a checkup says: flags, and the overrides of a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf, open_dict

from simgen.flags import Flags

HELP = """Looks for whatever would keep a run from working on this machine, or make it slow.

  python -m simgen.doctor                                  the run that python -m simgen would be
  python -m simgen.doctor scene=tabletop renderer.device=cuda out=/data/train
  python -m simgen.doctor renderer=eevee                   a missing EGL is then a failure
  python -m simgen.doctor --json                           the same as data

What is given is what python -m simgen would be given. Nothing is kept: a test frame is rendered on
the device that Cycles really uses and held against the ray caster, once raw and once denoised; one
with EEVEE; the run's first frame with one sample; 32 MB are written to out=; with launcher=ray the
cluster is joined. What could crash or hang does so in a process of its own.

ok        as it should be
warning   the run works, but slower, or something beside it would not
failed    the run would fail

Exit code 0: the run would work; 1: it would fail. What is missing of the system is listed once more
as one apt-get line."""


@dataclass(frozen=True)
class Command:
    """A checkup as it was asked for: overrides of conf/config.yaml, and whether to print JSON."""

    overrides: tuple[str, ...]
    json: bool

    @classmethod
    def of(cls, arguments: Sequence[str]) -> "Command":
        """Raises SimgenError where a flag is not known."""
        parser = Flags("python -m simgen.doctor", add_help=False, allow_abbrev=False)
        parser.add_argument("overrides", nargs="*")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--config-dir", "-cd", type=Path)
        given = parser.parse_intermixed_args(arguments)
        overrides = list(given.overrides)
        if given.config_dir:
            folder = given.config_dir.expanduser().absolute()
            overrides.append(f"hydra.searchpath=[file://{folder}]")
        return cls(tuple(overrides), given.json)

    def config(self) -> dict[str, Any]:
        """Returns the config of the run; raises Hydra's errors, which complaints.py explains."""
        GlobalHydra.instance().clear()
        with initialize_config_module("simgen.conf", version_base="1.3"):
            config = compose("config", list(self.overrides), return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        with open_dict(config):
            config.pop("hydra")
        return OmegaConf.to_container(config, resolve=True)
