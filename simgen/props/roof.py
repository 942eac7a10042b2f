"""A hall's roof: a corrugated deck on steel girders, with a duct below, closed around its edge.

It stands on z = 0: put its body at the height of the walls, and it closes the hall and leaves the
room free.
"""

import numpy as np

from simgen.mesh import Mesh, array, union
from simgen.parts import both_sides, cuboid, i_beam
from simgen.solids import box
from simgen.spec import Material
from simgen.swept import bar
from simgen.turned import cylinder

FINISH = {
    "deck": Material("metal", color=(0.50, 0.51, 0.52), roughness=0.5, wear=0.3),
    "truss": Material("paint", color=(0.30, 0.32, 0.34), roughness=0.5, wear=0.2),
    "duct": Material("metal", color=(0.55, 0.55, 0.56), roughness=0.35, wear=0.2),
}

_TRUSS, _CHORD = 0.7, 0.12


def build(width: float = 12.0, depth: float = 12.0, bay: float = 6.0, duct: float = 0.5) -> Mesh:
    """Returns the roof, width (x) by depth (y).

    Args:
        bay: about how far apart the girders are, along y; they span x.
        duct: diameter of an air duct along y between the girders' chords; 0 for none.
    """
    x, y = width / 2 - 0.002, depth / 2 - 0.002
    slab = cuboid((-x, -y, _TRUSS + 0.15), (x, y, 0.95), "deck")
    rib = box((0.14, depth - 0.02, 0.1), "deck", 0.02).moved(z=_TRUSS + 0.07)
    ribs = array(rib, [(x, 0, 0) for x in np.arange(-width / 2 + 0.15, width / 2 - 0.1, 0.3)])
    count = max(1, round(depth / bay))
    rows = (np.arange(count + 1) / count - 0.5) * (depth - 0.4)
    girders = array(_girder(width - 0.1), [(0, y, 0) for y in rows])
    frame = (*_fascia(width, depth), *_purlins(width, depth))
    return union(slab, ribs, girders, *frame, *_duct(width, depth, duct))


def _fascia(width: float, depth: float) -> list[Mesh]:
    """Returns the sheets that close the girders' height on all four sides."""
    x, y, high = width / 2, depth / 2, _TRUSS + 0.2
    side = cuboid((x - 0.02, 0.001 - y, 0), (x, y - 0.001, high), "truss")
    end = cuboid((-x, y - 0.02, 0), (x, y, high - 0.001), "truss")
    return [both_sides(side), end, end.moved(y=0.02 - 2 * y)]


def _girder(span: float) -> Mesh:
    """Returns a lattice girder along x: two I chords with posts and diagonals."""
    chord = i_beam(_CHORD, 0.12, span, 0.012, "truss").turned((0, 1, 0), 90).turned((1, 0, 0), 90)
    chord = chord.moved(x=-span / 2)
    fields = max(2, 2 * round(span / 2.0))
    x = np.linspace(-span / 2 + 0.06, span / 2 - 0.06, fields + 1)
    low, high = 0.09, _TRUSS - 0.09
    posts = [bar((a, 0, low), (a, 0, high), 0.06, "truss") for a in x]
    ends = [(a, b) if i % 2 else (b, a) for i, (a, b) in enumerate(zip(x, x[1:]))]
    slopes = [bar((a, 0, low), (b, 0, high), 0.05, "truss") for a, b in ends]
    return union(chord.moved(z=0.06), chord.moved(z=_TRUSS - 0.06), *posts, *slopes)


def _purlins(width: float, depth: float) -> list[Mesh]:
    x = np.linspace(-width / 2 + 0.3, width / 2 - 0.3, max(2, round(width / 2.5)) + 1)
    purlin = box((0.06, depth - 0.05, 0.1), "truss").moved(z=_TRUSS - 0.01)
    return [array(purlin, [(at, 0, 0) for at in x])]


def _duct(width: float, depth: float, diameter: float) -> list[Mesh]:
    if diameter <= 0:
        return []
    pipe = cylinder(diameter / 2, depth - 0.1, "duct", 24).turned((1, 0, 0), 90)
    collar = cylinder(diameter / 2 + 0.015, 0.06, "duct", 24).turned((1, 0, 0), 90)
    joints = array(collar, [(0, y, 0) for y in np.arange(-depth / 2 + 1.0, depth / 2 - 0.5, 1.5)])
    place = dict(x=width / 4, z=diameter / 2 + 0.02)
    return [pipe.moved(y=depth / 2 - 0.05).moved(**place), joints.moved(**place)]
