"""Written graphs become Blender's node trees.

Each node and each link that is made has Blender look through the whole tree, so that a tree of
fifty nodes takes 10 ms. One that differs from an earlier one in values alone is a copy of that.
"""

from collections.abc import Callable, Hashable
from numbers import Real
from typing import Any

from simgen.blender import blank
from simgen.blender.nodes import Graph, Node, Wire

Values = dict[tuple[int, int], Any]  # constants by the places of node and input


def grow(graph: Graph, new: Callable[[], Any]) -> Any:
    """Returns a graph as the tree of a material or a world, which `new` makes."""
    shape, values = (new, _shape(graph)), _values(graph)
    model, there = blank.lasting(shape, lambda: (_plant(graph, new()), values))
    data = model.copy()
    nodes = data.node_tree.nodes
    for (node, place), value in values.items():
        if value != there[node, place]:
            nodes[node].inputs[place].default_value = value
    for i, node in enumerate(graph.nodes):
        for name, thing in node.things.items():
            setattr(nodes[i], name, thing)
    return data


def _shape(graph: Graph) -> Hashable:
    """Returns all of a graph but constants and things of Blender's."""
    return tuple((node.kind, node.settings, *_wiring(node)) for node in graph.nodes)


def _wiring(node: Node) -> list[Hashable]:
    return [
        (place, value.node, value.output) if isinstance(value, Wire) else place
        for place, value in node.inputs.items()
    ]


def _values(graph: Graph) -> Values:
    return {
        (i, place): _constant(node, place, value)
        for i, node in enumerate(graph.nodes)
        for place, value in node.inputs.items()
        if not isinstance(value, Wire)
    }


def _constant(node: Node, place: int, value: Any) -> Any:
    if node.anatomy.inputs[place].kind == "RGBA":
        return (*map(float, value[:3]), 1.0)
    return value if isinstance(value, Real) else tuple(map(float, value))


def _plant(graph: Graph, data: Any) -> Any:
    """Returns the material or world with the graph's nodes, but without things."""
    if data.node_tree is None:
        data.use_nodes = True
    tree = data.node_tree
    tree.nodes.clear()
    for written in graph.nodes:
        node = tree.nodes.new(f"ShaderNode{written.kind}")
        for name, value in written.settings:
            setattr(node, name, value)
        for place, value in written.inputs.items():
            if isinstance(value, Wire):
                tree.links.new(tree.nodes[value.node].outputs[value.output], node.inputs[place])
            else:
                node.inputs[place].default_value = _constant(written, place, value)
    return data
