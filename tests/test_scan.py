"""Facets given by hand, in homogeneous pixels."""

import numpy as np
import pytest

from simgen.truth.scan import Facets, spans

WINDOW = (0, 0, 8, 6)


def covered(*triangles, window=WINDOW):
    """Returns (H, W) counts of the facets that each pixel centre of the window sees."""
    corners = np.array(triangles, float).transpose(1, 2, 0)
    index = np.arange(len(triangles))
    runs = spans(Facets.of(corners, 0 * index, index), window)
    counts = np.zeros((window[3] - window[1], window[2] - window[0]), int)
    for row, start, stop in zip(runs.row, runs.start, runs.stop):
        counts[row - window[1], start - window[0] : stop - window[0]] += 1
    return counts


def at(u, v, z=1.0):
    return (u * z, v * z, z)


def square(u0, v0, u1, v1, z=1.0):
    """Returns two triangles, counter-clockwise seen from the eye (v points down)."""
    a, b, c, d = at(u0, v0, z), at(u0, v1, z), at(u1, v1, z), at(u1, v0, z)
    return (a, b, c), (a, c, d)


def test_a_pixel_is_covered_if_its_centre_is():
    expected = np.zeros((6, 8), int)
    expected[1:4, 2:6] = 1
    assert (covered(*square(2.4, 1.4, 5.6, 3.6)) == expected).all()
    assert (covered(*square(2.4, 1.4, 5.6, 3.6, z=7.0)) == expected).all()


def test_neighbours_share_pixels_on_their_edge():
    """A centre on the common edge is seen by one of the two squares, never by both or none."""
    for middle in (3.5, 4.0, 4.5):
        counts = covered(*square(0, 0, middle, 6), *square(middle, 0, 8, 6))
        assert (counts == 1).all()


@pytest.mark.parametrize("zero", [0.0, -0.0])
@pytest.mark.parametrize("other", [0.0, -0.0])
def test_level_edges_at_row_zero(zero, other):
    """The sign of a zero is not a direction."""
    a, b = (1.0, zero, 1.0), (7.0, other, 1.0)
    c, d = at(7, 4), at(1, 4)
    assert covered((a, d, c), (a, c, b)).sum() == 6 * 4
    up = covered((at(1, -2), a, b), (at(1, -2), b, at(7, -2)), window=(0, -3, 8, 6))
    assert up.sum() == 6 * 2


def test_facing_away_is_not_seen():
    (a, b, c), _ = square(1, 1, 7, 5)
    assert covered((a, b, c)).any() and not covered((c, b, a)).any()


def test_inverse_depth_is_linear():
    """At each corner the facet's plane gives the corner's own depth."""
    corners = np.array([at(1, 1, 2.0), at(1, 5, 3.0), at(7, 5, 4.0)]).T[:, :, None]
    facets = Facets.of(corners.transpose(1, 0, 2), np.zeros(1, int), np.zeros(1, int))
    for u, v, z in [(1, 1, 2), (1, 5, 3), (7, 5, 4)]:
        assert facets.plane[:, 0] @ (u, v, 1) == pytest.approx(1 / z)


def test_behind_the_eye():
    """The ground, from 5 m behind the eye to 5 m before it, is seen below the horizon only."""
    left, right = (-1e3, 1e3)
    near, far = (3 * -5.0 + 2.0, -5.0), (3 * 5.0 + 2.0, 5.0)  # v z = horizon * z + height
    a, b = (left, *far), (left, *near)
    c, d = (right, *near), (right, *far)
    counts = covered((a, b, c), (a, c, d))
    assert not counts[:3].any() and (counts[4:] == 1).all()
