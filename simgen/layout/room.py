"""A room of a home: floor, walls, skirting, a window's light and a lamp over the middle."""

from dataclasses import dataclass

import numpy as np

from simgen.color import hsv
from simgen.geometry import look_at, multiply, yaw
from simgen.layout.loads import Group
from simgen.props.floorboards import THICKNESS as BOARDS
from simgen.randomize.lighting import FLIP
from simgen.spec import Body, Light, Material, Shape, Vec3

WALL = 0.1
SLAB = 0.05
FLOORS = {
    "boards": (
        Material("wood", (0.42, 0.26, 0.13), roughness=0.35, wear=0.1),
        Material("wood", (0.55, 0.4, 0.25), roughness=0.4, wear=0.1),
        Material("wood", (0.16, 0.08, 0.04), roughness=0.3, wear=0.1),
        Material("wood", (0.5, 0.45, 0.38), roughness=0.5, wear=0.2),
    ),
    "carpet": (
        Material("carpet", (0.42, 0.38, 0.32), (0.42, 0.38, 0.32), wear=0.3),
        Material("carpet", (0.12, 0.15, 0.22), (0.12, 0.15, 0.22), wear=0.3),
        Material("carpet", (0.3, 0.29, 0.28), (0.36, 0.35, 0.34), scale_m=0.1, wear=0.3),
    ),
    "stone": (
        Material("stone", (0.55, 0.5, 0.43), (0.35, 0.3, 0.25), 0.25, scale_m=0.25),
        Material("stone", (0.18, 0.18, 0.19), (0.35, 0.34, 0.33), 0.3, scale_m=0.2),
    ),
}  # fmt: skip
HUES = ((0.1, 0.06, 0.92), (0.12, 0.18, 0.88), (0.55, 0.12, 0.8), (0.3, 0.1, 0.8),
        (0.03, 0.15, 0.85), (0.6, 0.03, 0.55), (0.08, 0.4, 0.75))  # fmt: skip


@dataclass(frozen=True)
class Room:
    """A room about the origin, its floor at z = 0; `side` is from wall to wall."""

    side: float
    height: float = 2.5

    @property
    def space(self) -> tuple[Vec3, Vec3]:
        """The space between the walls, as SceneSpec.room."""
        half = self.side / 2
        return (-half, -half, 0.0), (half, half, self.height)

    def bodies(self, kind: str, rng: np.random.Generator) -> Group:
        """Returns a floor of a kind in FLOORS, walls and ceiling."""
        half = self.side / 2
        hue, saturation, value = HUES[int(rng.integers(len(HUES)))]
        plaster = Material("concrete", hsv(hue, saturation, value), roughness=0.9, wear=0.0)
        wall = Shape.of("block", x=self.side + 2 * WALL, y=WALL, z=self.height)
        skirting = Shape.of("block", x=self.side, y=0.015, z=0.08, chamfer=0.004)
        white = Material("plastic", (0.75, 0.74, 0.72), roughness=0.3, wear=0.1)
        walls: Group = ()
        for quarter in range(4):
            turn, (c, s) = yaw(quarter * np.pi / 2), _direction(quarter * np.pi / 2)
            at = half + WALL / 2
            walls += (
                Body("wall", wall, (-s * at, c * at, 0.0), turn, materials={"surface": plaster},
                     blocks_light=False),
                Body("skirting", skirting, (-s * (half - 0.0075), c * (half - 0.0075), 0.0), turn,
                     materials={"surface": white}),
            )  # fmt: skip
        ceiling = Body(
            "ceiling",
            Shape.of("block", x=self.side, y=self.side, z=WALL),
            (0.0, 0.0, self.height),
            materials={"surface": Material("plain", (0.8, 0.8, 0.78), roughness=0.9)},
            blocks_light=False,
        )
        return (self.floor(kind, rng), *walls, ceiling)

    def floor(self, kind: str, rng: np.random.Generator) -> Body:
        """Returns a floor that reaches below the walls."""
        material = FLOORS[kind][int(rng.integers(len(FLOORS[kind])))]
        turn = yaw(float(rng.integers(2)) * np.pi / 2)
        if kind == "boards":
            shape = Shape.of("floorboards", x=self.side, y=self.side)
            return Body("floor", shape, (0.0, 0.0, -BOARDS), turn, materials={"board": material})
        shape = Shape.of("block", x=self.side, y=self.side, z=SLAB)
        return Body("floor", shape, (0.0, 0.0, -SLAB), turn, materials={"surface": material})

    def lights(self, focus: Vec3, rng: np.random.Generator) -> tuple[Light, ...]:
        """Returns a lamp above the focus, not quite over it, and a window in a wall."""
        x, y, z = focus
        reach = float(rng.uniform(0.1, 0.6))
        c, s = _direction(rng.uniform(0, 2 * np.pi))
        drop = float(rng.uniform(0.7, 1.1))
        lamp_at = (x + reach * c, y + reach * s, min(z + drop, self.height - 0.1))
        size = float(rng.uniform(0.08, 0.35))
        lamp = Light("area", lamp_at, power=14.0 * drop**2, size=(size, size))
        c, s = _direction(rng.integers(4) * np.pi / 2)
        distance = 0.48 * self.side
        window_at = (distance * c, distance * s, float(rng.uniform(1.2, 1.7)))
        shine = multiply(look_at(window_at, (x, y, z)), FLIP)
        window = Light("area", window_at, shine, 16.0 * distance**2, size=(1.1, 1.3))
        return lamp, window


def _direction(angle: float) -> tuple[float, float]:
    return float(np.cos(angle)), float(np.sin(angle))
