"""A pallet warehouse: racks behind, a staging floor before, vehicles in the aisles."""

import math
from dataclasses import dataclass, fields, replace

import numpy as np

from simgen.checks import require, require_resolution
from simgen.distributions import Number, draw
from simgen.geometry import look_at
from simgen.layout.hall import COLUMN_REACH, LOWEST, Hall
from simgen.layout.loads import Group, any_load, moved
from simgen.layout.storage import DEPTH, Store
from simgen.layout.vehicles import forklift, pallet_truck
from simgen.placement import Floor, Footprint, PlacementError, world_boxes
from simgen.spec import Body, Camera, SceneSpec, Shape, World
from simgen.targets.wanted import Wanted, tilted

CATEGORIES = (
    "pallet", "small_load_carrier", "stillage", "forklift",
    "pallet_truck", "carton", "drum", "traffic_cone",
)  # fmt: skip
WALL_GAP = 0.4  # between a rack and the wall behind it
STEP = 0.1  # of drawn lengths, so that frames share meshes
GOODS_WEIGHED = ("pallet", "small_load_carrier", "stillage", "carton", "drum")
VIEW = (1.0, 1.0)  # metres kept free around the camera
HALL_STEP = 0.5  # of the hall, which is as large as its contents or a little larger


@dataclass(frozen=True)
class Warehouse:
    """Rows of racks along x, the last against the back wall; lengths in metres, in steps of 0.1.

    Attributes:
        height_m: of the hall. staging_m: least depth of the open floor before the racks.
        aisle_m: between rows. side_m: least free width beside the rows, left and right together.
        rows, bays, levels, level_m: of the racks; levels of beams, goods stand on the floor too.
        occupancy: share of places in use. empty: share of pallets without goods.
        shelving: share of levels where goods stand without a pallet.
        stacks: pallets, mesh boxes and goods on the staging floor, stack_m their greatest height.
        forklifts, pallet_trucks: vehicles about the floor.
    """

    height_m: Number = 7.0
    staging_m: Number = 5.0
    aisle_m: Number = 3.2
    side_m: Number = 2.0
    rows: Number = 2
    bays: Number = 3
    levels: Number = 2
    level_m: Number = 1.6
    occupancy: Number = 0.7
    empty: Number = 0.15
    shelving: Number = 0.25
    stacks: Number = 5
    stack_m: Number = 1.8
    forklifts: Number = 1
    pallet_trucks: Number = 1
    resolution: tuple[int, int] = (640, 480)

    categories = CATEGORIES

    def __post_init__(self):
        require(LOWEST, 100, height_m=self.height_m)
        require(1.5, 100, staging_m=self.staging_m)
        require(0.5, 100, aisle_m=self.aisle_m)
        require(2 * COLUMN_REACH, 100, side_m=self.side_m)
        require(0.4, 100, level_m=self.level_m, stack_m=self.stack_m)
        require(1, 100, whole=True, bays=self.bays, levels=self.levels)
        require(0, 1, occupancy=self.occupancy, empty=self.empty, shelving=self.shelving)
        require(0, 100, whole=True, rows=self.rows)
        require(0, whole=True, stacks=self.stacks)
        require(0, whole=True, forklifts=self.forklifts, pallet_trucks=self.pallet_trucks)
        require_resolution(self.resolution)

    def sample(self, rng: np.random.Generator, wanted: Wanted | None = None) -> SceneSpec:
        """Returns the hall with everything in it, and a camera in the staging area.

        What stands on the floor may find no place, so it comes before what is in the racks.
        """
        d = _stepped(_steered(self, wanted, rng) if wanted else draw(self, rng))
        store = Store(d.bays, d.levels, d.level_m, d.occupancy, d.empty, d.shelving, wanted)
        hall = _hall(d, store)
        _require_area(d, hall)
        racks = _racks(d, store, hall, rng)
        fixed = (*hall.bodies(rng), _marking(hall, d.staging_m), *racks)
        spec = SceneSpec(
            bodies=fixed,
            lights=hall.lights(),
            world=World(color=(0.7, 0.8, 1.0), strength=0.3),
            camera=_camera(hall, d.resolution),
            room=hall.room,
            parameters={
                f"scene.{f.name}": getattr(d, f.name) for f in fields(d) if f.name != "resolution"
            },
        )
        floor = Floor.of(spec)
        floor.take(Footprint(*spec.camera.position[:2], *VIEW))
        standing = _standing(d, floor, rng, wanted)
        stored = tuple(body for rack in racks for body in store.goods(rack, hall.clear_height, rng))
        return replace(spec, bodies=fixed + stored + standing)


