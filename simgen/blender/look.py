"""What a finish paints on (Canvas) and what it paints (Look)."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from simgen.blender.nodes import Graph, Wire
from simgen.spec import Material, Vec3

DUST = (0.33, 0.30, 0.26)


@dataclass(frozen=True)
class Look:
    """Inputs of one Principled BSDF: constants or wires.

    Attributes:
        height: bump in 0 to 1, `relief_m` metres from bottom to top. Shading only: the geometry
            stays the mesh that the labels come from.
        normal: world-space normal in place of the surface's; shading only, too.
        average: colour that light sees after a diffuse bounce, instead of the whole pattern; None
            where no one colour stands for it.
    """

    color: Any
    roughness: Any
    metallic: Any = 0.0
    specular: float = 0.5
    height: Wire | None = None
    relief_m: float = 0.0
    normal: Wire | None = None
    average: Vec3 | None = None


class Canvas:
    """Where on the surface a shader is, each made when first asked for."""

    def __init__(self, graph: Graph, material: Material):
        self.graph, self.material = graph, material

    @cached_property
    def place(self) -> Wire:
        """Object-space metres, moved by the material's offset: patterns stay put."""
        return self.graph("TexCoord", output="Object") + self.material.offset

    @cached_property
    def body(self) -> Wire:
        """A number per body, from its place in the spec."""
        return self.graph("ObjectInfo", output="Object Index")

    @cached_property
    def part(self) -> Wire:
        """One number in [0, 1) per part of the mesh."""
        return self.graph("Attribute", output="Fac", attribute_name="part")

    def lot(self, number: Wire) -> Wire:
        """Returns three random numbers in [0, 1) for a number."""
        return self.graph("TexWhiteNoise", output="Color", noise_dimensions="1D", W=number)

    @cached_property
    def own_place(self) -> Wire:
        """As `place`, but two bodies are cut from different stock."""
        return self.place + self.lot(self.body) * 37.0

    @cached_property
    def upward(self) -> Wire:
        """1 on faces that look up, where dust settles, 0 from 45 degrees on."""
        normal = self.graph("NewGeometry", output="Normal")
        return self.graph.step(self.graph.axes(normal)[2], 0.7, 0.95)

    def tone(self, number: Wire, color: Vec3, spread: float) -> Wire:
        """Returns the colour, lighter or darker by up to `spread` for each number."""
        shade = self.graph.axes(self.lot(number))[0]
        return self.scaled(color, shade * (2 * spread) + (1 - spread))

    def darker(self, share: float) -> Vec3:
        """Returns the base colour darkened, blue the most, as wood and paper darken."""
        return tuple(c * share**power for c, power in zip(self.material.color, (0.8, 1.0, 1.25)))

    def scaled(self, color: Any, by: Wire) -> Wire:
        """Returns a colour times a float."""
        graph = self.graph
        return graph.compute("MULTIPLY", graph.combine(by, by, by), color)
