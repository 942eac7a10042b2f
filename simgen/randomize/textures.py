"""Wild texture: random colours and patterns on anything, so that a detector learns shape."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.color import hsv
from simgen.distributions import Number, draw
from simgen.props import materials_of
from simgen.spec import Material, SceneSpec

PRINTED = ("flat_print",)
PATTERNS = ("plain", "checker", "stripes", "dots", "noise")


@dataclass(frozen=True)
class Textures:
    """Replaces every material of some loads (bodies of one name) with a random pattern, but not of
    prints, which are what is printed on them.

    Attributes:
        probability: for each load alone.
        scale_m: size of the pattern's features.
        roughness: of the surface.
    """

    probability: Number = 0.05
    scale_m: Number = 0.1
    roughness: Number = 0.5

    def __post_init__(self):
        require(0, 1, probability=self.probability, roughness=self.roughness)
        require(1e-4, scale_m=self.scale_m)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with some materials replaced; all else is equal."""
        probability = draw(self.probability, rng)
        wild: dict[str, bool] = {}
        drawn: dict[tuple[str, str], Material] = {}
        bodies = []
        for body in spec.bodies:
            chosen = rng.random() < probability and body.shape.prop not in PRINTED
            if wild.setdefault(body.name, bool(chosen)):
                for slot in materials_of(body):
                    if (body.name, slot) not in drawn:
                        drawn[body.name, slot] = self._pattern(rng)
                own = {slot: drawn[body.name, slot] for slot in materials_of(body)}
                body = replace(body, materials=own)
            bodies.append(body)
        parameters = spec.parameters | {"textures.wild": sum(wild.values())}
        return replace(spec, bodies=tuple(bodies), parameters=parameters)

    def _pattern(self, rng: np.random.Generator) -> Material:
        color, accent = (hsv(*rng.uniform((0, 0.1, 0.1), (1, 1, 1))) for _ in range(2))
        return Material(
            kind=PATTERNS[int(rng.integers(len(PATTERNS)))],
            color=color,
            accent=accent,
            roughness=draw(self.roughness, rng),
            scale_m=draw(self.scale_m, rng),
            offset=tuple(float(v) for v in rng.uniform(-10, 10, 3)),
        )
