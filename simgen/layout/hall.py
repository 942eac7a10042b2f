"""An industrial hall: floor, walls, roof, columns, markings and lamps."""

from dataclasses import dataclass

import numpy as np

from simgen.geometry import yaw
from simgen.layout.loads import Group
from simgen.props.floor import THICKNESS as FLOOR
from simgen.props.wall import THICKNESS as WALL
from simgen.spec import Body, Light, Shape

FRONT = 2  # which wall has the doors
DOOR_PITCH = 4.2
LAMP_EFFICACY_W_M2 = 5.0  # radiant watts of lamps to a square metre of floor
LAMP_DROP = 0.7  # of the luminaires below the roof
WINDOWS = 0.8  # height of the strip of windows
LOWEST = 4.2  # hall whose doors fit below the eaves
COLUMN_REACH = 0.5  # how far from the long walls columns may stand in the way


@dataclass(frozen=True)
class Hall:
    """A closed hall, its inside x in [-width/2, width/2], y in [-depth/2, depth/2].

    Attributes:
        lamp_rows, lamps: luminaires across x and along y in each row.
        columns: on the long walls, each side.
    """

    width: float
    depth: float
    height: float
    lamp_rows: int = 3
    lamps: int = 4
    columns: int = 3

    @property
    def room(self):
        """The space between floor, walls and roof, as SceneSpec.room."""
        x, y = self.width / 2, self.depth / 2
        return (-x, -y, 0.0), (x, y, self.height)

    @property
    def clear_height(self) -> float:
        """Metres of free height below the lamps."""
        return self.height - LAMP_DROP - 0.1

    def bodies(self, rng: np.random.Generator) -> Group:
        """Returns everything that stands still."""
        floor = Body(
            "floor",
            Shape.of("floor", width=self.width, depth=self.depth),
            position=(0.0, 0.0, -FLOOR),
        )
        roof = Body(
            "roof",
            Shape.of("roof", width=self.width, depth=self.depth),
            position=(0.0, 0.0, self.height),
            blocks_light=False,
        )
        return (floor, roof, *self._walls(rng), *self._columns(), *self._luminaires())

    def lights(self) -> tuple[Light, ...]:
        """Returns one area light under each luminaire."""
        power = LAMP_EFFICACY_W_M2 * self.width * self.depth / (self.lamp_rows * self.lamps)
        return tuple(
            Light("area", (x, y, self.height - LAMP_DROP - 0.05), power=power, size=(0.3, 1.5))
            for x, y in self._lamp_places()
        )

    def _walls(self, rng: np.random.Generator) -> Group:
        x, y = (self.width + WALL) / 2, (self.depth + WALL) / 2
        sides = ((0.0, y, 0.0), (x, 0.0, -np.pi / 2), (0.0, -y, np.pi), (-x, 0.0, np.pi / 2))
        glazed = WINDOWS if self.height >= LOWEST + WINDOWS and rng.random() < 0.5 else 0.0
        walls = []
        for side, (at_x, at_y, turn) in enumerate(sides):
            length = self.depth + 2 * WALL if side % 2 else self.width
            doors = self._doors(rng) if side == FRONT else ()
            shape = Shape.of(
                "wall", length=length, height=self.height, doors=doors, window_height=glazed
            )
            walls.append(Body("wall", shape, (at_x, at_y, 0.0), yaw(float(turn))))
        return tuple(walls)

    def _doors(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Returns the middles of evenly spaced doors, as many as fit or fewer."""
        count = int(rng.integers(int((self.width - 0.5) / DOOR_PITCH) + 1))
        return tuple(float(v) for v in (np.arange(count) - (count - 1) / 2) * DOOR_PITCH)

    def _columns(self) -> Group:
        ys = np.linspace(-self.depth / 2, self.depth / 2, self.columns + 2)[1:-1]
        return tuple(
            Body(
                "column",
                Shape.of("column", height=self.height),
                position=(float(side * (self.width / 2 - 0.25)), float(y), 0.0),
            )
            for y in ys
            for side in (-1, 1)
        )

    def _lamp_places(self) -> list[tuple[float, float]]:
        xs = (np.arange(self.lamp_rows) + 0.5) / self.lamp_rows * self.width - self.width / 2
        ys = (np.arange(self.lamps) + 0.5) / self.lamps * self.depth - self.depth / 2
        return [(float(x), float(y)) for x in xs for y in ys]

    def _luminaires(self) -> Group:
        return tuple(
            Body("luminaire", Shape.of("luminaire"), position=(x, y, self.height - LAMP_DROP))
            for x, y in self._lamp_places()
        )
