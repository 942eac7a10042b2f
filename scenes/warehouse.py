"""A pallet warehouse: racks behind, a staging floor before, vehicles in the aisles."""

from dataclasses import dataclass, fields, replace

import numpy as np

from simgen.distributions import Number, draw, require
from simgen.geometry import look_at
from simgen.layout.hall import Hall
from simgen.layout.loads import Group, loaded_pallet, moved, pallet_stack, stillages
from simgen.layout.storage import DEPTH, Store
from simgen.layout.vehicles import forklift, pallet_truck
from simgen.placement import Floor, PlacementError
from simgen.props import mesh_of
from simgen.spec import Body, Camera, SceneSpec, Shape, World

CATEGORIES = (
    "pallet", "small_load_carrier", "stillage", "forklift",
    "pallet_truck", "carton", "drum", "traffic_cone",
)  # fmt: skip
WALL_GAP = 0.4  # between a rack and the wall behind it


@dataclass(frozen=True)
class Warehouse:
    """Rows of racks along x, the last against the back wall; lengths in metres, counts whole.

    Attributes:
        height_m: of the hall. staging_m: depth of the open floor before the racks.
        aisle_m: between rows. side_m: free width beside the rows, left and right together.
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
        require(3, height_m=self.height_m)
        require(1, staging_m=self.staging_m)
        require(0.5, aisle_m=self.aisle_m, side_m=self.side_m)
        require(0.4, level_m=self.level_m, stack_m=self.stack_m)
        require(1, bays=self.bays, levels=self.levels)
        require(0, 1, occupancy=self.occupancy, empty=self.empty, shelving=self.shelving)
        require(0, rows=self.rows, stacks=self.stacks)
        require(0, forklifts=self.forklifts, pallet_trucks=self.pallet_trucks)
        require(1, **{"resolution[0]": self.resolution[0], "resolution[1]": self.resolution[1]})

    def sample(self, rng: np.random.Generator) -> SceneSpec:
        """Returns the hall with everything in it, and a camera in the staging area."""
        d = draw(self, rng)
        store = Store(int(d.bays), int(d.levels), d.level_m, d.occupancy, d.empty, d.shelving)
        depth = d.staging_m + (WALL_GAP - d.aisle_m + d.rows * (DEPTH + d.aisle_m)) * (d.rows > 0)
        hall = Hall(store.length + d.side_m, depth, d.height_m)
        bodies = (*hall.bodies(rng), _marking(hall, d.staging_m), *_racks(d, store, hall, rng))
        spec = SceneSpec(
            bodies=bodies,
            lights=hall.lights(),
            world=World(color=(0.7, 0.8, 1.0), strength=0.3),
            camera=_camera(hall, d.resolution),
            room=hall.room,
            parameters={
                f"scene.{f.name}": getattr(d, f.name) for f in fields(d) if f.name != "resolution"
            },
        )
        return replace(spec, bodies=bodies + _standing(d, Floor.of(spec), rng))


def _racks(d: Warehouse, store: Store, hall: Hall, rng: np.random.Generator) -> Group:
    if d.height_m < store.height:
        raise PlacementError(
            f"racks of {store.height:.1f} m do not fit under a roof at {d.height_m:.1f} m: "
            f"lower scene.levels or scene.level_m, or raise scene.height_m"
        )
    bodies: Group = ()
    for row in range(int(d.rows)):
        y = hall.depth / 2 - WALL_GAP - DEPTH / 2 - row * (DEPTH + d.aisle_m)
        x = float(rng.uniform(-0.5, 0.5) * (d.side_m - 0.4))
        bodies += moved(store.fill(str(row), rng), x, y, 0.0)
    return bodies


def _marking(hall: Hall, staging: float) -> Body:
    """Returns a lane around the staging floor and a hatched area by the front wall."""
    x, front = hall.width / 2 - 0.8, 0.8 - hall.depth / 2
    back = front + staging - 1.2
    lines = ((-x, front, -x, back), (x, front, x, back), (-x, back, x, back))
    areas = ((-1.5, front - 0.6, 1.5, front + 0.4),)
    return Body("marking", Shape.of("marking", lines=lines, areas=areas))


def _standing(d: Warehouse, floor: Floor, rng: np.random.Generator) -> Group:
    """Returns what stands on free floor: vehicles first, they need the most room."""
    bodies: Group = ()
    vehicles = ["forklift"] * int(d.forklifts) + ["pallet_truck"] * int(d.pallet_trucks)
    for i, prop in enumerate(vehicles):
        make = forklift if prop == "forklift" else pallet_truck
        group = make(str(i), rng, d.stack_m, d.empty)
        bodies += _placed(group, floor, rng, f"lower scene.{prop}s", np.pi)
    for i in range(int(d.stacks)):
        group = _stack(f"floor.{i}", d, rng)
        bodies += _placed(group, floor, rng, "lower scene.stacks", np.radians(6))
    return bodies


def _stack(tag: str, d: Warehouse, rng: np.random.Generator) -> Group:
    kind = rng.random()
    if kind < 0.2:
        return stillages(tag, rng, d.stack_m)
    if kind < 0.45:
        return pallet_stack(tag, rng, d.stack_m)
    return loaded_pallet(tag, rng, d.stack_m, d.empty)


def _placed(group: Group, floor: Floor, rng, remedy: str, jitter: float) -> Group:
    size = np.max([mesh_of(body.shape).size[:2] for body in group], axis=0)
    place = floor.place(
        size, rng, remedy=f"{remedy} or enlarge the hall", yaw_jitter=jitter, gap=0.1
    )
    return moved(group, place.x, place.y, 0.0, place.yaw)


def _camera(hall: Hall, resolution: tuple[int, int]) -> Camera:
    """Returns a camera at eye height by the front wall, looking at the racks."""
    eye, target = (0.0, 0.6 - hall.depth / 2, 1.7), (0.0, hall.depth / 2, 1.2)
    return Camera(eye, look_at(eye, target), *resolution, focal_mm=24.0)
