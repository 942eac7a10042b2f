"""A printed sheet against what plane geometry says of a rectangle with round corners."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.props.flat_print import STEPS, build, keypoints
from simgen.truth.solid import Solid

SIZE = st.floats(0.005, 3.0)


def area(mesh, slot: str) -> float:
    a, b, c = mesh.vertices[mesh.triangles[mesh.slot == mesh.slots.index(slot)]].transpose(1, 0, 2)
    return float(
        np.linalg.norm(np.cross((b - a).astype(float), (c - a).astype(float)), axis=1).sum() / 2
    )


@given(SIZE, SIZE, st.floats(0, 1), st.floats(1e-4, 0.01))
def test_areas_are_those_of_a_rounded_rectangle(x, y, share, thickness):
    """x y - (4 - pi) r^2, with a regular polygon's area in place of the circle's pi r^2."""
    radius = share * min(x, y) / 2
    mesh = build(x, y, thickness, radius)
    sides = 4 * STEPS
    circle = sides / 2 * np.sin(2 * np.pi / sides)  # 3.121, 0.6 % short of pi
    chord = 2 * radius * np.sin(np.pi / sides)
    face = x * y - (4 - circle) * radius**2
    assert area(mesh, "front") == pytest.approx(face, rel=1e-4)
    assert area(mesh, "back") == pytest.approx(face, rel=1e-4)
    assert area(mesh, "front") == pytest.approx(x * y - (4 - np.pi) * radius**2, rel=7e-3)
    around = 2 * (x + y - 4 * radius) + sides * chord
    assert area(mesh, "edge") == pytest.approx(around * thickness, rel=1e-3)


@pytest.mark.parametrize("radius", [0.0, 0.0035, 0.0315])
def test_it_is_closed_faces_out_and_lies_on_the_floor(radius):
    solid = Solid.of(build(0.063, 0.088, 0.0003, radius))
    assert solid.closed
    assert np.allclose(solid.lower, (-0.0315, -0.044, 0)) and np.allclose(
        solid.upper, (0.0315, 0.044, 0.0003)
    )


@pytest.mark.parametrize("radius", [0.0, 0.0035])
def test_the_picture_fills_the_rectangle_upright_on_both_faces(radius):
    """Looked down at with +y away, u runs along +x; turned over left to right, along -x."""
    mesh = build(0.063, 0.088, 0.0003, radius)
    place = mesh.vertices[mesh.triangles]
    for slot, way, z in (("front", 1, 0.0003), ("back", -1, 0.0)):
        rows = mesh.slot == mesh.slots.index(slot)
        expected = place[rows][..., :2] * (way, 1) / (0.063, 0.088) + 0.5
        assert np.allclose(mesh.uv[rows], expected, atol=1e-6)
        assert np.allclose(place[rows][..., 2], z)


def test_keypoints_are_the_corners_of_the_rectangle_whatever_is_cut_off():
    sharp, cut = keypoints(0.2, 0.3, 0.001), keypoints(0.2, 0.3, 0.001, 0.05)
    assert sharp == cut
    assert cut["top_left"] == (-0.1, 0.15, 0.001) and cut["bottom_right"] == (0.1, -0.15, 0.001)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (dict(x=0.0), "x=0.0 must be greater than 0"),
        (dict(thickness=-0.1), "thickness=-0.1 must be greater"),
        (dict(corner_radius=0.06), "corner_radius=0.06 .* half the shorter side, 0.05"),
        (dict(corner_radius=-0.01), "corner_radius=-0.01 must be at least 0"),
    ],
)
def test_sizes_that_cannot_be_are_refused_by_name(wrong, message):
    with pytest.raises(SimgenError, match=message):
        build(**wrong)