def _steered(scene: Warehouse, wanted: Wanted, rng: np.random.Generator) -> Warehouse:
    """Returns drawn settings, within their bounds, with more or less of what is wanted or not."""
    goods = float(np.mean([wanted.weight(name) for name in GOODS_WEIGHED]))
    trucks = max(1.0, wanted.weight("forklift"), wanted.weight("pallet_truck"))
    more = {
        "rows": goods, "bays": goods, "levels": goods, "stacks": goods, "occupancy": goods**10,
        "forklifts": wanted.weight("forklift"), "pallet_trucks": wanted.weight("pallet_truck"),
        "staging_m": trucks, "aisle_m": trucks, "side_m": trucks,
    }  # fmt: skip
    counts = {name: tilted(getattr(scene, name), weight, rng) for name, weight in more.items()}
    return replace(draw(scene, rng), **counts)


def _stepped(d: Warehouse) -> Warehouse:
    """Returns drawn settings with whole counts and with lengths in steps."""
    counts = ("rows", "bays", "levels", "stacks", "forklifts", "pallet_trucks")
    lengths = ("height_m", "staging_m", "aisle_m", "side_m", "level_m")
    return replace(
        d,
        **{name: int(getattr(d, name)) for name in counts},
        **{name: round(round(getattr(d, name) / STEP) * STEP, 3) for name in lengths},
    )


def _hall(d: Warehouse, store: Store) -> Hall:
    width = store.length + d.side_m
    depth = d.staging_m + (WALL_GAP - d.aisle_m + d.rows * (DEPTH + d.aisle_m)) * (d.rows > 0)
    width, depth = (math.ceil(round(side / HALL_STEP, 6)) * HALL_STEP for side in (width, depth))
    return Hall(width, depth, d.height_m)


def _require_area(d: Warehouse, hall: Hall) -> None:
    """Refuses what cannot fit wherever it is put, before anything is built."""
    area = hall.width * hall.depth
    for name, each in (("forklifts", 2.6), ("pallet_trucks", 0.8), ("stacks", 0.9)):
        if getattr(d, name) * each > area:
            raise PlacementError(
                f"{getattr(d, name)} {name} do not fit on {area:.0f} m2 of floor: "
                f"lower scene.{name} or enlarge the hall"
            )


def _racks(d: Warehouse, store: Store, hall: Hall, rng: np.random.Generator) -> Group:
    if d.rows and store.height > hall.clear_height:
        raise PlacementError(
            f"racks of {store.height:.1f} m do not fit under lamps at {hall.clear_height:.1f} m: "
            f"lower scene.levels or scene.level_m, or raise scene.height_m"
        )
    racks: Group = ()
    for row in range(d.rows):
        y = hall.depth / 2 - WALL_GAP - DEPTH / 2 - row * (DEPTH + d.aisle_m)
        x = float(rng.uniform(-0.5, 0.5) * (hall.width - store.length - 2 * COLUMN_REACH))
        racks += moved((store.rack(str(row), rng),), x, y, 0.0)
    return racks


def _marking(hall: Hall, staging: float) -> Body:
    """Returns a lane around the staging floor and a hatched area by the front wall."""
    x, front = hall.width / 2 - 0.8, 0.8 - hall.depth / 2
    back = front + staging - 1.2
    lines = ((-x, front, -x, back), (x, front, x, back), (-x, back, x, back))
    areas = ((-1.5, front - 0.6, 1.5, front + 0.4),)
    return Body("marking", Shape.of("marking", lines=lines, areas=areas))


def _standing(d: Warehouse, floor: Floor, rng: np.random.Generator, wanted: Wanted | None) -> Group:
    """Returns what stands on free floor: vehicles first, they need the most room."""
    bodies: Group = ()
    vehicles = (
        ("forklift", forklift, d.forklifts),
        ("pallet_truck", pallet_truck, d.pallet_trucks),
    )
    for name, make, count in vehicles:
        for i in range(count):
            group = make(str(i), rng, d.stack_m, d.empty, wanted)
            bodies += _placed(group, floor, rng, f"lower scene.{name}s", np.pi)
    for i in range(d.stacks):
        group = any_load(f"floor.{i}", rng, d.stack_m, d.empty, (0.2, 0.25), wanted)
        bodies += _placed(group, floor, rng, "lower scene.stacks", np.radians(6))
    return bodies


def _placed(group: Group, floor: Floor, rng, remedy: str, jitter: float) -> Group:
    lower, upper = (corners[:, :2] for corners in world_boxes(group))
    low, high = lower.min(0), upper.max(0)
    place = floor.place(
        high - low, rng, remedy=f"{remedy} or enlarge the hall", yaw_jitter=jitter, gap=0.1
    )
    x, y = -(low + high) / 2
    return moved(moved(group, float(x), float(y), 0.0), place.x, place.y, 0.0, place.yaw)


def _camera(hall: Hall, resolution: tuple[int, int]) -> Camera:
    """Returns a camera at eye height by the front wall, looking at the racks."""
    eye, target = (0.0, 0.6 - hall.depth / 2, 1.7), (0.0, hall.depth / 2, 1.2)
    return Camera(eye, look_at(eye, target), *resolution, focal_mm=24.0)
