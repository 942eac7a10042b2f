import numpy as np
import pytest

from simgen import parts
from simgen.mesh import Mesh, union
from simgen.solids import box
from simgen.swept import filleted


def volume(mesh: Mesh) -> float:
    a, b, c = mesh.vertices[mesh.triangles].astype(float).transpose(1, 0, 2)
    return float((a * np.cross(b, c)).sum() / 6)


def bounds(mesh: Mesh) -> list[float]:
    return [*mesh.bounds[0], *mesh.bounds[1]]


def test_cuboid_spans_its_corners():
    assert bounds(parts.cuboid((1, 2, 3), (2, 4, 6), "s")) == pytest.approx([1, 2, 3, 2, 4, 6])


def test_side_view_is_an_outline_seen_along_x():
    solid = parts.side_view([(0, 0), (2, 0), (0, 1)], (3, 7), "s")
    assert bounds(solid) == pytest.approx([3, 0, 0, 7, 2, 1], abs=1e-6)
    assert volume(solid) == pytest.approx(4.0)


def test_mirror_image_still_faces_out():
    part = parts.side_view([(0, 0), (2, 0), (0, 1)], (3, 7), "s")
    image = parts.mirrored(part)
    assert bounds(image) == pytest.approx([-7, 0, 0, -3, 2, 1], abs=1e-6)
    assert volume(image) == pytest.approx(volume(part))
    assert volume(parts.both_sides(part)) == pytest.approx(2 * volume(part))
    first = image.vertices[image.triangles[0]] * [-1, 1, 1]
    assert first == pytest.approx(part.vertices[part.triangles[0]][::-1])
    assert image.uv[0] == pytest.approx(part.uv[0][::-1])


def test_centred_moves_sideways_only():
    assert bounds(parts.centred(parts.cuboid((1, 2, 3), (2, 4, 6), "s"))) == pytest.approx(
        [-0.5, -1, 3, 0.5, 1, 6]
    )


def test_wheel_rolls_about_x():
    wheel = parts.wheel(0.3, 0.2, "tyre", "rim")
    assert wheel.size == pytest.approx([0.2, 0.6, 0.6], rel=0.01)
    assert np.add(*wheel.bounds) == pytest.approx(0, abs=1e-6)
    assert volume(wheel) < np.pi * 0.3**2 * 0.2


@pytest.mark.parametrize("rail", [parts.channel, parts.i_beam])
def test_rails_have_their_outer_size(rail):
    steel = rail(0.08, 0.12, 2.0, 0.01, "s")
    assert steel.size == pytest.approx([0.08, 0.12, 2.0], abs=1e-6)
    solid = 2 * 0.08 * 0.01 * 2.0 + 0.01 * (0.12 - 0.01) * (2.0 - 0.002)
    assert volume(steel) == pytest.approx(solid, rel=1e-4)


def test_channel_opens_towards_x():
    assert bounds(parts.channel(0.08, 0.12, 2.0, 0.01, "s"))[0] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("digit", "strokes"), [*enumerate((6, 2, 5, 5, 4, 5, 6, 3, 7, 6))])
def test_figures_have_seven_segments(digit, strokes):
    shown = parts.figures(digit, 0.2, "s")
    assert len(shown.triangles) == 12 * strokes
    assert shown.size[1] == pytest.approx(0.002, abs=1e-6)
    assert shown.bounds[0][2] == pytest.approx(0, abs=1e-6)
    assert shown.size[2] == pytest.approx(0.2, abs=1e-6)


def test_figures_read_from_left_to_right_in_front():
    """A one is drawn on the right of its place, which makes the sides of 18 and 81 differ."""
    assert bounds(parts.figures(1, 0.2, "s"))[0] > 0
    ones = [len(parts.figures(n, 0.2, "s").vertices) for n in (18, 81)]
    assert ones[0] == ones[1]
    left = [np.count_nonzero(parts.figures(n, 0.2, "s").vertices[:, 0] < 0) for n in (18, 81)]
    assert left[0] < left[1]


def test_fillet_is_an_arc_of_the_radius_asked_for():
    path = filleted([(0, 0), (2, 0), (2, 3)], 0.5, steps=6)
    arc = path[1:-1]
    assert np.linalg.norm(arc - [1.5, 0.5], axis=1) == pytest.approx(0.5)
    assert arc[0] == pytest.approx([1.5, 0.0]) and arc[-1] == pytest.approx([2.0, 0.5])


def test_fillet_shrinks_where_a_side_is_short():
    path = filleted([(0, 0, 0), (1, 0, 0), (1, 0.2, 0), (2, 0.2, 0)], 5.0)
    assert (np.diff(path[:, 0]) >= -1e-9).all() and (np.diff(path[:, 1]) >= -1e-9).all()


def test_fillet_leaves_straight_corners_alone():
    assert len(filleted([(0, 0), (1, 0), (2, 0)], 0.3)) == 3
    assert len(filleted([(0, 0), (1, 0), (1, 1), (0, 1)], 0.2, steps=3, loop=True)) == 16


def test_parts_of_a_union_keep_their_slots():
    whole = union(parts.cuboid((0, 0, 0), (1, 1, 1), "a"), box((1, 1, 1), "b"))
    assert parts.mirrored(whole).slots == ("a", "b")
