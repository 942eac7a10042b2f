"""A frame made from a recipe: exposed with the renderer, then finished without it.

A worker finishes a frame while it exposes the next one, since only light may cost.
"""

from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter

import numpy as np

from simgen.errors import SimgenError, did_you_mean
from simgen.frame import Agreement, Frame, Instance, Radiance, Truth, View
from simgen.recipe import Recipe
from simgen.rng import stream
from simgen.spec import SceneSpec
from simgen.truth.annotate import annotate
from simgen.truth.crosscheck import crosscheck, require_agreement
from simgen.truth.raycast import raycast
from simgen.views import NEXT, view_of


def make_frame(recipe: Recipe, index: int) -> Frame:
    """Returns frame `index`, which depends on the recipe and the index alone.

    Raises:
        SimgenError: no proposal is accepted, the two engines disagree, or a writer asks for a view
            that there is not.
    """
    return expose(recipe, index).finished()


def expose(recipe: Recipe, index: int) -> "Exposed":
    """Returns all of frame `index` that needs the renderer; raises as `make_frame` does."""
    seconds: dict[str, float] = {}
    with _timed(seconds, "sample"):
        spec = _noted(recipe, recipe.proposal(index), index)
    _check_categories(spec, recipe.categories)
    views = {name: view_of(spec, name) for name in recipe.views}
    labels = _beside().submit(_labelled, spec)
    radiance = recipe.renderer.render(spec)
    truth, instances, seconds["truth"] = labels.result()
    pictured = [name for name, wanted in recipe.views.items() if wanted]
    pictured.sort(key=lambda name: name == NEXT)  # the others show what the renderer has built
    further = {name: recipe.renderer.render(views[name]) for name in pictured}
    return Exposed(recipe, index, spec, truth, instances, radiance, views, further, seconds)


@dataclass(frozen=True, eq=False)
class Exposed:
    """A frame whose light is there, but not its pictures.

    Attributes:
        views: the scenes of further views, by name. `further`: the light of those that are to have
            a picture.
        seconds: by stage, so far.
    """

    recipe: Recipe
    index: int
    spec: SceneSpec
    truth: Truth
    instances: tuple[Instance, ...]
    radiance: Radiance
    views: dict[str, SceneSpec]
    further: dict[str, Radiance]
    seconds: dict[str, float]

    def finished(self) -> Frame:
        """Returns the frame; raises SimgenError if the two engines disagree on it."""
        seconds, light = dict(self.seconds), self.radiance
        agreement = self._agreement(self.truth, light, seconds)
        with _timed(seconds, "sensor"):
            image = self.recipe.sensor(light.rgb, stream(self.recipe.seed, self.index, "sensor"))
        views = {name: self._view(name, spec, seconds) for name, spec in self.views.items()}
        labels = self.index, self.spec, self.truth, self.instances
        return Frame(*labels, image, agreement, light.device, seconds, views)

    def _view(self, name: str, spec: SceneSpec, seconds: dict[str, float]) -> View:
        """Returns a further view; its picture is exposed as the frame's own was."""
        light, seed = self.further.get(name), self.recipe.seed
        if light is None:
            return View(spec)
        with _timed(seconds, f"{name}.truth"):
            truth = raycast(spec, amodal=False)
        agreement = self._agreement(truth, light, seconds, f"{name}.")
        with _timed(seconds, f"{name}.sensor"):
            settings = stream(seed, self.index, "sensor")
            grain = stream(seed, self.index, f"sensor/{name}")
            image = self.recipe.sensor.second(light.rgb, self.radiance.rgb, settings, grain)
        return View(spec, image, agreement)

    def _agreement(
        self, truth: Truth, light: Radiance, seconds: dict[str, float], prefix: str = ""
    ) -> Agreement:
        """Returns how far the light of a scene agrees with its truth: far enough."""
        seconds |= {prefix + stage: taken for stage, taken in light.seconds.items()}
        with _timed(seconds, f"{prefix}check"):
            agreement = crosscheck(truth, light)
            require_agreement(agreement, self.recipe.min_agreement)
        return agreement


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
