"""Inspection: parts at intervals on a belt under a fixed camera, some of them with a defect."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from simgen.checks import require, require_resolution
from simgen.color import hsv
from simgen.defects import spoilt
from simgen.distributions import Number, draw, written
from simgen.errors import ProposalRejected, SimgenError, one_of
from simgen.geometry import look_at, rotation_matrix, yaw
from simgen.layout.hall import Hall
from simgen.layout.heap import held, reach
from simgen.physics.settle import settle
from simgen.placement import world_boxes
from simgen.props import mesh_of
from simgen.props.conveyor import LIP
from simgen.props.defective import KINDS
from simgen.spec import Body, Camera, Light, Material, Motion, SceneSpec, Shape, Vec3, World
from simgen.targets.wanted import Wanted
from simgen.things import Shows

LABELS = ("attribute", "category", "none")
DRAWN = ("kinds", "spacing", "dropped", "speed_m_s", "belt_m", "view", "tilt_deg")
HALL = Hall(9.0, 7.0, 4.5, lamp_rows=2, lamps=2, columns=1)
HEIGHT = 0.9
MANY = 64  # parts, of which as many lie on the belt as fit
FOCAL_MM, SENSOR_MM = 35.0, 36.0
BELTS = (
    Material("rubber", (0.025, 0.03, 0.03), roughness=0.65, wear=0.1),
    Material("rubber", (0.03, 0.11, 0.07), roughness=0.5, wear=0.05),
    Material("rubber", (0.05, 0.12, 0.25), roughness=0.5, wear=0.05),
    Material("rubber", (0.6, 0.6, 0.57), roughness=0.5, wear=0.15),
    Material("cloth", (0.07, 0.075, 0.08), (0.07, 0.075, 0.08), roughness=0.6, wear=0.3),
)


@dataclass(frozen=True)
class Conveyor(Shows):
    """A belt along x.

    Attributes:
        kinds: how many categories are on the belt in one frame.
        spacing: from part to part, in sums of the radii of the circles that hold them.
        dropped: probability that the parts of a frame lie as they fell; else as they were made.
        speed_m_s: of the belt and of what is on it, along +x.
        belt_m: width, or more where parts need it.
        view: how many belt widths the picture is high.
        tilt_deg: of the camera, from straight down.
        defects: probability of each kind of defect, for each part; at most one comes to a part.
        defect_labels: attribute: what a part has is among its attributes; category: the part's own
            category ends in _ and the defect; none: it is not told.
    """

    props: tuple[str, ...] = ("bolt", "nut", "gear", "bracket", "wrench", "tin")
    kinds: Number = 1
    spacing: Number = 1.5
    dropped: Number = 0.5
    speed_m_s: Number = 0.3
    belt_m: Number = 0.3
    view: Number = 1.2
    tilt_deg: Number = 15.0
    defects: Mapping[str, Number] = field(default_factory=dict)
    defect_labels: str = "attribute"
    resolution: tuple[int, int] = (640, 480)

    def __post_init__(self):
        require(1, 1000, whole=True, kinds=self.kinds)
        require(1, 100, spacing=self.spacing)
        require(0, 1, dropped=self.dropped)
        require(-10, 10, speed_m_s=self.speed_m_s)
        require(0.01, 10, belt_m=self.belt_m)
        require(0.1, 4, view=self.view)
        require(-60, 60, tilt_deg=self.tilt_deg)
        if not isinstance(self.defects, Mapping):
            raise SimgenError(f"defects={written(self.defects)} must be like {{scratch: 0.1}}")
        for kind, share in self.defects.items():
            one_of("defects", kind, KINDS)
            require(0, 1, fixed=True, **{f"defects.{kind}": share})
        if sum(self.defects.values()) > 1:
            raise SimgenError("defects: their probabilities add up to more than 1")
        one_of("defect_labels", self.defect_labels, LABELS)
        require_resolution(self.resolution)
        self.categories  # noqa: B018  what cannot be shown is told at once

    @property
    def categories(self) -> tuple[str, ...]:
        """Those of the things; with `defect_labels: category`, those of spoilt ones after them."""
        own, shown = self.things.categories, [k for k, share in self.defects.items() if share]
        if self.defect_labels != "category":
            return own
        return (*own, *(f"{name}_{kind}" for name in own for kind in shown))

    def sample(self, rng: np.random.Generator, wanted: Wanted | None = None) -> SceneSpec:
        """Returns the hall, the belt, the parts on it, and a camera above."""
        d = {name: draw(getattr(self, name), rng) for name in DRAWN}
        parts = self._parts(int(d["kinds"]), rng, wanted)
        width = max(float(d["belt_m"]), 2.8 * max(map(reach, parts)))
        width = round(float(np.ceil(width / 0.02) * 0.02), 2)
        tall = max(map(reach, parts))
        camera = _camera(width, tall, d["view"], d["tilt_deg"], self.resolution)
        seen = 0.62 * width * d["view"] * max(self.resolution[0] / self.resolution[1], 1.0)
        spots = _spots(parts, d["spacing"], seen, width, rng)
        if wanted and wanted.count:
            spots = _centred(spots[: wanted.count])
        parts = _resting(parts[: len(spots)], spots, rng.random() < d["dropped"], width, rng)
        parts = tuple(self._inspected(part, camera.position, rng) for part in parts)
        moving = Motion(velocity=(float(d["speed_m_s"]), 0.0, 0.0))
        belt, frame = _belt(width, max(2.0, round(2.6 * seen, 1)), rng)
        x, y, z = camera.position
        bar = Light("area", (x + 0.3 * width, y, z), power=22.0 * z**2, size=(0.1, width))
        return SceneSpec(
            bodies=(
                *HALL.bodies(rng), frame, replace(belt, motion=moving),
                *(replace(part, motion=moving) for part in parts),
            ),
            lights=(*HALL.lights(), bar),
            world=World(color=(0.8, 0.9, 1.0), strength=0.3),
            camera=camera,
            room=HALL.room,
            parameters={f"scene.{name}": value for name, value in d.items()},
        )  # fmt: skip

    def _parts(self, kinds: int, rng: np.random.Generator, wanted: Wanted | None):
        """Returns more parts than fit, of some categories, or of those that are wanted."""
        if wanted and wanted.shares:
            return self.things.several(MANY, rng, replace(wanted, count=MANY))
        chosen = rng.permutation(self.things.categories)[:kinds]
        return tuple(
            self.things.draw(rng, str(chosen[int(rng.integers(len(chosen)))])) for _ in range(MANY)
        )

    def _inspected(self, part: Body, eye: Vec3, rng: np.random.Generator) -> Body:
        """Returns the part with the defect that falls to it, if any."""
        lot, passed = float(rng.random()), 0.0
        for kind, share in self.defects.items():
            passed += share
            if lot < passed:
                found = spoilt(part, kind, eye, rng)
                return part if found is None else self._labelled(found, kind)
        return part

    def _labelled(self, part: Body, kind: str) -> Body:
        if self.defect_labels == "attribute":
            return part
        name = f"{part.category}_{kind}" if self.defect_labels == "category" else part.category
        return replace(part, category=name, attributes=())


def _camera(
    width: float, tall: float, view: float, tilt_deg: float, resolution: tuple[int, int]
) -> Camera:
    """Returns a camera that sees `view` belt widths from edge to edge of its picture's height, as
    high as parts reach."""
    w, h = resolution
    away = tall + width * view * FOCAL_MM / (SENSOR_MM * h / w)
    tilt = np.radians(tilt_deg)
    eye = (0.0, -float(away * np.sin(tilt)), HEIGHT + float(away * np.cos(tilt)))
    return Camera(eye, look_at(eye, (0.0, 0.0, HEIGHT)), w, h, FOCAL_MM, SENSOR_MM)


def _spots(parts, spacing: float, seen: float, width: float, rng: np.random.Generator):
    """Returns (x, y) of as many parts as fit between -seen and seen, one after another."""
    radii = [reach(part) for part in parts]
    x, spots = -seen - float(rng.uniform(0, 2)) * radii[0], []
    for radius, after in zip(radii, radii[1:]):
        free = max(width / 2 - 1.05 * radius, 0.0)
        spots.append((float(x), float(rng.uniform(-1, 1)) * free))
        x += spacing * (radius + after) * float(rng.uniform(0.9, 1.2))
        if x > seen:
            break
    return spots


def _centred(spots):
    """Returns the spots moved along the belt, their middle before the camera."""
    middle = (spots[0][0] + spots[-1][0]) / 2
    return [(x - middle, y) for x, y in spots]


def _resting(parts, spots, dropped: bool, width: float, rng: np.random.Generator):
    """Returns the parts at rest on the belt, turned at random."""
    if not dropped:
        return tuple(_standing(part, spot, rng) for part, spot in zip(parts, spots))
    falling = tuple(
        held((part,), spot, spot, HEIGHT + 0.003, rng)[0] for part, spot in zip(parts, spots)
    )
    ground = Body("ground", Shape.of("block", x=40.0, y=width, z=0.1), (0.0, 0.0, HEIGHT - 0.1))
    shape = Shape.of("block", x=40.0, y=0.05, z=0.1 + LIP)
    rails = tuple(
        Body("rail", shape, (0.0, side * (width / 2 + 0.031), HEIGHT - 0.1)) for side in (-1, 1)
    )
    rested = settle(falling, (ground, *rails))
    lower, upper = world_boxes(rested)
    if (np.abs(lower + upper)[:, 1] > width).any():
        raise ProposalRejected("something rolled off the belt: raise scene.belt_m")
    return rested


def _standing(part: Body, spot, rng: np.random.Generator) -> Body:
    """Returns the part upright, the middle of its box over the spot."""
    turn = yaw(float(rng.uniform(-np.pi, np.pi)))
    lower, upper = (corner * part.scale for corner in mesh_of(part.shape).bounds)
    middle = rotation_matrix(turn) @ ((lower + upper) / 2)
    x, y = (float(s - m) for s, m in zip(spot, middle))
    return replace(part, position=(x, y, HEIGHT - float(lower[2])), rotation=turn)


def _belt(width: float, length: float, rng: np.random.Generator) -> tuple[Body, Body]:
    size = {"length": length, "width": width, "height": HEIGHT}
    surface = BELTS[int(rng.integers(len(BELTS)))]
    paint = Material("paint", hsv(float(rng.random()), 0.5, 0.5), (0.3, 0.3, 0.3), 0.4, 0.3)
    belt = Shape.of("conveyor", part="belt", **size)
    frame = Shape.of("conveyor", part="frame", **size)
    return (
        Body("belt", belt, materials={"belt": surface}),
        Body("conveyor", frame, materials={"leg": paint}),
    )
