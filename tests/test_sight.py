"""Which points something nearer hides, against every facet tried on every point."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.truth import sight
from simgen.truth.scan import Facets
from simgen.truth.sight import SAME_POINT, hidden


def facets(corners) -> Facets:
    """Returns those of (T, 3, 3) triangles that face the eye."""
    corners = np.asarray(corners, float).reshape(-1, 3, 3).transpose(1, 2, 0)
    index = np.arange(corners.shape[2])
    return Facets.of(corners, index, index)


def tried_one_by_one(given: Facets, points) -> np.ndarray:
    """By determinants: the ray to p meets a triangle if p is in the cone of its corners."""
    found = np.zeros(points.shape[1], bool)
    for corner in given.corners.transpose(2, 1, 0):  # its columns are the corners
        shares = np.linalg.solve(corner, points)
        found |= (shares > 0).all(0) & (shares.sum(0) > 1 + SAME_POINT)
    return found


def random_scene(seed, triangles, count, spread):
    rng = np.random.default_rng(seed)
    middle = rng.normal(0, spread, (triangles, 1, 3)) + (0, 0, spread)
    size = np.exp(rng.uniform(-4, 1.5, (triangles, 1, 1)))
    points = rng.uniform((-1, -1, 0.1), (1, 1, 1), (count, 3)) * rng.uniform(0.5, 8, (count, 1))
    return facets(middle + size * rng.normal(size=(triangles, 3, 3))), points.T


@given(
    st.integers(0, 10**6),
    st.integers(0, 60),
    st.integers(0, 400),
    st.sampled_from([0.3, 1.0, 4.0]),
)
def test_the_same_as_trying_each_facet_on_each_point(seed, triangles, count, spread):
    """Also facets behind the eye, around it, and across its plane."""
    given_facets, points = random_scene(seed, triangles, count, spread)
    assert (hidden(given_facets, points) == tried_one_by_one(given_facets, points)).all()


def test_those_scenes_hide_some_and_leave_some():
    given_facets, points = random_scene(1, 40, 400, 1.0)
    assert 0.2 < hidden(given_facets, points).mean() < 0.95


@pytest.mark.parametrize(("block", "batch"), [(1, 7), (3, 1 << 19), (1000, 100)])
def test_blocks_and_batches_change_nothing(monkeypatch, block, batch):
    given_facets, points = random_scene(2, 60, 300, 1.0)
    before = hidden(given_facets, points)
    monkeypatch.setattr(sight, "BLOCK", block)
    monkeypatch.setattr(sight, "BATCH", batch)
    assert (hidden(given_facets, points) == before).all()


SCREEN = facets([[(-1, -1, 2), (0, 1, 2), (1, -1, 2)]])


@pytest.mark.parametrize(("depth", "behind"), [(1.0, False), (2.0, False), (2.0001, True)])
def test_a_point_on_a_surface_is_not_behind_it(depth, behind):
    point = np.array([[0.0], [0.0], [depth]])
    assert hidden(SCREEN, point).tolist() == [behind]


def test_a_surface_that_faces_away_hides_nothing():
    turned = facets(np.array([[(-1, -1, 2), (1, -1, 2), (0, 1, 2)]]))
    assert len(turned.owner) == 0
    assert not hidden(turned, np.array([[0.0], [0.0], [5.0]])).any()


@pytest.mark.parametrize("points", [np.zeros((3, 0)), np.array([[0, 0, 5.0]] * 9).T])
def test_no_points_and_many_in_one_place(points):
    assert hidden(SCREEN, points).tolist() == [True] * points.shape[1]


def test_points_in_a_row_and_far_between():
    line = np.stack([np.linspace(-50, 50, 201), np.zeros(201), np.full(201, 4.0)])
    assert (hidden(SCREEN, line) == (np.abs(line[0] / 4) < 0.25)).all()
    scattered = np.array([[0, 0, 4.0], [4e5, 0, 4.0], [0, -4e5, 4.0]]).T
    assert hidden(SCREEN, scattered).tolist() == [True, False, False]


def test_points_on_a_plane_of_many_facets_do_not_hide_each_other():
    """However steep: each point lies on one of the facets, to rounding."""
    rng = np.random.default_rng(0)
    for steep in (0.0, 1.0, 30.0):
        x, y = np.meshgrid(np.linspace(-1, 1, 21), np.linspace(-1, 1, 21))
        z = 40 + steep * x
        p = np.stack([x, y, z], 2)
        a, b, c, d = p[:-1, :-1], p[:-1, 1:], p[1:, 1:], p[1:, :-1]
        mesh = np.concatenate([np.stack([a, d, b], 2), np.stack([b, d, c], 2)]).reshape(-1, 3, 3)
        at = rng.uniform(-1, 1, (2, 5000))
        on = np.stack([*at, 40 + steep * at[0]])
        plane = facets(mesh)
        assert len(plane.owner) == 800
        assert not hidden(plane, on).any()
        assert hidden(plane, on * 1.001).all()


@pytest.mark.parametrize("wide", range(1, 40, 2))
def test_one_far_point_among_near_ones_is_found_wherever_it_is(wide):
    """The pyramid of depths must not skip the middle of a box."""
    line = np.stack([np.arange(64.0), np.zeros(64), np.ones(64)])
    for left in range(0, 64 - wide):
        far = left + wide // 2
        points = line.copy()
        points[:, far] *= 3
        a, b = left - 0.3, left + wide - 0.7
        strip = np.array([[(a, -9, 1), ((a + b) / 2, 9, 1), (b, -9, 1)]]) * 2.0
        assert np.flatnonzero(hidden(facets(strip), points)).tolist() == [far]
