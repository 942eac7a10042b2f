"""A terse way to write node trees: calls make nodes, arithmetic on their outputs makes more.

Nothing of Blender's is made yet: trees.py grows what is written here.
"""

from dataclasses import dataclass
from typing import Any

from simgen.blender.anatomy import Anatomy, anatomy_of


@dataclass(frozen=True, eq=False)
class Wire:
    """One output of a node; `a * 2 + b` adds the math nodes for it.

    Attributes:
        node, output: places in the graph's nodes and in the node's outputs.
    """

    graph: "Graph"
    node: int
    output: int

    @property
    def is_number(self) -> bool:
        return self.graph.nodes[self.node].anatomy.outputs[self.output].kind == "VALUE"

    def __add__(self, other: Any) -> "Wire":
        return self.graph.compute("ADD", self, other)

    def __sub__(self, other: Any) -> "Wire":
        return self.graph.compute("SUBTRACT", self, other)

    def __mul__(self, other: Any) -> "Wire":
        return self.graph.compute("MULTIPLY", self, other)

    def __rsub__(self, other: Any) -> "Wire":
        return self.graph.compute("SUBTRACT", other, self)

    def __abs__(self) -> "Wire":
        return self.graph.compute("ABSOLUTE", self)

    __radd__ = __add__
    __rmul__ = __mul__


@dataclass(frozen=True, eq=False)
class Node:
    """A node to be.

    Attributes:
        settings: properties that decide which sockets it has. `things`: those that are things of
            Blender's, such as images.
        inputs: what they are given, by place, in order.
    """

    kind: str
    settings: tuple[tuple[str, Any], ...]
    things: dict[str, Any]
    inputs: dict[int, Any]
    anatomy: Anatomy


class Graph:
    """A node tree being written.

    Calling it adds a node: `graph("TexNoise", Vector=place, Scale=5.0, noise_dimensions="3D")`.
    Keywords that name an input give it a value or a wire; the others set the node's properties.
    `output` picks one of several outputs by name.
    """

    def __init__(self):
        self.nodes: list[Node] = []

    def __call__(self, kind: str, output: str = "", **values: Any) -> Wire | None:
        bare = anatomy_of(kind)
        settings, things, inputs = {}, {}, {}
        for name, value in values.items():
            place = bare.place_of(name.replace("_", " "))
            if place is not None:
                inputs[place] = value
            elif isinstance(value, str | int | float):
                settings[name] = value
            else:
                things[name] = value
        return self._add(kind, inputs, output, things, **settings)

    def _add(
        self, kind: str, inputs: dict[int, Any], output: str = "", things: Any = None, **settings
    ) -> Wire | None:
        anatomy = anatomy_of(kind, tuple(settings.items()))
        self.nodes.append(Node(kind, tuple(settings.items()), things or {}, inputs, anatomy))
        found = anatomy.outputs_of(output)
        return Wire(self, len(self.nodes) - 1, found[0]) if found else None

    def beside(self, wire: Wire, output: str) -> Wire:
        """Returns another output of the same node."""
        return Wire(self, wire.node, self.nodes[wire.node].anatomy.outputs_of(output)[0])

    def compute(self, operation: str, *operands: Any) -> Wire:
        """Returns a function of floats, or of vectors when the first operand is one."""
        first = next(operand for operand in operands if isinstance(operand, Wire))
        if first.is_number:
            return self._add("Math", dict(enumerate(operands)), operation=operation)
        vectors = ((x,) * 3 if isinstance(x, int | float) else x for x in operands)
        return self._add("VectorMath", dict(enumerate(vectors)), operation=operation)

    def mix(self, share: Any, a: Any, b: Any, kind: str = "RGBA") -> Wire:
        """Returns a where share is 0 and b where it is 1; kind is 'RGBA', 'FLOAT' or 'VECTOR'."""
        sockets = anatomy_of("Mix", (("data_type", kind),)).inputs
        shown = [place for place, socket in enumerate(sockets) if socket.shown]
        return self._add("Mix", dict(zip(shown, (share, a, b))), data_type=kind)

    def either(self, share: Any, a: Wire, b: Wire) -> Wire:
        """Returns shader a where share is 0 and b where it is 1; where it is one of them, Cycles
        skips the nodes of the other."""
        return self._add("MixShader", {0: share, 1: a, 2: b})

    def step(self, value: Wire, start: Any, end: Any, low: Any = 0.0, high: Any = 1.0) -> Wire:
        """Returns a smooth step from low at `start` to high at `end`."""
        return self(
            "MapRange",
            interpolation_type="SMOOTHSTEP",
            Value=value,
            From_Min=start,
            From_Max=end,
            To_Min=low,
            To_Max=high,
        )

    def combine(self, x: Any, y: Any, z: Any = 0.0) -> Wire:
        return self("CombineXYZ", X=x, Y=y, Z=z)

    def axes(self, vector: Wire) -> tuple[Wire, Wire, Wire]:
        x = self("SeparateXYZ", Vector=vector)
        return tuple(Wire(self, x.node, i) for i in range(3))

    def noise(self, place: Wire, size: float, detail: float = 2.0, flat: bool = False) -> Wire:
        """Returns Perlin noise, about 0.2 to 0.8 around 0.5, with features of `size` metres."""
        return self(
            "TexNoise",
            noise_dimensions="2D" if flat else "3D",
            Vector=place,
            Scale=1.0 / size,
            Detail=detail,
        )
