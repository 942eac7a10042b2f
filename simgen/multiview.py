"""Several pictures of each scene: neighbouring frames that share all but their camera.

Frame i shows scene i // count. What its views share is drawn on the streams of the scene's number,
so that scene 7 is made of what frame 7 would be with one view for each scene; what is a view's own
is drawn on the frame's streams. Whoever makes one view looks at all of a scene's: a scene counts
only if each view of it will do, and no view depends on which of them are made, or where.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from simgen.errors import ProposalRejected, SimgenError
from simgen.proposal import Accept, attempted
from simgen.rng import stream
from simgen.spec import STILL, Camera, SceneSpec

MOST = 100  # views of a scene, all of whose cameras are found before the first is rendered

Hook = Callable[[SceneSpec, np.random.Generator], SceneSpec]


def per_view(randomizer: Any) -> bool:
    """Tells whether each view of a scene has its own draw of a randomizer: its class says so."""
    return getattr(randomizer, "per_view", False)


@dataclass(frozen=True)
class MultiView:
    """Finds scenes and the cameras before them.

    A view that is not accepted draws its camera anew and leaves the other views as they are; a
    scene of which a view finds none in `accept.max_attempts` is drawn anew, as often.

    Attributes:
        count: views of each scene.
        sample: draws a scene.
        randomizers: by name, in order. Those that are `per_view` are applied after the others, to
            the scene's own camera.
        lens: applied last, to each view.
    """

    count: int
    seed: int
    sample: Callable[[np.random.Generator], SceneSpec]
    randomizers: Mapping[str, Hook]
    lens: Hook
    accept: Accept

    def spec(self, index: int) -> SceneSpec:
        """Returns what a frame shows.

        Raises:
            SimgenError: its scene finds no views, or all of them are the same.
        """
        number = index // self.count
        if number not in self._found:
            self._found.clear()  # one is enough: frames are made in order
            self._found[number] = self._scene(number)
        found = self._found[number]
        if isinstance(found, ProposalRejected):
            raise SimgenError(f"frame {index}: {found}")
        return found[index % self.count]

    def _scene(self, number: int) -> tuple[SceneSpec, ...] | ProposalRejected:
        """Returns all views of a scene, or why there are none."""
        try:
            (views,) = attempted(partial(self._views, number), self.accept.max_attempts, "scenes")
        except ProposalRejected as rejection:
            return rejection
        if self.count > 1 and len({_still(view.camera) for view in views}) == 1:
            raise SimgenError(
                f"views={self.count}: all views of a scene are the same picture, since nothing in "
                f"randomize=[...] moves the camera from view to view: add camera, or set views=1"
            )
        return views

    def _views(self, number: int, attempt: int) -> tuple[SceneSpec, ...]:
        shared = self._shared(number, attempt)
        first = number * self.count
        draws = (partial(self._view, shared, first + k, attempt) for k in range(self.count))
        return tuple(
            view for draw in draws for view in attempted(draw, self.accept.max_attempts, "views")
        )

    def _shared(self, number: int, attempt: int) -> SceneSpec:
        """Returns the scene, with the camera that it has by itself.

        What is put where a camera sees it (see randomize/beside.py) goes by a camera that is drawn
        for the scene, and becomes no view.
        """
        spec = self.sample(self._stream(number, "scene", attempt))
        camera = spec.camera
        for name, randomizer in self._placing.items():
            drawn = randomizer(spec, self._stream(number, name, attempt))
            if per_view(randomizer):
                spec = replace(spec, camera=drawn.camera)
                continue
            camera = camera if drawn.camera == spec.camera else drawn.camera
            spec = drawn
        return replace(spec, camera=camera)

    def _view(self, shared: SceneSpec, index: int, scene: int, attempt: int) -> SceneSpec:
        """Returns one proposal for a view; raises ProposalRejected if it will not do."""
        spec = shared
        for name, randomizer in self.randomizers.items():
            if per_view(randomizer):
                spec = randomizer(spec, self._stream(index, name, scene, attempt))
        spec = self.lens(spec, self._stream(index, "lens", scene, attempt))
        self.accept(spec)
        return spec

    def _stream(self, number: int, name: str, *attempts: int) -> np.random.Generator:
        tail = "".join(f"/{attempt}" for attempt in attempts) if any(attempts) else ""
        return stream(self.seed, number, name + tail)

    @property
    def _placing(self) -> dict[str, Hook]:
        """The randomizers up to the last one that is shared."""
        names = list(self.randomizers)
        last = max(
            (k for k, n in enumerate(names) if not per_view(self.randomizers[n])), default=-1
        )
        return {name: self.randomizers[name] for name in names[: last + 1]}

    @cached_property
    def _found(self) -> dict[int, tuple[SceneSpec, ...] | ProposalRejected]:
        return {}


def _still(camera: Camera) -> Camera:
    """Returns what a camera's picture depends on."""
    return replace(camera, motion=STILL, baseline_m=0.0)
