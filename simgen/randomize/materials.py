"""Plausible texture: every surface as it might be in another hall, of its own kind still."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require
from simgen.color import hsv, shifted
from simgen.distributions import Number, draw
from simgen.props import materials_of
from simgen.spec import Material, SceneSpec

KEPT = ("image", "imported", "emitter")
PAINTABLE = ("plastic", "paint")
# Industrial finishes as sRGB hue, saturation, value: blues, reds, yellows, greens, greys.
PAINTS = (
    (0.60, 0.85, 0.55), (0.58, 0.70, 0.75), (0.00, 0.85, 0.65), (0.02, 0.75, 0.75),
    (0.07, 0.95, 0.90), (0.13, 0.95, 0.95), (0.36, 0.75, 0.45), (0.42, 0.80, 0.35),
    (0.60, 0.08, 0.30), (0.60, 0.05, 0.55), (0.10, 0.05, 0.85), (0.60, 0.10, 0.15),
)  # fmt: skip


@dataclass(frozen=True)
class Materials:
    """Shifts tone, gloss, wear and pattern, load by load: bodies of one name look alike.

    Attributes:
        hue: shift in turns. `saturation`, `value`: factors. `roughness`, `wear`: added.
            Each is drawn anew for each look.
        repaint: probability that coloured plastic or paint takes another industrial colour; what
            is grey or black, as walls and masts are, stays so.
        looks: how many looks each material has in one frame.
    """

    hue: Number = 0.0
    saturation: Number = 1.0
    value: Number = 1.0
    roughness: Number = 0.0
    wear: Number = 0.0
    repaint: Number = 0.0
    looks: Number = 4

    def __post_init__(self):
        require(-1, 1, hue=self.hue, roughness=self.roughness, wear=self.wear)
        require(0, saturation=self.saturation, value=self.value)
        require(0, 1, repaint=self.repaint)
        require(1, whole=True, looks=self.looks)

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with new materials; all else is equal."""
        looks = int(draw(self.looks, rng))
        look_of: dict[str, int] = {}
        varied: dict[tuple[Material, int], Material] = {}
        bodies = []
        for body in spec.bodies:
            look = look_of.setdefault(body.name, int(rng.integers(looks)))
            dressed = {}
            for slot, material in materials_of(body).items():
                if (material, look) not in varied:
                    varied[material, look] = self._vary(material, rng)
                dressed[slot] = varied[material, look]
            bodies.append(replace(body, materials=dressed))
        return replace(spec, bodies=tuple(bodies))

    def _vary(self, material: Material, rng: np.random.Generator) -> Material:
        if material.kind in KEPT:
            return material
        d = draw(self, rng)
        color = shifted(material.color, d.hue, d.saturation, d.value)
        repainted = rng.random() < d.repaint  # drawn for all, so that one does not move the rest
        if repainted and material.kind in PAINTABLE and _colourful(material):
            color = hsv(*PAINTS[int(rng.integers(len(PAINTS)))])
        return replace(
            material,
            color=color,
            roughness=float(np.clip(material.roughness + d.roughness, 0.05, 1)),
            wear=float(np.clip(material.wear + d.wear, 0, 1)),
            offset=tuple(float(v) for v in rng.uniform(-100, 100, 3)),
        )


def _colourful(material: Material) -> bool:
    return max(material.color) - min(material.color) > 0.4 * max(material.color)
