"""Configs as the command line composes them, with a renderer that needs no bpy."""

from pathlib import Path

import numpy as np
from hydra import compose, initialize_config_module
from omegaconf import OmegaConf

from simgen.frame import Radiance
from simgen.recipe import Recipe
from simgen.truth.raycast import raycast

CONF = Path(__file__).parents[1] / "conf"


class Painter:
    """A renderer that paints the truth: each body a grey of its own, ids and depth as they are."""

    def render(self, spec) -> Radiance:
        truth = raycast(spec)
        grey = (1 + truth.instance % 7) / np.float32(8)
        rgb = np.repeat(grey[:, :, None], 3, axis=2).astype(np.float32)
        return Radiance(rgb, truth.instance, truth.depth, "brush", {"render": 0.0})


def options(group: str) -> list[str]:
    """Returns the names of a group's files, so that a new one is tested by being there."""
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


def composed(*overrides: str) -> dict:
    """Returns the plain config that the command line would compose."""
    with initialize_config_module("simgen.conf", version_base="1.3"):
        config = compose("config", ["out=out", *overrides])
    return OmegaConf.to_container(config, resolve=True)


def painted(*overrides: str) -> dict:
    """Returns the same with the Painter as its renderer, in this process."""
    here = composed("workers=0", *overrides)
    return here | {"renderer": {"_target_": "tests.composing.Painter"}}


def recipe(*overrides: str) -> Recipe:
    return Recipe.from_config(painted(*overrides))
