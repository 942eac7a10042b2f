"""Bin picking: a plastic tote on a workbench, filled by physics, seen from above."""

from dataclasses import dataclass, replace

import numpy as np

from simgen.checks import require, require_resolution
from simgen.color import hsv
from simgen.distributions import Number, draw
from simgen.errors import ProposalRejected
from simgen.geometry import look_at
from simgen.layout.hall import Hall
from simgen.layout.heap import held, reach
from simgen.physics.settle import settle
from simgen.placement import world_boxes
from simgen.props import mesh_of
from simgen.props.small_load_carrier import WALL
from simgen.spec import Body, Camera, Light, Material, SceneSpec, Shape, World
from simgen.targets.wanted import Wanted
from simgen.things import Shows

DRAWN = ("count", "fill", "totes")
REMEDY = "lower scene.fill or scene.count"
PACKED = 0.45  # share of a tote that things' own boxes fill when they lie in a heap
SMALLEST = 0.2  # metres: the inside of a tote along its longer side
SIDES = np.array([1.0, 0.68])  # of a tote
STEP = 0.02  # of a tote's sides, so that frames share meshes
HALL = Hall(8.0, 8.0, 4.5, lamp_rows=2, lamps=3, columns=1)
BENCH = 0.85
FLOOR = 0.016  # of a tote, above the bench
COLORS = ((0.6, 0.85, 0.5), (0.6, 0.05, 0.4), (0.02, 0.8, 0.65), (0.13, 0.9, 0.85),
          (0.36, 0.7, 0.4), (0.6, 0.08, 0.18), (0.58, 0.6, 0.75))  # fmt: skip
TOPS = (
    Material("metal", (0.5, 0.5, 0.51), roughness=0.4, wear=0.4),
    Material("wood", (0.5, 0.36, 0.2), roughness=0.5, wear=0.5),
    Material("rubber", (0.03, 0.05, 0.04), roughness=0.7, wear=0.4),
    Material("plastic", (0.55, 0.56, 0.56), roughness=0.4, wear=0.4),
)


@dataclass(frozen=True)
class Bin(Shows):
    """A tote as large as what lies in it needs.

    Attributes:
        count: of things in the tote.
        fill: share of the tote that they take.
        totes: empty ones beside it.
    """

    props: tuple[str, ...] = ("bolt", "nut", "gear", "bracket", "wrench")
    count: Number = 25
    fill: Number = 0.5
    totes: Number = 0
    resolution: tuple[int, int] = (640, 480)

    def __post_init__(self):
        require(1, 500, whole=True, count=self.count)
        require(0.05, 1, fill=self.fill)
        require(0, 4, whole=True, totes=self.totes)
        require_resolution(self.resolution)
        self.categories  # noqa: B018  what cannot be shown is told at once

    def sample(self, rng: np.random.Generator, wanted: Wanted | None = None) -> SceneSpec:
        """Returns the hall, the bench with its totes, and a camera above the full one."""
        d = {name: draw(getattr(self, name), rng) for name in DRAWN}
        bodies = self.things.several(int(d["count"]), rng, wanted)
        tote = _tote(bodies, d["fill"], rng)
        x, y, z = (float(side) for side in mesh_of(tote.shape).size)
        bench, top = _bench(x, y, rng)
        bodies = _filled(bodies, tote, (x, y, z), rng)
        beside = _beside(tote, (x, y), int(d["totes"]))
        middle = (0.0, 0.0, BENCH + z / 2)
        eye = (0.0, -0.2 * z, BENCH + z + 1.6 * x)
        lamp = Light("area", (0.3, 0.4, BENCH + z + 1.2), power=20.0, size=(0.9, 0.15))
        return SceneSpec(
            bodies=(*HALL.bodies(rng), bench, top, tote, *beside, *bodies),
            lights=(*HALL.lights(), lamp),
            world=World(color=(0.8, 0.9, 1.0), strength=0.3),
            camera=Camera(eye, look_at(eye, middle), *self.resolution),
            room=HALL.room,
            parameters={f"scene.{name}": value for name, value in d.items()},
        )


def _tote(bodies: tuple[Body, ...], fill: float, rng: np.random.Generator) -> Body:
    """Returns a tote that the bodies fill to that share, on the bench about the origin."""
    volume = sum(float(np.prod(mesh_of(b.shape).size * b.scale)) for b in bodies) / PACKED / fill
    deep = float(rng.uniform(0.3, 0.6))  # of its length
    length = (volume / (SIDES[1] * deep)) ** (1 / 3)
    length = max(length, SMALLEST, 2.2 * max(map(reach, bodies)))
    sides = np.array([*(length * SIDES), max(deep * length, 0.08)]) + (0.05, 0.05, FLOOR)
    x, y, z = (round(float(STEP * np.ceil(side / STEP)), 3) for side in sides)
    color = hsv(*COLORS[int(rng.integers(len(COLORS)))])
    shell = Material("plastic", color, roughness=0.42, wear=0.4)
    shape = Shape.of("small_load_carrier", x=x, y=y, z=z, labelled=bool(rng.random() < 0.5))
    return Body("tote", shape, (0.0, 0.0, BENCH), materials={"shell": shell})


def _bench(x: float, y: float, rng: np.random.Generator) -> tuple[Body, Body]:
    """Returns the bench and its top, on which the totes stand."""
    wide, deep = max(1.8, 3.2 * x), max(0.8, y + 0.3)
    shape = Shape.of("table", x=round(wide, 2), y=round(deep, 2), z=BENCH - 0.01)
    frame = Material("paint", hsv(0.6, 0.3, 0.4), (0.3, 0.3, 0.3), 0.4, 0.4)
    table = Body("bench", shape, materials={"frame": frame, "top": frame})
    plate = Shape.of("block", x=round(wide - 0.04, 2), y=round(deep - 0.04, 2), z=0.01)
    material = TOPS[int(rng.integers(len(TOPS)))]
    mat = Body("bench top", plate, (0.0, 0.0, BENCH - 0.01), materials={"surface": material})
    return table, mat


def _beside(tote: Body, size: tuple[float, float], count: int) -> tuple[Body, ...]:
    """Returns empty totes to the right and left by turns."""
    places = [(side * n * (size[0] + 0.04), 0.0, BENCH) for n in (1, 2) for side in (1, -1)]
    return tuple(replace(tote, name="empty tote", position=place) for place in places[:count])


def _filled(
    bodies: tuple[Body, ...], tote: Body, size, rng: np.random.Generator
) -> tuple[Body, ...]:
    """Returns the bodies where they come to rest, all of them inside."""
    x, y, z = size
    half = np.array([x, y]) / 2 - (0.02 if x > 0.35 else 0.012) - WALL - 0.004
    falling = held(bodies, tuple(-half), tuple(half), BENCH + FLOOR + 0.005, rng, rim=z - FLOOR)
    ground = Body("ground", Shape.of("block", x=20.0, y=20.0, z=0.1), (0.0, 0.0, BENCH - 0.1))
    rested = settle(falling, (ground, tote))
    middle = np.mean(world_boxes(rested), axis=0)
    if (np.abs(middle[:, :2]) > half).any():
        raise ProposalRejected(f"something fell out of the tote: {REMEDY}")
    return rested
