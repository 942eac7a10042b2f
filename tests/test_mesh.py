"""Parts: closed, facing out, and of the volume that geometry books give."""

import numpy as np
import pytest

from simgen import mesh, solids, swept, turned
from simgen.errors import SimgenError
from simgen.mesh import Mesh

SQUARE = [(0, 0), (1, 0), (1, 1), (0, 1)]


def volume(part: Mesh) -> float:
    """Returns the sum of signed tetrahedra: the volume of a closed surface that faces out."""
    a, b, c = part.vertices[part.triangles].astype(float).transpose(1, 0, 2)
    return (a * np.cross(b, c)).sum() / 6


def closed(part: Mesh) -> bool:
    """Whether every edge is met by exactly one edge that runs the other way."""
    points = [tuple(p) for p in part.vertices + np.float32(0)]
    edges = [(points[t[i]], points[t[i - 2]]) for t in part.triangles for i in range(3)]
    edges = [(a, b) for a, b in edges if a != b]
    return len(set(edges)) == len(edges) and {(b, a) for a, b in edges} == set(edges)


def polygon_area(n, radius=1.0):
    return n / 2 * radius**2 * np.sin(2 * np.pi / n)


def cone_volume(low, high, height, n):
    """Of a frustum of a pyramid over a regular n-gon."""
    return polygon_area(n) * height / 3 * (low**2 + low * high + high**2)


PARTS = {
    "box": (solids.box((1, 2, 3), "s"), 6.0),
    "thin box": (solids.box((2, 1, 0.001), "s"), 0.002),
    "chamfered box": (solids.box((1, 1, 1), "s", 0.1), 1 - 12 * 0.005 + 8 * 0.1**3 / 3),
    "extrude": (solids.extrude([(0, 0), (1, 0), (0.5, 1)], 2.0, "s"), 1.0),
    "cylinder": (turned.cylinder(0.5, 2.0, "s", 16), 2 * polygon_area(16, 0.5)),
    "cone": (turned.lathe([(1, 0), (0, 3)], "s", 12), cone_volume(1, 0, 3, 12)),
    "cone upside down": (turned.lathe([(0, 0), (1, 3)], "s", 12), cone_volume(1, 0, 3, 12)),
    "vase": (
        turned.lathe([(1, 0), (0.5, 1), (1, 1), (2, 3)], "s", 12),
        cone_volume(1, 0.5, 1, 12) + cone_volume(1, 2, 2, 12),
    ),
    "sphere": (turned.sphere(1.0, "s", 128), 4 / 3 * np.pi),
    "ring": (turned.ring([(1, 0), (2, 0), (2, 1), (1, 1)], "s", 12), 3 * polygon_area(12)),
    "bar": (swept.bar((1, 2, 3), (2, 4, 5), 0.1, "s"), 0.03),
    "bar down": (swept.bar((0, 0, 1), (0, 0, 0), 0.1, "s"), 0.01),
    "round bar": (swept.bar((0, 0, 0), (0, 3, 4), 0.2, "s", 8), 5 * polygon_area(8, 0.1)),
    "tube": (
        swept.tube([(0, 0, 0), (2, 0, 0), (2, 3, 0)], 0.2, "s", 10),
        5 * polygon_area(10, 0.1),
    ),
    "hoop": (
        swept.tube([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0), (0, 0, 0)], 0.1, "s", 8),
        4 * polygon_area(8, 0.05),
    ),
    "card": (solids.card(0.2, 0.1, "s"), 0.2 * 0.1 * 0.001),
    "loft": (swept.loft([np.array(SQUARE)] * 2, [0, 2], "s"), 2.0),
    "array": (mesh.array(solids.box((1, 1, 1), "s"), [(0, 0, 0), (3, 0, 0)]), 2.0),
    "union": (mesh.union(solids.box((1, 1, 1), "s"), turned.sphere(1.0, "t").moved(5, 0, 0)), 5.18),
}


@pytest.mark.parametrize("name", PARTS)
def test_parts_are_closed(name):
    assert closed(PARTS[name][0])


@pytest.mark.parametrize("name", PARTS)
def test_volume(name):
    part, expected = PARTS[name]
    assert volume(part) == pytest.approx(expected, rel=3e-3)


@pytest.mark.parametrize("name", PARTS)
def test_arrays_fit_together(name):
    part, n = PARTS[name][0], len(PARTS[name][0].triangles)
    assert part.vertices.dtype == np.float32 and part.triangles.dtype == np.int32
    assert part.uv.shape == (n, 3, 2) and part.slot.shape == part.part.shape == (n,)
    assert part.smooth.shape == (n,) and part.smooth.dtype == bool
    assert part.triangles.max() < len(part.vertices) and part.slot.max() < len(part.slots)
    assert np.isfinite(part.uv).all() and (0 <= part.part).all() and (part.part < 1).all()


