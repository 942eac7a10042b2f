"""A config turned into objects, once per run, and a frame made from them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, is_dataclass
from inspect import signature
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate

from simgen.distributions import expand
from simgen.errors import SimgenError, did_you_mean
from simgen.frame import Frame, Radiance
from simgen.proposal import Accept, propose
from simgen.rng import stream
from simgen.sensor import Sensor
from simgen.spec import SceneSpec
from simgen.truth.annotate import annotate
from simgen.truth.crosscheck import crosscheck, require_agreement
from simgen.truth.raycast import raycast


class Scene(Protocol):
    """A frozen dataclass whose fields may be distributions."""

    categories: tuple[str, ...]

    def sample(self, rng: np.random.Generator) -> SceneSpec: ...


class Randomizer(Protocol):
    """Varies one aspect, leaves the rest equal."""

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec: ...


class Renderer(Protocol):
    """The same spec gives the same pixels."""

    def render(self, spec: SceneSpec) -> Radiance: ...


@dataclass(frozen=True)
class Recipe:
    """Everything that a frame depends on, besides its number.

    Attributes:
        randomizers: by name, applied in this order; the name is its stream's name too.
        writers: by name.
        min_agreement: share of pixels on which the ray caster and the renderer must agree.
    """

    scene: Scene
    randomizers: Mapping[str, Randomizer]
    renderer: Renderer
    sensor: Sensor
    writers: Mapping[str, Any]
    accept: Accept
    seed: int
    min_agreement: float

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Recipe":
        """Returns the recipe of a resolved config, as plain containers.

        Raises:
            SimgenError: names the key, what is wrong with it and what to do.
        """
        return cls(
            scene=_build(config["scene"], "scene"),
            randomizers=_build_each(config["randomize"], "randomize"),
            renderer=_build(config["renderer"], "renderer"),
            sensor=_build(config["sensor"], "sensor"),
            writers=_build_each(config["writer"], "writer"),
            accept=_build(config["accept"], "accept"),
            seed=config["seed"],
            min_agreement=config["min_agreement"],
        )

    @property
    def categories(self) -> tuple[str, ...]:
        """Category names; the first has id 1."""
        return self.scene.categories

    def sample(self, index: int, attempt: int = 0) -> SceneSpec:
        """Returns one proposal for a frame: the scene, then each randomizer, on its own stream."""
        tail = f"/{attempt}" if attempt else ""
        spec = self.scene.sample(stream(self.seed, index, f"scene{tail}"))
        for name, randomizer in self.randomizers.items():
            spec = randomizer(spec, stream(self.seed, index, f"{name}{tail}"))
        return spec


def make_frame(recipe: Recipe, index: int) -> Frame:
    """Returns frame `index`, which depends on the recipe and the index alone.

    Raises:
        SimgenError: no proposal is accepted, or the two engines disagree.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "sample"):
        spec = propose(lambda attempt: recipe.sample(index, attempt), recipe.accept, index)
    with _timed(seconds, "truth"):
        truth = raycast(spec)
        instances = annotate(spec, truth)
    radiance = recipe.renderer.render(spec)
    seconds |= radiance.seconds
    with _timed(seconds, "check"):
        agreement = crosscheck(truth, radiance)
        require_agreement(agreement, recipe.min_agreement)
    with _timed(seconds, "sensor"):
        image = recipe.sensor(radiance.rgb, stream(recipe.seed, index, "sensor"))
    return Frame(index, spec, truth, instances, image, agreement, radiance.device, seconds)


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = perf_counter()
    yield
    seconds[stage] = perf_counter() - start


def _build_each(nodes: Mapping[str, Any], key: str) -> dict[str, Any]:
    return {name: _build(node, f"{key}.{name}") for name, node in nodes.items()}


def _build(node: Mapping[str, Any], key: str) -> Any:
    """Returns the object that a config node describes; errors name the full key."""
    _known_keys(node, key)
    try:
        return instantiate(expand(dict(node), key), _convert_="all")
    except InstantiationException as error:
        cause = error.__cause__ or error
        text = str(cause) if isinstance(cause, SimgenError) else str(cause).splitlines()[0]
        separator = "." if isinstance(cause, SimgenError) and text[:1].islower() else ": "
        raise SimgenError(f"{key}{separator}{text}") from error


def _known_keys(node: Mapping[str, Any], key: str) -> None:
    try:
        target = get_object(node["_target_"])
    except KeyError:
        raise SimgenError(f"{key} has no _target_: name the class it configures") from None
    except Exception as error:
        reason = str(error.__cause__ or error).splitlines()[0]
        message = f"{key}._target_={node['_target_']!r} cannot be loaded: {reason}"
        raise SimgenError(message) from error
    known = signature(target).parameters
    for name in node:
        if name != "_target_" and is_dataclass(target) and name not in known:
            raise SimgenError(f"{key}.{name} is not known; {did_you_mean(name, known)}")
