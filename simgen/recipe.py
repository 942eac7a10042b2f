"""A config turned into objects, once per run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import chain
from typing import Any, Protocol

import numpy as np

from simgen.build import build, build_each
from simgen.checks import require, require_resolution
from simgen.credits import Asset
from simgen.errors import SimgenError
from simgen.frame import Radiance
from simgen.multiview import MOST, MultiView
from simgen.proposal import Accept, propose
from simgen.rng import stream
from simgen.sensor import Sensor
from simgen.spec import SceneSpec
from simgen.targets.plan import Plan
from simgen.targets.targets import Targets
from simgen.targets.wanted import Wanted, steerable


class Scene(Protocol):
    """A frozen dataclass whose fields may be distributions."""

    categories: tuple[str, ...]

    def sample(self, rng: np.random.Generator) -> SceneSpec: ...


class Randomizer(Protocol):
    """Varies one aspect, leaves the rest equal.

    One whose class has `per_view = True` is drawn anew for each view of a scene (`views=`).
    """

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec: ...


class Renderer(Protocol):
    """The same spec gives the same pixels."""

    def render(self, spec: SceneSpec) -> Radiance: ...


@dataclass(frozen=True)
class Recipe:
    """Everything that a frame depends on, besides its number.

    Attributes:
        randomizers: by name, applied in this order; the name is its stream's name too.
        lens: applied last.
        writers: by name.
        min_agreement: share of pixels on which the ray caster and the renderer must agree.
        views_per_scene: neighbouring frames that show one scene, each with a camera of its own.
    """

    scene: Scene
    randomizers: Mapping[str, Randomizer]
    lens: Randomizer
    renderer: Renderer
    sensor: Sensor
    writers: Mapping[str, Any]
    accept: Accept
    targets: Targets
    seed: int
    min_agreement: float
    views_per_scene: int = 1

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Recipe":
        """Returns the recipe of a resolved config, as plain containers.

        Raises:
            SimgenError: names the key, what is wrong with it and what to do.
        """
        _check_globals(config)
        return cls(
            scene=build(config.get("scene"), "scene"),
            randomizers=build_each(config["randomize"], "randomize"),
            lens=build(config.get("lens"), "lens"),
            renderer=build(config.get("renderer"), "renderer"),
            sensor=build(config.get("sensor"), "sensor"),
            writers=build_each(config["writer"], "writer"),
            accept=build(config.get("accept"), "accept"),
            targets=build(config.get("targets"), "targets"),
            seed=config["seed"],
            min_agreement=config["min_agreement"],
            views_per_scene=config.get("views", 1),
        )

    def __post_init__(self):
        asked = self.targets.names
        if self.views_per_scene > 1 and asked:
            raise SimgenError(
                f"views={self.views_per_scene} and targets.{asked[0]} do not go together, since "
                f"targets choose a scene for each frame: set views=1, or leave targets.* out"
            )

    @property
    def categories(self) -> tuple[str, ...]:
        """Category names, the scene's and then those that randomizers add; the first has id 1."""
        added = (getattr(r, "categories", ()) for r in self.randomizers.values())
        return tuple(dict.fromkeys(chain(self.scene.categories, *added)))

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Files of the user's that frames may show, as far as the scene and randomizers name them;
        reads them all."""
        parts = (self.scene, *self.randomizers.values())
        return tuple(dict.fromkeys(chain(*(getattr(part, "assets", ()) for part in parts))))

    @property
    def views(self) -> dict[str, bool]:
        """Further views that writers ask for, by name, and whether one asks for its picture."""
        asked = [item for w in self.writers.values() for item in getattr(w, "views", {}).items()]
        return {name: (name, True) in asked for name, _ in asked}

    def sample(
        self, index: int, attempt: int = 0, wanted: Wanted | None = None, prefix: str = ""
    ) -> SceneSpec:
        """Returns one proposal for a frame: the scene, then each randomizer and last the lens, on
        streams of their own.

        Args:
            wanted: what to steer towards, for those of them that can be steered.
            prefix: of the streams' names, for proposals that will become no frame.
        """

        def rng(name: str) -> np.random.Generator:
            return stream(
                self.seed, index, f"{prefix}{name}/{attempt}" if attempt else f"{prefix}{name}"
            )

        spec = _steered(self.scene.sample, wanted)(rng("scene"))
        for name, randomizer in self.randomizers.items():
            spec = _steered(randomizer, wanted)(spec, rng(name))
        return self.lens(spec, rng("lens"))

    def proposal(self, index: int) -> SceneSpec:
        """Returns the proposal that becomes the frame.

        Raises:
            SimgenError: none will do.
        """
        if self.targets.asked:
            return self._plan.spec(index)
        if self.views_per_scene > 1:
            return self._multiview.spec(index)
        return propose(lambda attempt: self.sample(index, attempt), self.accept, index)

    @property
    def together(self) -> int:
        """How many frames, from a multiple of that number on, are chosen at a time."""
        return max(self.targets.together, self.views_per_scene)

    @cached_property
    def _multiview(self) -> MultiView:
        return MultiView(
            self.views_per_scene,
            self.seed,
            self.scene.sample,
            self.randomizers,
            self.lens,
            self.accept,
        )

    @cached_property
    def _plan(self) -> Plan:
        hooks = (self.scene.sample, *self.randomizers.values())
        steered = any(steerable(hook) for hook in hooks)
        return Plan(self.targets, self.sample, steered, self.accept, self.categories, self.seed)


def _steered(hook: Callable[..., SceneSpec], wanted: Wanted | None) -> Callable[..., SceneSpec]:
    return partial(hook, wanted=wanted) if wanted and steerable(hook) else hook


def _check_globals(config: Mapping[str, Any]) -> None:
    """Checks what several groups share, under the name it has at the top."""
    require_resolution(config["resolution"])
    require(0, whole=True, fixed=True, seed=config["seed"])
    require(1, MOST, whole=True, fixed=True, views=config.get("views", 1))
    require(0, 1, fixed=True, min_agreement=config["min_agreement"])
    _require_shown(config)


def _require_shown(config: Mapping[str, Any]) -> None:
    folder, others = config.get("objects"), {k: v for k, v in config.items() if k != "objects"}
    if folder is not None and not _holds(others, folder):
        raise SimgenError(
            f"objects={folder}: this scene shows things of its own alone; choose scene=tabletop, "
            f"bin or conveyor, or leave objects= out"
        )


def _holds(part: Any, value: Any) -> bool:
    """Returns whether a value is somewhere in plain containers."""
    if isinstance(part, Mapping):
        return any(_holds(item, value) for item in part.values())
    if isinstance(part, list):
        return any(_holds(item, value) for item in part)
    return part == value