@pytest.mark.parametrize("name", ["box", "chamfered box", "extrude", "bar"])
def test_uv_is_in_metres(name):
    """On faces along an axis, an edge is as long in uv as it is in space."""
    part = PARTS[name][0] if name != "bar" else swept.bar((0, 0, 0), (2, 0, 0), 0.1, "s")
    corners = part.vertices[part.triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    level = np.abs(normal).max(1) > 0.999 * np.linalg.norm(normal, axis=1)
    in_space = np.linalg.norm(np.roll(corners, 1, axis=1) - corners, axis=2)
    in_uv = np.linalg.norm(np.roll(part.uv, 1, axis=1) - part.uv, axis=2)
    assert level.any() and np.allclose(in_uv[level], in_space[level], rtol=1e-4)


def test_longest_side_is_u():
    plank = solids.box((0.1, 2.0, 0.02), "s")
    assert np.ptp(plank.uv[:, :, 0]) == pytest.approx(2.0)


def test_box_stands_on_the_floor():
    lower, upper = solids.box((1, 2, 3), "s", 0.1).bounds
    assert np.allclose(lower, (-0.5, -1, 0)) and np.allclose(upper, (0.5, 1, 3))


def test_turned_follows_the_right_hand():
    arm = solids.box((1, 1, 1), "s").moved(x=5)
    lower, upper = arm.turned((0, 0, 1), 90).bounds
    assert np.allclose((lower + upper) / 2, (0, 5, 0.5), atol=1e-6)
    lower, upper = arm.turned((0, 3, 0), 90).bounds
    assert np.allclose((lower + upper) / 2, (0.5, 0, -5), atol=1e-6)


def test_moved_goes_where_it_is_told():
    lower, _ = solids.box((1, 1, 1), "s").moved(1, 2, 3).bounds
    assert np.allclose(lower, (0.5, 1.5, 3))


def test_bar_runs_from_start_to_end():
    lower, upper = swept.bar((1, 2, 3), (1, 2, 5), 0.2, "s").bounds
    assert np.allclose(lower, (0.9, 1.9, 3)) and np.allclose(upper, (1.1, 2.1, 5))
    lower, upper = swept.bar((0, 0, 0), (1, -2, 2), 0.01, "s").bounds
    assert np.allclose(lower, (0, -2, 0), atol=0.01) and np.allclose(upper, (1, 0, 2), atol=0.01)


def test_sphere_lies_on_its_surface():
    assert np.allclose(np.linalg.norm(turned.sphere(0.7, "s").vertices, axis=1), 0.7)


def test_card_shows_its_print_on_the_front_only():
    """Bottom left as read from -y is (0, 0), top right (1, 1)."""
    card = solids.card(0.2, 0.1, "s")
    corners = card.vertices[card.triangles]
    front = (corners[:, :, 1] < 0).all(1)
    x, z = corners[front][:, :, 0], corners[front][:, :, 2]
    assert np.allclose(card.uv[front], np.stack([x / 0.2 + 0.5, z / 0.1], axis=-1), atol=1e-6)
    assert (card.uv[~front] == 0).all()


def test_union_merges_slots_by_name():
    a, b, c = (solids.box((1, 1, 1), slot) for slot in ("wood", "steel", "wood"))
    whole = mesh.union(a, b, c)
    assert whole.slots == ("wood", "steel")
    assert whole.slot.tolist() == [0] * 12 + [1] * 12 + [0] * 12


def test_each_board_is_its_own_part():
    board = solids.box((1, 1, 1), "s")
    assert len(set(mesh.union(board, board.moved(x=2)).part)) == 2
    assert len(set(mesh.array(board, [(0, 0, 0), (2, 0, 0)]).part)) == 2
    assert len(set(turned.sphere(1.0, "s").part)) == 1


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: solids.box((1, 0, 1), "s"), "box_size=0.0 must be greater than 0"),
        (lambda: turned.cylinder(-1, 1, "s"), "radius=-1 must be greater than 0"),
        (lambda: swept.bar((1, 1, 1), (1, 1, 1), 0.1, "s"), "bar_length=0.0 must be"),
        (lambda: solids.box((1, float("nan"), 1), "s"), "box_size=nan must be"),
    ],
)
def test_sizes_must_be_positive(make, message):
    with pytest.raises(SimgenError, match=message):
        make()
