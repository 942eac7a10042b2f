"""A terse way to write node trees."""

from typing import Any


class Graph:
    """A node tree under construction.

    Calling it adds a node: `graph("TexNoise", Vector=coords, Scale=5.0, noise_dimensions="3D")`.
    Keywords that name an input give it a value or link it; the others set the node's properties.
    A node given as a value stands for its first output.
    """

    def __init__(self, tree):
        self.tree = tree
        tree.nodes.clear()

    @classmethod
    def of(cls, data) -> "Graph":
        """Returns the emptied graph of a material or world."""
        if data.node_tree is None:
            data.use_nodes = True
        return cls(data.node_tree)

    def __call__(self, kind: str, **values: Any):
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        sockets = {name: v for name, v in values.items() if name.replace("_", " ") in node.inputs}
        for name in values.keys() - sockets.keys():
            setattr(node, name, values[name])
        for name, value in sockets.items():
            self.feed(node.inputs[name.replace("_", " ")], value)
        return node

    def feed(self, socket, value: Any) -> None:
        if hasattr(value, "outputs"):
            value = next(output for output in value.outputs if output.enabled)
        if hasattr(value, "is_output"):
            self.tree.links.new(value, socket)
        else:
            socket.default_value = value
