"""What the command line of an export says: arguments, config, objects."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_module
from hydra.core.global_hydra import GlobalHydra
from omegaconf import OmegaConf

from simgen.build import build
from simgen.checks import require
from simgen.complaints import options_of
from simgen.dataset import Dataset
from simgen.distributions import written
from simgen.errors import SimgenError
from simgen.export.convert import Choices
from simgen.export.export import export
from simgen.export.splits import Splits
from simgen.export.summary import Summary
from simgen.flags import Flags
from simgen.machine import cores
from simgen.store import folder_of

CONFIG = "export"
_FRAMES_PER_PROCESS = 1000  # starting one more takes as long as about this many frames


@dataclass(frozen=True)
class Command:
    """An export as it was asked for.

    Attributes:
        folder: the dataset's.
        overrides: of conf/export.yaml, as Hydra takes them.
    """

    folder: Path
    overrides: tuple[str, ...]

    @classmethod
    def of(cls, arguments: Sequence[str]) -> "Command":
        """Raises SimgenError where there is no dataset, or no format, or an unknown flag."""
        given = _Parser().parse_intermixed_args(arguments)
        folders = [word for word in given.words if "=" not in word and word[0] not in "~+"]
        overrides = [_listed(word) for word in given.words if word not in folders]
        if len(folders) != 1:
            raise SimgenError(
                f"name one dataset, not {len(folders)}: "
                "python -m simgen.export out/warehouse-0 format=yolo"
            )
        if not any(word.startswith("format=") for word in overrides):
            raise SimgenError(
                f"format= is missing; choose one of: {', '.join(options_of('format'))}"
            )
        if given.jobs:
            overrides.append(f"jobs={given.jobs}")
        if given.config_dir:
            overrides.append(
                f"hydra.searchpath=[file://{given.config_dir.expanduser().absolute()}]"
            )
        return cls(folder_of(folders[0]), tuple(overrides))

    @property
    def format(self) -> str:
        """The format's name."""
        return [word for word in self.overrides if word.startswith("format=")][-1][7:]

    def config(self) -> dict[str, Any]:
        """Returns the composed config; raises Hydra's own errors, which complaints.py explains."""
        GlobalHydra.instance().clear()
        with initialize_config_module("simgen.conf", version_base="1.3"):
            config = OmegaConf.to_container(compose(CONFIG, list(self.overrides)), resolve=True)
        return config

    def run(self) -> Summary:
        """Carries it out.

        Raises:
            SimgenError: a setting is wrong, or the export fails (see export.export).
        """
        config = self.config()
        dataset = Dataset.load(self.folder)
        format = build(config["format"], "format")
        splits = Splits(_shares(config["split"]), config["split_by"])
        names = ("image", "min_visible_px", "min_visible_fraction", "verify")
        choices = Choices(**{name: config[name] for name in names})
        out = _folder(config["out"]) or Path(f"{self.folder.resolve()}-{self.format}")
        jobs = _jobs(config["jobs"], len(dataset.done()))
        return export(dataset, out, format, splits, choices, jobs)


class _Parser(Flags):
    def __init__(self):
        super().__init__("python -m simgen.export", add_help=False, allow_abbrev=False)
        self.add_argument("words", nargs="*")
        self.add_argument("--jobs")
        self.add_argument("--config-dir", "-cd", type=Path)


def _listed(word: str) -> str:
    """Returns split=0.8,0.2 as split=[0.8,0.2]: without brackets, Hydra takes it for a sweep."""
    key, _, value = word.partition("=")
    return f"{key}=[{value}]" if key == "split" and value[:1] != "[" else word


def _shares(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _folder(value: Any) -> Path | None:
    """Returns the folder that out= names; Hydra takes out=2026 for a number."""
    if isinstance(value, list | dict | bool | float):
        raise SimgenError(f"out={written(value)} must be a folder: put its name in quotes")
    return Path(str(value)).expanduser() if value not in (None, "") else None


def _jobs(value: Any, frames: int) -> int:
    if value == "auto":
        return min(cores(), 1 + frames // _FRAMES_PER_PROCESS)
    if type(value) is not int:
        raise SimgenError(f"jobs={value} must be a whole number, or auto")
    require(1, whole=True, fixed=True, jobs=value)
    return value
