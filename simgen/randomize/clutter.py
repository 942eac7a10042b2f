"""Clutter: things left on the floor, labelled or not, clear of what stands there."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require, require_type
from simgen.distributions import Number, draw, written
from simgen.errors import SimgenError, one_of
from simgen.geometry import yaw
from simgen.placement import Floor
from simgen.props import mesh_of, names
from simgen.spec import Body, SceneSpec, Shape
from simgen.targets.wanted import Wanted, reweighted, tilted


@dataclass(frozen=True)
class Clutter:
    """Puts `count` props, each drawn from `props`, on free floor.

    Attributes:
        props: module names of simgen.props.
        labelled: whether they carry their prop's name as category, or none (distractors).
        count: how many; a frame with less free floor than that is proposed again.
        gap_m: kept free around each.
    """

    props: tuple[str, ...]
    labelled: bool
    count: Number = 3
    gap_m: Number = 0.1

    def __post_init__(self):
        require(0, whole=True, count=self.count)
        require(0, gap_m=self.gap_m)
        require_type(bool, labelled=self.labelled)
        if not self.props or not isinstance(self.props, tuple):
            raise SimgenError(f"props={written(self.props)} must be a list, such as [carton, drum]")
        for prop in self.props:
            one_of("props", prop, names())

    @property
    def categories(self) -> tuple[str, ...]:
        """What it may add to the scene's own."""
        return self.props if self.labelled else ()

    def __call__(
        self, spec: SceneSpec, rng: np.random.Generator, wanted: Wanted | None = None
    ) -> SceneSpec:
        """Returns the spec with more bodies, the given ones first and unchanged."""
        floor = Floor.of(spec)
        wanted = wanted if self.labelled else None
        count = int(self._count(wanted, rng) if wanted else draw(self.count, rng))
        kind = "clutter" if self.labelled else "distractors"
        added = tuple(self._place(floor, f"{kind} {i}", rng, wanted) for i in range(count))
        parameters = spec.parameters | {f"{kind}.count": len(added)}
        return replace(spec, bodies=spec.bodies + added, parameters=parameters)

    def _count(self, wanted: Wanted, rng: np.random.Generator) -> int:
        weight = float(np.mean([wanted.weight(prop) for prop in self.props]))
        return tilted(self.count, weight, rng)

    def _prop(self, rng: np.random.Generator, wanted: Wanted | None) -> str:
        if not wanted:
            return self.props[int(rng.integers(len(self.props)))]
        shares = reweighted(dict.fromkeys(self.props, 1.0), wanted)
        return str(rng.choice(list(shares), p=list(shares.values())))

    def _place(
        self, floor: Floor, name: str, rng: np.random.Generator, wanted: Wanted | None
    ) -> Body:
        prop = self._prop(rng, wanted)
        shape = Shape.of(prop)
        place = floor.place(
            mesh_of(shape).size[:2],
            rng,
            gap=draw(self.gap_m, rng),
            remedy=f"lower randomize.{name.split()[0]}.count or enlarge the scene",
        )
        return Body(
            f"{prop} {name}",
            shape,
            position=(place.x, place.y, 0.0),
            rotation=yaw(place.yaw),
            category=prop if self.labelled else "",
        )
