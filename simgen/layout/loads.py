"""What stands on a pallet, a shelf or the floor: small groups of bodies in their own axes.

A group stands on z = 0, centred on the origin, its pallet's length along x. All bodies of a group
share a name such as 'carton 12', so that a randomizer can give one load one look. Sizes come in
steps, so that meshes are shared between loads and frames.
"""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from simgen.geometry import multiply, yaw
from simgen.props import mesh_of
from simgen.props.carton import LABELS, PRINTS
from simgen.spec import Body, Material, Shape
from simgen.targets.wanted import Wanted, reweighted

Group = tuple[Body, ...]
PALLET = (1.2, 0.8)
PALLET_HEIGHT = 0.144
STILLAGE_HEIGHT = 0.97
CARTON_MODULES = ((0.6, 0.4), (0.4, 0.4), (0.3, 0.4), (0.6, 0.8), (0.4, 0.8))
CARTON_HEIGHTS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
CRATES = (  # outer sizes, which leave a few millimetres of the nominal 600 x 400 and 400 x 300
    (0.594, 0.396, 0.28), (0.594, 0.396, 0.147), (0.396, 0.297, 0.28), (0.396, 0.297, 0.147),
)  # fmt: skip


def moved(group: Group, x: float, y: float, z: float, turn: float = 0.0) -> Group:
    """Returns the group turned by `turn` radians about the vertical, then moved."""
    rotation, c, s = yaw(turn), math.cos(turn), math.sin(turn)
    return tuple(
        replace(
            body,
            position=(
                c * body.position[0] - s * body.position[1] + x,
                s * body.position[0] + c * body.position[1] + y,
                body.position[2] + z,
            ),
            rotation=multiply(rotation, body.rotation),
        )
        for body in group
    )


def pallet(tag: str, rng: np.random.Generator) -> Body:
    """Returns one EUR pallet, some nailed more carelessly than others."""
    variant = int(rng.integers(5))
    return Body(f"pallet {tag}", Shape.of("pallet", variant=variant), category="pallet")


def pallet_stack(tag: str, rng: np.random.Generator, limit: float) -> Group:
    """Returns empty pallets stacked up to `limit` metres, each a little out of line."""
    count = max(1, min(int(limit / PALLET_HEIGHT), int(rng.integers(1, 13))))
    return tuple(
        replace(pallet(tag, rng), position=(0.0, 0.0, i * PALLET_HEIGHT), slack_m=0.02)
        for i in range(count)
    )


def cartons(tag: str, rng: np.random.Generator, limit: float) -> Group:
    """Returns layers of equal cartons on the pallet's grid, the top layer perhaps broken into; none
    where one is too tall."""
    module = CARTON_MODULES[int(rng.integers(len(CARTON_MODULES)))]
    height = CARTON_HEIGHTS[int(rng.integers(len(CARTON_HEIGHTS)))]
    gap = 0.01 if rng.random() < 0.6 else 0.03
    materials = {
        "label": Material("image", image=str(rng.choice(LABELS))),
        "print": Material("image", image=str(rng.choice(PRINTS))),
    }
    shape = Shape.of(
        "carton",
        x=round(module[0] - gap, 3),
        y=round(module[1] - gap, 3),
        z=height,
        tape=bool(rng.random() < 0.8),
        label=str(rng.choice(["front", "right"])),
        print_on=("right", "left") if rng.random() < 0.6 else ("front", "back"),
    )
    body = Body(
        f"carton {tag}", shape, category="carton", materials=materials, slack_m=gap / 2 - 0.001
    )
    return _layers(body, module, height, rng, limit)


def crates(tag: str, rng: np.random.Generator, limit: float) -> Group:
    """Returns layers of equal small load carriers, or none where they are too tall."""
    x, y, z = CRATES[int(rng.integers(len(CRATES)))]
    body = Body(
        f"small_load_carrier {tag}",
        Shape.of("small_load_carrier", x=x, y=y, z=z),
        category="small_load_carrier",
        slack_m=0.002,
    )
    return _layers(body, (0.6, 0.4) if x > 0.5 else (0.4, 0.4), z, rng, limit)


