"""What sockets a kind of shader node has, asked of Blender once."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache

import bpy

RENAMED = {"Fac": "Factor"}  # from Blender 5.2 on


@dataclass(frozen=True)
class Socket:
    """An input or an output; `kind` is Blender's: VALUE, VECTOR, RGBA, SHADER, ..."""

    name: str
    kind: str
    shown: bool


@dataclass(frozen=True)
class Anatomy:
    """The sockets of a node, in Blender's order."""

    inputs: tuple[Socket, ...]
    outputs: tuple[Socket, ...]

    def place_of(self, name: str) -> int | None:
        """Returns the place of the first input of this name."""
        return next((i for i, s in enumerate(self.inputs) if _named(s, name)), None)

    def outputs_of(self, name: str = "") -> list[int]:
        """Returns the places of the outputs that are shown and have this name, '': any."""
        return [i for i, s in enumerate(self.outputs) if s.shown and (not name or _named(s, name))]


@cache
def anatomy_of(kind: str, settings: tuple[tuple[str, Hashable], ...] = ()) -> Anatomy:
    """Returns the anatomy of a node of this kind, so set."""
    tree = bpy.data.node_groups.new("anatomy", "ShaderNodeTree")
    try:
        node = tree.nodes.new(f"ShaderNode{kind}")
        for name, value in settings:
            setattr(node, name, value)
        return Anatomy(_sockets(node.inputs), _sockets(node.outputs))
    finally:
        bpy.data.node_groups.remove(tree)


def _sockets(sockets) -> tuple[Socket, ...]:
    return tuple(Socket(s.name, s.type, s.enabled) for s in sockets)


def _named(socket: Socket, name: str) -> bool:
    return socket.name in (name, RENAMED.get(name))
