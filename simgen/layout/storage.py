"""A pallet rack and what is stored in it."""

from dataclasses import dataclass

import numpy as np

from simgen.layout.loads import GOODS, Group, any_load, moved
from simgen.spec import Body, Shape
from simgen.targets.wanted import Wanted, reweighted

BAY = 2.7  # clear width of a bay: three EUR pallets side by side
DEPTH = 1.1
UPRIGHT = 0.1
BEAM = 0.12  # height of a beam, lost above each load
PLACES = 3  # to a bay


@dataclass(frozen=True)
class Store:
    """How a rack is filled.

    Attributes:
        bays, levels, level_m: size; goods stand on the floor and on `levels` pairs of beams.
        occupancy: share of places that hold something. `empty`: share of pallets without goods.
        shelving: share of levels where goods stand on the deck without a pallet.
        wanted: which categories should come oftener, or more seldom.
    """

    bays: int
    levels: int
    level_m: float
    occupancy: float
    empty: float
    shelving: float
    wanted: Wanted | None = None

    @property
    def length(self) -> float:
        """Metres along x."""
        return self.bays * (BAY + UPRIGHT) + UPRIGHT

    @property
    def height(self) -> float:
        """Of the uprights, which end above the highest beams."""
        return round(self.beams()[-1] + 0.6, 3)

    def beams(self) -> tuple[float, ...]:
        """Heights on which goods stand above the floor."""
        return tuple(round(self.level_m * (i + 1), 3) for i in range(self.levels))

    def rack(self, tag: str, rng: np.random.Generator) -> Body:
        """Returns the empty rack, along x."""
        shape = Shape.of(
            "rack",
            bays=self.bays,
            bay_width=BAY,
            depth=DEPTH,
            levels=self.beams(),
            height=self.height,
            deck=str(rng.choice(["wire", "wood", "none"], p=(0.5, 0.3, 0.2))),
        )
        return Body(f"rack {tag}", shape)

    def goods(self, rack: Body, ceiling: float, rng: np.random.Generator) -> Group:
        """Returns what is stored in a rack, no higher than `ceiling`."""
        tag, bodies = rack.name.removeprefix("rack "), ()
        x0, y0, _ = rack.position
        decked = dict(rack.shape.params)["deck"] != "none"
        for level, z in enumerate((0.0, *self.beams())):
            limit = self._limit(level, ceiling)
            bare = decked and level > 0 and rng.random() < self.shelving
            for bay in range(self.bays):
                for place in range(PLACES):
                    if rng.random() < self.occupancy:
                        group = self._stored(f"{tag}.{level}.{bay}.{place}", rng, limit, bare)
                        bodies += moved(group, x0 + self._x(bay, place), y0, z, _turn(rng))
        return bodies

    def _limit(self, level: int, ceiling: float) -> float:
        """Returns how tall goods may be on a level: to the beams above it, or to the ceiling."""
        if level < self.levels:
            return self.level_m - BEAM - 0.1
        return min(1.6, ceiling - self.beams()[-1])

    def _x(self, bay: int, place: int) -> float:
        start = -self.length / 2 + UPRIGHT + bay * (BAY + UPRIGHT)
        return start + (place + 0.5) * BAY / PLACES

    def _stored(self, tag: str, rng: np.random.Generator, limit: float, bare: bool) -> Group:
        if bare:
            return GOODS[self._on_shelves(rng)](tag, rng, limit)
        return any_load(tag, rng, limit, self.empty, (0.12, 0.08), self.wanted)

    def _on_shelves(self, rng: np.random.Generator) -> str:
        if not self.wanted:
            return str(rng.choice(["carton", "small_load_carrier"]))
        shares = reweighted({"carton": 0.5, "small_load_carrier": 0.5}, self.wanted)
        return str(rng.choice(list(shares), p=list(shares.values())))


def _turn(rng: np.random.Generator) -> float:
    """Returns a yaw that puts a pallet's length along the rack's depth, either end first."""
    return float(np.pi / 2 + np.pi * rng.integers(2))
