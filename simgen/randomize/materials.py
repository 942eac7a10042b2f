"""Plausible texture: every surface as it might be in another hall, of its own kind still."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simgen.checks import require
from simgen.color import hsv, shifted
from simgen.credits import Asset
from simgen.distributions import Number, draw
from simgen.errors import SimgenError
from simgen.props import materials_of
from simgen.spec import Material, SceneSpec
from simgen.surfaces import Surfaces

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
        textures: folder of pictures, or of sets of them (see simgen/surfaces.py), to be tiled.
        textured: probability that a material of what has no category takes one of them.
        textured_objects: the same of what has one.
        tile_m: width of a picture on a surface, where the folder's manifest says no size_m.
    """

    hue: Number = 0.0
    saturation: Number = 1.0
    value: Number = 1.0
    roughness: Number = 0.0
    wear: Number = 0.0
    repaint: Number = 0.0
    looks: Number = 4
    textures: str | None = None
    textured: Number = 0.5
    textured_objects: Number = 0.0
    tile_m: Number = 0.5

    def __post_init__(self):
        require(-1, 1, hue=self.hue, roughness=self.roughness, wear=self.wear)
        require(0, saturation=self.saturation, value=self.value)
        require(0, 1, repaint=self.repaint)
        require(0, 1, textured=self.textured, textured_objects=self.textured_objects)
        require(1e-3, 1000, tile_m=self.tile_m)
        if self.textures is not None:
            _ = self._surfaces  # opened, and so checked
        require(1, whole=True, looks=self.looks)

    @cached_property
    def _surfaces(self) -> Surfaces:
        try:
            return Surfaces.open(self.textures)
        except SimgenError as error:
            raise SimgenError(f"textures={error}") from error

    @property
    def assets(self) -> tuple[Asset, ...]:
        """Textures of the user's."""
        return self._surfaces.assets if self.textures is not None else ()

    def __call__(self, spec: SceneSpec, rng: np.random.Generator) -> SceneSpec:
        """Returns the spec with new materials; all else is equal."""
        looks = int(draw(self.looks, rng))
        look_of: dict[str, int] = {}
        varied: dict[tuple[Material, int, bool], Material] = {}
        bodies = []
        for body in spec.bodies:
            look = look_of.setdefault(body.name, int(rng.integers(looks)))
            dressed = {}
            for slot, material in materials_of(body).items():
                key = material, look, bool(self.textures and body.category)
                if key not in varied:
                    varied[key] = self._textured(self._vary(material, rng), key[-1], rng)
                dressed[slot] = varied[key]
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

    def _textured(self, material: Material, labelled: bool, rng: np.random.Generator) -> Material:
        if self.textures is None or material.kind in KEPT:
            return material
        share = draw(self.textured_objects if labelled else self.textured, rng)
        wide = float(draw(self.tile_m, rng))
        surfaces = self._surfaces.surfaces
        surface = surfaces[int(rng.integers(len(surfaces)))]
        if rng.random() >= share:
            return material
        return replace(
            material,
            kind="texture",
            image=surface.color,
            roughness_image=surface.roughness,
            normal_image=surface.normal,
            scale_m=surface.width_m or wide,
        )


def _colourful(material: Material) -> bool:
    return max(material.color) - min(material.color) > 0.4 * max(material.color)
