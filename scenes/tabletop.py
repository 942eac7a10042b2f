"""Things on a table, a desk, a rug or the floor of a room, laid out or dropped by physics."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require, require_resolution, require_type
from simgen.distributions import Choice, Distribution, Number, draw
from simgen.errors import ProposalRejected, one_of
from simgen.geometry import look_at
from simgen.layout.heap import held, laid, plan, reach
from simgen.layout.loads import Group, moved
from simgen.layout.matched import matched
from simgen.layout.room import FLOORS, Room
from simgen.physics.settle import settle
from simgen.placement import world_boxes
from simgen.spec import IDENTITY, Body, Camera, Material, SceneSpec, Shape, Vec3, World
from simgen.targets.wanted import Wanted
from simgen.things import Shows

SURFACES = {
    "boards": (
        Material("wood", (0.4, 0.23, 0.1), roughness=0.4, wear=0.15),
        Material("wood", (0.55, 0.42, 0.27), roughness=0.5, wear=0.2),
        Material("wood", (0.14, 0.07, 0.035), roughness=0.3, wear=0.05),
    ),
    "plate": (
        Material("wood", (0.6, 0.46, 0.3), roughness=0.35, wear=0.05),
        Material("wood", (0.2, 0.1, 0.05), roughness=0.25, wear=0.05),
        Material("plastic", (0.78, 0.78, 0.76), roughness=0.35, wear=0.1),
        Material("plastic", (0.03, 0.03, 0.032), roughness=0.3, wear=0.15),
        Material("stone", (0.72, 0.7, 0.67), (0.22, 0.22, 0.24), roughness=0.15, scale_m=0.3),
        Material("stone", (0.04, 0.04, 0.045), (0.3, 0.28, 0.26), roughness=0.12, scale_m=0.2),
        Material("stone", (0.32, 0.26, 0.2), (0.6, 0.52, 0.42), roughness=0.25, scale_m=0.12),
    ),
    "cover": (
        Material("cloth", (0.74, 0.72, 0.67), (0.74, 0.72, 0.67), scale_m=0.05),
        Material("cloth", (0.76, 0.74, 0.7), (0.5, 0.03, 0.03), scale_m=0.025),
        Material("cloth", (0.74, 0.74, 0.74), (0.06, 0.14, 0.4), scale_m=0.015),
        Material("cloth", (0.12, 0.2, 0.16), (0.14, 0.24, 0.19), scale_m=0.08),
        Material("cloth", (0.55, 0.4, 0.22), (0.68, 0.55, 0.36), scale_m=0.06),
        Material("cloth", (0.1, 0.11, 0.16), (0.1, 0.11, 0.16), scale_m=0.05),
    ),
    "rug": (
        Material("carpet", (0.32, 0.04, 0.035), (0.05, 0.045, 0.1), scale_m=0.14, wear=0.3),
        Material("carpet", (0.55, 0.5, 0.43), (0.13, 0.12, 0.12), scale_m=0.16, wear=0.2),
        Material("carpet", (0.06, 0.1, 0.2), (0.5, 0.42, 0.28), scale_m=0.1, wear=0.3),
        Material("carpet", (0.5, 0.46, 0.4), (0.5, 0.46, 0.4), wear=0.3),
        Material("carpet", (0.1, 0.22, 0.17), (0.12, 0.26, 0.2), scale_m=0.05, wear=0.3),
    ),
}  # fmt: skip
SUPPORTS = ("table", "desk", "rug", "floor")
MARGIN = 0.12  # metres of a table around what lies on it, at least


@dataclass(frozen=True)
class Tabletop(Shows):
    """A room with things in its middle.

    Attributes:
        count: of things.
        dropped: probability that they are dropped; else they stand or lie as they were made.
        support: what they lie on, one of SUPPORTS.
        crowding: share of the area they lie in that they cover.
        room_m: from wall to wall, or more where the things need it.
    """

    props: tuple[str, ...] = ("mug", "bowl", "bottle", "tin", "book", "wrench", "bolt", "gear")
    count: Number = 8
    dropped: Number = 0.5
    support: str | Distribution = "table"
    crowding: Number = 0.2
    room_m: Number = 4.0
    resolution: tuple[int, int] = (640, 480)

    def __post_init__(self):
        require(1, 500, whole=True, count=self.count)
        require(0, 1, dropped=self.dropped)
        require(0.005, 0.6, crowding=self.crowding)
        require(2, 1000, room_m=self.room_m)
        require_type(str, support=self.support)
        options = self.support.options if isinstance(self.support, Choice) else (self.support,)
        for support in options:
            one_of("support", support, SUPPORTS)
        require_resolution(self.resolution)
        self.categories  # noqa: B018  what cannot be shown is told at once

    def sample(self, rng: np.random.Generator, wanted: Wanted | None = None) -> SceneSpec:
        """Returns the room, its things at rest, and a camera over them: the one that sees them in
        the boxes that are wanted, if there are any."""
        d = {name: draw(getattr(self, name), rng) for name in DRAWN}
        bodies = self.things.several(int(d["count"]), rng, wanted)
        if wanted and wanted.boxes:
            camera = Camera((0.0, 0.0, 0.0), IDENTITY, *wanted.resolution(self.resolution))
            bodies, camera = matched(bodies, wanted.boxes, camera, rng)
            return self._furnished(d, bodies, camera, rng)
        return self._furnished(d, bodies, None, rng)

    def _furnished(self, d: dict, bodies: Group, camera: Camera | None, rng) -> SceneSpec:
        """Returns the scene around things: laid out before a camera, or to be laid or dropped."""
        half = _half_side(bodies, d["crowding"]) if camera is None else _reached(bodies)
        room = _room(d["room_m"], half, camera)
        kind = "table" if camera and d["support"] == "desk" else d["support"]
        base, focus = _support(kind, half, room, rng)
        fixed = (*room.bodies(str(rng.choice(list(FLOORS))), rng), *base)
        if camera is not None:
            bodies, camera = moved(bodies, *focus), _moved(camera, focus)
        elif rng.random() < d["dropped"]:
            bodies = _dropped(bodies, half, focus, (fixed[0], *base), rng)
        else:
            bodies = laid(bodies, *_area(half, focus), focus[2], 0.004, REMEDY, rng)
        x, y, z = focus
        return SceneSpec(
            bodies=(*fixed, *bodies),
            lights=room.lights((x, y, float(world_boxes(bodies)[1][:, 2].max())), rng),
            world=World(color=(0.9, 0.95, 1.0), strength=0.3),
            camera=camera or _camera(focus, half, self.resolution),
            room=room.space,
            parameters={f"scene.{name}": value for name, value in d.items()},
        )


DRAWN = ("count", "dropped", "support", "crowding", "room_m")
REMEDY = "lower scene.crowding or scene.count"


def _half_side(bodies: tuple[Body, ...], crowding: float) -> float:
    """Returns half the side of the square that the things share, large enough for each."""
    return max(float(np.sqrt(plan(bodies) / crowding)) / 2, 1.1 * max(map(reach, bodies)))


def _reached(bodies: Group) -> float:
    """Returns half the side of the square about the origin that holds the bodies."""
    lower, upper = world_boxes(bodies)
    return float(max(-lower[:, :2].min(), upper[:, :2].max()))


def _room(side: float, half: float, camera: Camera | None) -> Room:
    """Returns a room that things need not be squeezed into, nor the camera over them."""
    away = float(np.hypot(*camera.position[:2])) if camera else 0.0
    high = camera.position[2] + 1.2 if camera else 0.0
    return Room(max(side, 4 * half + 1.6, 3 * away + 1.6), max(2.5, 3 * half + 1.5, high))


def _camera(focus: Vec3, half: float, resolution: tuple[int, int]) -> Camera:
    x, y, z = focus
    eye = (x, y - 2.2 * half - 0.2, z + 2.2 * half + 0.2)
    return Camera(eye, look_at(eye, focus), *resolution)


def _moved(camera: Camera, by: Vec3) -> Camera:
    return replace(camera, position=tuple(float(a + b) for a, b in zip(camera.position, by)))


def _area(half: float, focus: Vec3):
    """Returns the lower and the upper corner of a square about the focus."""
    x, y, _ = focus
    return (x - half, y - half), (x + half, y + half)


def _support(kind: str, half: float, room: Room, rng: np.random.Generator):
    """Returns what stands on the floor to carry things, and the middle of where they lie."""
    spot = rng.uniform(-0.1, 0.1, 2) * room.side
    if kind == "floor":
        return (), (float(spot[0]), float(spot[1]), 0.0)
    wide, deep = (float(max(rng.uniform(*span), 2 * half + 2 * MARGIN)) for span in SPANS[kind])
    aside = rng.uniform(-1, 1, 2) * (np.array([wide, deep]) / 2 - half - MARGIN)
    if kind == "desk":
        spot[1] = room.side / 2 - deep / 2 - 0.03 - aside[1]
    x, y = (float(v) for v in spot + aside)  # of the support: the things lie at the spot
    make = _rug if kind == "rug" else _table
    body, top = make(kind, round(wide, 2), round(deep, 2), rng)
    return (replace(body, position=(x, y, 0.0)),), (float(spot[0]), float(spot[1]), top)


SPANS = {  # metres along x and along y
    "table": ((0.9, 1.8), (0.7, 0.95)),
    "desk": ((1.2, 1.8), (0.6, 0.8)),
    "rug": ((1.2, 2.2), (0.9, 1.6)),
}


def _table(kind: str, wide: float, deep: float, rng: np.random.Generator) -> tuple[Body, float]:
    variants = ("plate", "boards") if kind == "desk" else ("boards", "plate", "cover", "cover")
    variant = variants[int(rng.integers(len(variants)))]
    top = round(float(rng.uniform(0.72, 0.77)), 2)
    material = _any_of(SURFACES[variant], rng)
    slot = "cover" if variant == "cover" else "top"
    shape = Shape.of("table", x=wide, y=deep, z=top, variant=variant)
    return Body(kind, shape, materials={slot: material}), top


def _rug(kind: str, wide: float, deep: float, rng: np.random.Generator) -> tuple[Body, float]:
    thick = round(float(rng.uniform(0.006, 0.014)), 3)
    shape = Shape.of("block", x=wide, y=deep, z=thick, chamfer=0.002)
    return Body(kind, shape, materials={"surface": _any_of(SURFACES["rug"], rng)}), thick


def _any_of(options, rng: np.random.Generator):
    return options[int(rng.integers(len(options)))]


def _dropped(
    bodies: tuple[Body, ...], half: float, focus: Vec3, fixed, rng: np.random.Generator
) -> tuple[Body, ...]:
    """Returns the bodies where they come to rest, all of them on what they were dropped onto."""
    falling = held(bodies, *_area(half, focus), focus[2] + 0.01, rng)
    rested = settle(falling, fixed)
    lower, upper = world_boxes(rested)
    if (lower + upper)[:, 2].min() / 2 < focus[2]:
        raise ProposalRejected(f"something rolled off: {REMEDY}")
    return rested
