"""Industrial trucks, some with a pallet on their forks."""

import numpy as np

from simgen.layout.loads import Group, loaded_pallet, moved
from simgen.props import mesh_of
from simgen.props.pallet_truck import LOWERED
from simgen.spec import Body, Shape
from simgen.targets.wanted import Wanted

POCKET = 0.1  # ceiling of a EUR pallet's fork pockets
LOADED = 0.5  # probability
ASIDE, REACH = 0.72, 0.36  # from the tip of the forks to a pallet's middle: by its long, short side
FORK_HEIGHTS = (0.12, 0.2, 0.5, 1.2)


def forklift(
    tag: str, rng: np.random.Generator, limit: float, empty: float, wanted: Wanted | None = None
) -> Group:
    """Returns a forklift, forks towards -y; half of them carry a pallet by its long side."""
    height = float(rng.choice(FORK_HEIGHTS))
    truck = Body(f"forklift {tag}", Shape.of("forklift", fork_height=height), category="forklift")
    if rng.random() >= LOADED:
        return (truck,)
    tip = float(mesh_of(truck.shape).bounds[0][1])
    load = loaded_pallet(f"forklift.{tag}", rng, limit, empty, wanted)
    return (truck, *moved(load, 0.0, tip + ASIDE, height - POCKET))


def pallet_truck(
    tag: str, rng: np.random.Generator, limit: float, empty: float, wanted: Wanted | None = None
) -> Group:
    """Returns a hand pallet truck, half the time with a pallet taken from its short side."""
    loaded = rng.random() < LOADED
    lift = float(rng.choice([0.02, 0.06, 0.1])) if loaded else 0.0
    handle = 5.0 * int(rng.integers(0, 13))
    shape = Shape.of("pallet_truck", handle_deg=handle, lift=lift)
    truck = Body(f"pallet_truck {tag}", shape, category="pallet_truck")
    if not loaded:
        return (truck,)
    tip = float(mesh_of(shape).bounds[0][1])
    load = loaded_pallet(f"pallet_truck.{tag}", rng, limit, empty, wanted)
    return (truck, *moved(load, 0.0, tip + REACH, LOWERED + lift - POCKET, np.pi / 2))
