"""A config turned into objects, once per run, and a frame made from them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from itertools import chain
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from simgen.build import build, build_each
from simgen.checks import require, require_resolution
from simgen.credits import Asset
from simgen.errors import SimgenError, did_you_mean
from simgen.frame import Agreement, Frame, Instance, Radiance, Truth, View
from simgen.multiview import MOST, MultiView
from simgen.proposal import Accept, propose
from simgen.rng import stream
from simgen.sensor import Sensor
from simgen.spec import SceneSpec
from simgen.targets.plan import Plan
from simgen.targets.targets import Targets
from simgen.targets.wanted import Wanted, steerable
from simgen.truth.annotate import annotate
from simgen.truth.crosscheck import crosscheck, require_agreement
from simgen.truth.raycast import raycast
from simgen.views import view_of


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


def make_frame(recipe: Recipe, index: int) -> Frame:
    """Returns frame `index`, which depends on the recipe and the index alone.

    Raises:
        SimgenError: no proposal is accepted, the two engines disagree, or a writer asks for a view
            that there is not.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "sample"):
        spec = _noted(recipe, recipe.proposal(index), index)
    _check_categories(spec, recipe.categories)
    views = {name: View(view_of(spec, name)) for name in recipe.views}
    labels = _beside().submit(_labelled, spec)
    radiance = recipe.renderer.render(spec)
    truth, instances, seconds["truth"] = labels.result()
    agreement = _agreement(recipe, truth, radiance, seconds)
    with _timed(seconds, "sensor"):
        image = recipe.sensor(radiance.rgb, stream(recipe.seed, index, "sensor"))
    views |= {
        name: _pictured(recipe, index, name, view.spec, radiance.rgb, seconds)
        for name, view in views.items()
        if recipe.views[name]
    }
    return Frame(index, spec, truth, instances, image, agreement, radiance.device, seconds, views)


def _noted(recipe: Recipe, spec: SceneSpec, index: int) -> SceneSpec:
    """Returns the spec with what the sensor will draw among its parameters, if it tells that."""
    drawn = getattr(recipe.sensor, "drawn", None)
    if drawn is None:
        return spec
    settings = drawn(stream(recipe.seed, index, "sensor"))
    return replace(spec, parameters=spec.parameters | settings)


@cache
def _beside() -> ThreadPoolExecutor:
    """Returns the thread that casts labels, since a renderer does not keep every core busy all the
    time. It is one for all frames: each new thread would have memory of its own."""
    return ThreadPoolExecutor(1)


def _labelled(spec: SceneSpec) -> tuple[Truth, tuple[Instance, ...], float]:
    """Returns the labels of a scene, and the seconds that they took.

    It is silent: what goes to stderr while Blender renders is taken for Blender's.
    """
    start = perf_counter()
    with np.errstate(all="ignore"):
        truth = raycast(spec)
        return truth, annotate(spec, truth), perf_counter() - start


def _agreement(
    recipe: Recipe, truth: Truth, radiance: Radiance, seconds: dict[str, float], prefix: str = ""
) -> Agreement:
    """Returns how far the light of a scene agrees with its truth: far enough."""
    seconds |= {prefix + stage: taken for stage, taken in radiance.seconds.items()}
    with _timed(seconds, f"{prefix}check"):
        agreement = crosscheck(truth, radiance)
        require_agreement(agreement, recipe.min_agreement)
    return agreement


def _pictured(
    recipe: Recipe,
    index: int,
    name: str,
    spec: SceneSpec,
    metered: np.ndarray,
    seconds: dict[str, float],
) -> View:
    """Returns a further view with its picture, exposed as the first one's radiance was."""
    with _timed(seconds, f"{name}.truth"):
        truth = raycast(spec, amodal=False)
    radiance = recipe.renderer.render(spec)
    agreement = _agreement(recipe, truth, radiance, seconds, f"{name}.")
    with _timed(seconds, f"{name}.sensor"):
        settings = stream(recipe.seed, index, "sensor")
        grain = stream(recipe.seed, index, f"sensor/{name}")
        image = recipe.sensor.second(radiance.rgb, metered, settings, grain)
    return View(spec, image, agreement)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    seconds[stage] = perf_counter() - start


def _check_categories(spec: SceneSpec, categories: Collection[str]) -> None:
    for body in spec.bodies:
        if body.category and body.category not in categories:
            raise SimgenError(
                f"{body.name}: category {body.category!r} is none of the scene's; "
                f"{did_you_mean(body.category, categories)}"
            )


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
