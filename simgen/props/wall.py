"""A hall's wall: ribbed panels on a concrete plinth, with doors and a strip of windows.

Everything fits in THICKNESS: nothing stands further into the room than its front at
y = -THICKNESS / 2, which its edges reach all round, so that walls, floor and roof that meet there
leave no gap.
"""

from collections.abc import Sequence

import numpy as np

from simgen.errors import SimgenError
from simgen.mesh import Mesh, array, union
from simgen.parts import cuboid
from simgen.solids import box
from simgen.spec import Material

FINISH = {
    "panel": Material("paint", color=(0.55, 0.56, 0.56), roughness=0.5, wear=0.12),
    "plinth": Material("concrete", color=(0.33, 0.32, 0.31), roughness=0.8, wear=0.5),
    "door": Material("paint", color=(0.34, 0.36, 0.38), roughness=0.45, wear=0.2),
    "frame": Material("paint", color=(0.10, 0.11, 0.12), roughness=0.5, wear=0.3),
    "bumper": Material(
        "stripes", color=(0.75, 0.45, 0.01), accent=(0.02, 0.02, 0.02), roughness=0.5, scale_m=0.12
    ),
    "window": Material("emitter", color=(0.80, 0.90, 1.0), emission=3.0),
}

THICKNESS = 0.25
_PLINTH, _SILL = 1.2, 0.06


def build(
    length: float = 12.0,
    height: float = 6.0,
    doors: Sequence[float] = (),
    door_width: float = 3.0,
    door_height: float = 3.5,
    window_height: float = 0.0,
    rib: float = 0.3,
) -> Mesh:
    """Returns the wall, `length` along x and THICKNESS deep.

    Args:
        doors: x of the middle of each closed sectional door.
        window_height: of the strip of windows below the eaves; 0 for none.
        rib: distance of the panels' ribs; 0 for smooth panels.
    """
    fits = all(abs(x) + door_width / 2 + 0.4 <= length / 2 for x in doors)
    if not fits or door_height + window_height + 0.7 > height:
        raise SimgenError(
            f"wall: doors={tuple(doors)} with {door_width} x {door_height} m and window_height="
            f"{window_height} do not fit a wall of {length} x {height} m"
        )
    door = _door(door_width, door_height).moved(y=-THICKNESS / 2)
    return union(
        *_panel(length, height, rib),
        *_border(length, height),
        *_windows(length, height, window_height),
        *(door.moved(x=x) for x in doors),
    )


def _panel(length: float, height: float, rib: float) -> list[Mesh]:
    """Returns the sheet with its ribs, set back from the front, and the plinth before it."""
    end, front = length / 2 - 0.002, -THICKNESS / 2
    sheet = cuboid((-end, front + 0.08, 0), (end, -front - 0.005, height - 0.005), "panel")
    plinth = cuboid((0.002 - end, front + 0.03, 0), (end - 0.002, 0, _PLINTH), "plinth", 0.01)
    if rib <= 0:
        return [sheet, plinth]
    profile = box((0.35 * rib, 0.05, height - 0.04), "panel", 0.012).moved(y=front + 0.08, z=0.02)
    x = np.arange(-length / 2 + rib / 2, length / 2, rib)
    return [sheet, plinth, array(profile, [(at, 0, 0) for at in x])]


def _border(length: float, height: float) -> list[Mesh]:
    """Returns a low sill, the flashing under the eaves and a post at each end: the full depth."""
    end, deep = length / 2, THICKNESS / 2
    post = box((0.06, THICKNESS - 0.002, height - 0.003), "frame").moved(x=end - 0.031, z=0.001)
    return [
        cuboid((-end, -deep, 0), (end, deep, 0.02), "frame"),
        cuboid((-end, -deep, height - 0.2), (end, deep, height), "frame"),
        post,
        post.moved(x=0.062 - 2 * end),
    ]


def _windows(length: float, height: float, tall: float) -> list[Mesh]:
    """Returns bright panes with mullions, in front of the ribs."""
    if tall <= 0:
        return []
    top, front = height - 0.4, -THICKNESS / 2
    half = length / 2 - 0.3
    pane = cuboid((-half, front + 0.04, top - tall), (half, 0, top), "window")
    edge = box((2 * half + 0.1, 0.16, _SILL), "frame").moved(y=front + 0.10)
    count = max(1, round(2 * half / 1.5))
    bar = box((0.05, 0.15, tall + 0.01), "frame").moved(y=front + 0.10, z=top - tall - 0.005)
    mullions = array(bar, [(x, 0, 0) for x in np.linspace(-half, half, count + 1)])
    return [pane, edge.moved(z=top - 0.01), edge.moved(z=top - tall - _SILL + 0.01), mullions]


def _door(width: float, height: float) -> Mesh:
    """Returns a sectional door in its frame, with a pair of guards; the wall's front is y = 0."""
    half, sections = width / 2, max(2, round(height / 0.5))
    tall = height / sections
    leaf = cuboid((-half, 0.05, 0), (half, 0.12, height), "frame")
    section = cuboid((-half + 0.02, 0.02, 0.006), (half - 0.02, 0.1, tall - 0.006), "door", 0.006)
    panels = array(section, [(0, 0, i * tall) for i in range(sections)])
    lights = array(box((0.5, 0.01, 0.18), "window"), [(x, 0.018, 0) for x in _panes(half)])
    jamb = cuboid((-0.07, 0.005, 0), (0.07, 0.14, height + 0.12), "frame", 0.005)
    lintel = cuboid((-half, 0.008, height), (half, 0.14, height + 0.118), "frame", 0.005)
    guard = cuboid((-0.08, 0.0, 0), (0.08, 0.13, 1.1), "bumper", 0.02)
    sides = [
        part.moved(x=side * (half + out))
        for side in (-1, 1)
        for part, out in ((jamb, 0.07), (guard, 0.23))
    ]
    return union(leaf, panels, lights.moved(z=1.5 // tall * tall + tall / 2 - 0.09), lintel, *sides)


def _panes(half: float) -> np.ndarray:
    count = max(1, int(half / 0.45))
    return np.linspace(-half + 0.5, half - 0.5, count) if count > 1 else np.zeros(1)