def _layers(body: Body, module, height: float, rng: np.random.Generator, limit: float) -> Group:
    nx, ny = (int(round(whole / part)) for whole, part in zip(PALLET, module))
    layers = min(int(limit / height), int(rng.integers(1, 5)), max(1, 18 // (nx * ny)))
    total = nx * ny * layers
    if layers > 1 and rng.random() < 0.4:
        total -= int(rng.integers(1, nx * ny))
    places = [
        ((i - (nx - 1) / 2) * module[0], (j - (ny - 1) / 2) * module[1], k * height)
        for k in range(layers)
        for i in range(nx)
        for j in range(ny)
    ]
    return tuple(replace(body, position=place) for place in places[:total])


def drums(tag: str, rng: np.random.Generator, limit: float) -> Group:
    """Returns one or two 200-litre drums, or none where they are too tall."""
    shape = Shape.of("drum", variant=str(rng.choice(["steel", "plastic"], p=(0.6, 0.4))))
    if mesh_of(shape).size[2] > limit:
        return ()
    body = Body(f"drum {tag}", shape, category="drum", slack_m=0.004)
    places = [(-0.3, 0.0, 0.0), (0.3, 0.0, 0.0)][: int(rng.integers(1, 3))]
    return tuple(
        replace(body, position=place, rotation=yaw(rng.uniform(-3, 3))) for place in places
    )


GOODS: dict[str, Callable[[str, np.random.Generator, float], Group]] = {
    "carton": cartons,
    "small_load_carrier": crates,
    "drum": drums,
}
ON_PALLETS = {"carton": 0.55, "small_load_carrier": 0.3, "drum": 0.15}


def loaded_pallet(
    tag: str, rng: np.random.Generator, limit: float, empty: float, wanted: Wanted | None = None
) -> Group:
    """Returns a pallet with goods up to `limit` metres in all; bare with probability `empty`."""
    base = replace(pallet(tag, rng), slack_m=0.02)
    if rng.random() < empty:
        return (base,)
    shares = reweighted(ON_PALLETS, wanted)
    kind = str(rng.choice(list(shares), p=list(shares.values())))
    return (base, *moved(GOODS[kind](tag, rng, limit - PALLET_HEIGHT), 0, 0, PALLET_HEIGHT))


def stillages(tag: str, rng: np.random.Generator, limit: float) -> Group:
    """Returns mesh box pallets stacked on their feet up to `limit` metres, at least one."""
    body = Body(f"stillage {tag}", Shape.of("stillage"), category="stillage", slack_m=0.003)
    count = max(1, min(int(limit / STILLAGE_HEIGHT), int(rng.integers(1, 4))))
    return tuple(replace(body, position=(0.0, 0.0, i * STILLAGE_HEIGHT)) for i in range(count))


def any_load(
    tag: str,
    rng: np.random.Generator,
    limit: float,
    empty: float,
    shares: tuple[float, float],
    wanted: Wanted | None = None,
) -> Group:
    """Returns mesh boxes or bare pallets, stacked, with the probabilities of `shares`, else a
    loaded pallet; a mesh box only where it is lower than `limit` metres."""
    draw, (boxes, pallets) = rng.random(), _steered(shares, wanted) if wanted else shares
    if draw < boxes and limit >= STILLAGE_HEIGHT:
        return stillages(tag, rng, limit)
    if draw < boxes + pallets:
        return pallet_stack(tag, rng, limit)
    return loaded_pallet(tag, rng, limit, empty, wanted)


def _steered(shares: tuple[float, float], wanted: Wanted) -> tuple[float, float]:
    boxes, pallets = shares
    loaded = sum(share * wanted.weight(name) for name, share in ON_PALLETS.items())
    mixed = reweighted({"stillage": boxes, "pallet": pallets, "": 1 - boxes - pallets}, wanted)
    whole = 1 - mixed[""] * (1 - loaded)
    return mixed["stillage"] / whole, mixed["pallet"] / whole
