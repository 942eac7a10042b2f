"""Specs as JSON: equal there and back, the same bytes every time, safe to read.

Hundreds of bodies share few materials and shapes, so each of those is written once, in a table,
and bodies refer to it by its place there. Nothing is left out as a default: a record still says
what its frame was after a default changes.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from math import isfinite
from typing import Annotated, Any, TypeVar

import msgspec

from simgen.errors import SimgenError
from simgen.spec import (
    STILL,
    Body,
    Camera,
    Light,
    Material,
    Motion,
    Quaternion,
    SceneSpec,
    Shape,
    Value,
    Vec3,
    World,
)

T = TypeVar("T")
_Place = Annotated[int, msgspec.Meta(ge=0)]  # in a table
_Plain = bool | int | float | str | tuple[Any, ...]


class WireShape(msgspec.Struct, forbid_unknown_fields=True):
    """Shape as it is written."""

    prop: str
    params: dict[str, _Plain]


class _WireBody(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    category: str
    shape: _Place
    materials: dict[str, _Place]
    position: Vec3
    rotation: Quaternion
    scale: Vec3
    slack_m: float
    blocks_light: bool
    motion: Motion | None  # None: still, as hundreds of bodies are
    attributes: tuple[str, ...] = ()


class WireSpec(msgspec.Struct, forbid_unknown_fields=True):
    """SceneSpec as it is written."""

    camera: Camera
    world: World
    lights: tuple[Light, ...]
    bodies: tuple[_WireBody, ...]
    shapes: tuple[WireShape, ...]
    materials: tuple[Material, ...]
    room: tuple[Vec3, Vec3]
    step_s: float
    parameters: dict[str, _Plain]


_spec_decoder = msgspec.json.Decoder(WireSpec)


def encode_spec(spec: SceneSpec) -> bytes:
    """Returns the spec as JSON, from which `decode_spec` makes an equal one.

    Raises:
        SimgenError: a field is no plain data (a NumPy scalar, a list, nan), naming it.
    """
    return encode(spec, to_wire, decode_spec)


def decode_spec(data: bytes, where: str) -> SceneSpec:
    """Returns the spec; `where` says in messages which file it was read from.

    Raises:
        SimgenError: the data is damaged, or not a spec.
    """
    return decode(_spec_decoder, data, where, from_wire)


def encode(value: T, wire: Callable[[T], Any], back: Callable[[bytes, str], T]) -> bytes:
    """Returns JSON that `back` has been seen to read: what cannot be read is never kept."""
    kind = type(value).__name__
    try:
        data = msgspec.json.encode(wire(value))
        if back(data, kind) == value:
            return data
        reason = "it does not survive being written and read"
    except (TypeError, ValueError, SimgenError) as error:
        reason = str(error)
    raise SimgenError(next(_strays(value, kind), reason))


def _strays(value: Any, path: str) -> Iterator[str]:
    """Yields a message for each thing in `value` that JSON would not give back."""
    if is_dataclass(value):
        for field in fields(value):
            yield from _strays(getattr(value, field.name), f"{path}.{field.name}")
    elif type(value) is dict:
        for key, item in value.items():
            yield from _strays(item, f"{path}[{key!r}]")
    elif type(value) is tuple:
        for i, item in enumerate(value):
            yield from _strays(item, f"{path}[{i}]")
    elif type(value) not in (bool, int, float, str, type(None)):
        kind = f"{type(value).__module__}.{type(value).__qualname__}"
        yield f"{path} is a {kind}: make it a plain float, int, bool, str or tuple"
    elif type(value) is float and not isfinite(value):
        yield f"{path}={value} is no finite number"


def decode(decoder: msgspec.json.Decoder, data: bytes, where: str, build: Callable) -> Any:
    """Returns what `build` makes of the decoded data; every mistake in it is a SimgenError."""
    try:
        return build(decoder.decode(data))
    except (ValueError, RecursionError, SimgenError) as error:
        raise SimgenError(
            f"{where}: {error}; the file is damaged or of another version of simgen"
        ) from error


class _Table:
    """Distinct items in order of first use, told apart by what is written, not by ==.

    (1 == True == 1.0, and 0.0 == -0.0: equal, but not the same to write.)
    """

    def __init__(self):
        self.items = []
        self._place: dict[bytes, int] = {}

    def place(self, item: Any) -> int:
        known = self._place.setdefault(msgspec.json.encode(item), len(self.items))
        if known == len(self.items):
            self.items.append(item)
        return known


def to_wire(spec: SceneSpec) -> WireSpec:
    shapes, materials = _Table(), _Table()
    return WireSpec(
        camera=spec.camera,
        world=spec.world,
        lights=spec.lights,
        bodies=tuple(_wire_body(body, shapes, materials) for body in spec.bodies),
        shapes=tuple(shapes.items),
        materials=tuple(materials.items),
        room=spec.room,
        step_s=spec.step_s,
        parameters=dict(sorted(spec.parameters.items())),
    )


def _wire_body(body: Body, shapes: _Table, materials: _Table) -> _WireBody:
    return _WireBody(
        name=body.name,
        category=body.category,
        shape=shapes.place(WireShape(body.shape.prop, dict(body.shape.params))),
        materials={slot: materials.place(m) for slot, m in sorted(body.materials.items())},
        position=body.position,
        rotation=body.rotation,
        scale=body.scale,
        slack_m=body.slack_m,
        blocks_light=body.blocks_light,
        motion=None if body.motion == STILL else body.motion,
        attributes=body.attributes,
    )


def from_wire(wire: WireSpec) -> SceneSpec:
    shapes = [shape_from_wire(shape) for shape in wire.shapes]
    return SceneSpec(
        bodies=tuple(_body(body, shapes, wire.materials) for body in wire.bodies),
        lights=wire.lights,
        world=wire.world,
        camera=wire.camera,
        room=wire.room,
        step_s=wire.step_s,
        parameters=_values(wire.parameters),
    )


def shape_from_wire(wire: WireShape) -> Shape:
    return Shape(wire.prop, tuple(_values(wire.params).items()))


def _body(wire: _WireBody, shapes: list[Shape], materials: tuple[Material, ...]) -> Body:
    places = (
        ("shape", wire.shape, shapes),
        *(("material", p, materials) for p in wire.materials.values()),
    )
    for kind, place, table in places:
        if place >= len(table):
            raise SimgenError(f"body {wire.name!r} refers to {kind} {place} of {len(table)}")
    return Body(
        name=wire.name,
        shape=shapes[wire.shape],
        position=wire.position,
        rotation=wire.rotation,
        scale=wire.scale,
        category=wire.category,
        materials={slot: materials[place] for slot, place in wire.materials.items()},
        slack_m=wire.slack_m,
        blocks_light=wire.blocks_light,
        motion=wire.motion or STILL,
        attributes=wire.attributes,
    )


def _values(pairs: dict[str, Any]) -> dict[str, Value]:
    return {name: _value(item) for name, item in pairs.items()}


def _value(item: Any) -> Value:
    if isinstance(item, list | tuple):
        return tuple(_value(each) for each in item)
    if type(item) not in (bool, int, float, str):
        raise SimgenError(f"{item!r} is not a number, a text, a truth value or a list of them")
    return item
