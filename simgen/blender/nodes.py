"""A terse way to write node trees: calls make nodes, arithmetic on their outputs makes more."""

from typing import Any

RENAMED = {"Fac": "Factor"}  # from Blender 5.2 on


class Wire:
    """One output of a node; `a * 2 + b` adds the math nodes for it."""

    def __init__(self, graph: "Graph", socket):
        self.graph, self.socket = graph, socket

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


class Graph:
    """A node tree under construction.

    Calling it adds a node: `graph("TexNoise", Vector=place, Scale=5.0, noise_dimensions="3D")`.
    Keywords that name an input give it a value or a wire; the others set the node's properties.
    `output` picks one of several outputs by name.
    """

    def __init__(self, data):
        """Empties the tree of a material or world."""
        if data.node_tree is None:
            data.use_nodes = True
        self.tree = data.node_tree
        self.tree.nodes.clear()

    def __call__(self, kind: str, output: str = "", **values: Any) -> Wire | None:
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        inputs = {name: _input(node, name.replace("_", " ")) for name in values}
        for name, value in values.items():
            if inputs[name] not in node.inputs:
                setattr(node, name, value)
        for name, value in values.items():
            if inputs[name] in node.inputs:
                self._feed(node.inputs[inputs[name]], value)
        return self._output(node, output)

    def _output(self, node, name: str) -> Wire | None:
        names = (name, RENAMED.get(name))
        shown = [out for out in node.outputs if out.enabled and (out.name in names or not name)]
        return Wire(self, shown[0]) if shown else None

    def _feed(self, socket, value: Any) -> None:
        if isinstance(value, Wire):
            self.tree.links.new(value.socket, socket)
        elif socket.type == "RGBA":
            socket.default_value = (*value[:3], 1.0)
        else:
            socket.default_value = value

    def compute(self, operation: str, *operands: Any) -> Wire:
        """Returns a function of floats, or of vectors when the first operand is one."""
        first = next(operand for operand in operands if isinstance(operand, Wire))
        flat = first.socket.type == "VALUE"
        node = self.tree.nodes.new(f"ShaderNode{'Math' if flat else 'VectorMath'}")
        node.operation = operation
        for socket, operand in zip(node.inputs, operands):
            if not flat and isinstance(operand, int | float):
                operand = (operand,) * 3
            self._feed(socket, operand)
        return Wire(self, next(out for out in node.outputs if out.enabled))

    def mix(self, share: Any, a: Any, b: Any, kind: str = "RGBA") -> Wire:
        """Returns a where share is 0 and b where it is 1; kind is 'RGBA', 'FLOAT' or 'VECTOR'."""
        node = self.tree.nodes.new("ShaderNodeMix")
        node.data_type = kind
        shown = [socket for socket in node.inputs if socket.enabled]
        for socket, value in zip(shown, (share, a, b)):
            self._feed(socket, value)
        return self._output(node, "")

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
        split = self("SeparateXYZ", Vector=vector).socket.node
        return tuple(Wire(self, out) for out in split.outputs)

    def noise(self, place: Wire, size: float, detail: float = 2.0, flat: bool = False) -> Wire:
        """Returns Perlin noise, about 0.2 to 0.8 around 0.5, with features of `size` metres."""
        return self(
            "TexNoise",
            noise_dimensions="2D" if flat else "3D",
            Vector=place,
            Scale=1.0 / size,
            Detail=detail,
        )


def _input(node, name: str) -> str:
    return name if name in node.inputs else RENAMED.get(name, name)
