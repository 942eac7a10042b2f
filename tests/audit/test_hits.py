"""The audit's own caster against closed forms."""

import numpy as np

from simgen.audit.hits import Posed
from simgen.spec import Body, Camera, Shape

EYE = Camera(position=(0.0, 0.0, 0.0))  # looks along the world's z
BLOCK = Shape.of("block", x=2.0, y=2.0, z=1.0)  # stands on its z = 0


def posed(*bodies):
    return Posed.of(bodies, EYE)


def test_a_block_is_met_at_its_near_face():
    scene = posed(Body("block", BLOCK, (0.0, 0.0, 4.0)))
    rays = np.array([[0.01, 0.02, 1.0], [0.2, -0.1, 1.0], [0.3, 0.0, 1.0], [0.0, 0.0, -1.0]])
    hit = scene.first(rays)
    assert hit.body.tolist() == [0, 0, -1, -1]
    assert np.allclose(hit.far[:2], 4.0) and np.isinf(hit.far[2:]).all()


def test_the_nearer_of_two_is_met_first():
    near, far = Body("near", BLOCK, (1.0, 0.0, 2.0)), Body("far", BLOCK, (0.0, 0.0, 6.0))
    hit = posed(far, near).first(np.array([[0.2, 0.0, 1.0], [-0.05, 0.0, 1.0]]))
    assert hit.body.tolist() == [1, 0] and np.allclose(hit.far, [2.0, 6.0])


def test_scaled_and_turned_bodies_are_met_where_they_are():
    quarter = (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0)  # about x: its z becomes the world's -y
    body = Body("block", BLOCK, (0.0, 0.0, 5.0), rotation=quarter, scale=(1.0, 3.0, 0.5))
    hit = posed(body).first(np.array([[0.0, -0.05, 1.0], [0.0, 0.05, 1.0]]))
    assert hit.body.tolist() == [0, -1] and np.isclose(hit.far[0], 2.0)


def test_a_ball_is_met_where_a_sphere_is():
    scene = posed(Body("ball", Shape.of("ball"), (0.0, 0.0, 3.0)))
    lower, upper = scene.bounds[0]
    radius, centre = (upper[2] - lower[2]) / 2, np.array([0, 0, 3 + (upper[2] + lower[2]) / 2])
    uv = np.random.default_rng(0).uniform(-1, 1, (500, 2)) * 1.4 * radius / centre[2]
    rays = np.column_stack([uv, np.ones(len(uv))])
    along = rays @ centre / (rays**2).sum(1)
    apart = np.linalg.norm(rays * along[:, None] - centre, axis=1)
    sure = np.abs(apart / radius - 1) > 0.02  # the mesh is faceted
    hit = scene.first(rays)
    assert ((hit.body == 0) == (apart < radius))[sure].all()
    inner = apart < 0.9 * radius
    expected = along[inner] - np.sqrt(radius**2 - apart[inner] ** 2) / np.linalg.norm(
        rays[inner], axis=1
    )
    assert np.allclose(hit.far[inner], expected, atol=0.01 * radius)


def test_how_far_points_are_off_a_surface_and_which_way_it_faces():
    scene = posed(Body("block", BLOCK, (0.0, 0.0, 4.0)))
    rays = np.array([[0.1, 0.0, 1.0]] * 3 + [[0.5, 0.0, 1.0]])
    off, normal, smooth = scene.surface(0, rays, np.array([4.0, 4.25, 4.999, 4.0]))
    assert np.allclose(off, [0, 0.25, 0.001, np.inf])
    assert np.allclose(normal[:3], [(0, 0, -1), (0, 0, -1), (0, 0, 1)]) and not smooth.any()


def test_rays_along_an_outline_accuse_nobody():
    """One passes the edge itself: inside a hair wider, undecided otherwise."""
    scene = posed(Body("block", BLOCK, (0.0, 0.0, 4.0)))
    exact, wide = scene.far(0, np.array([[0.25, 0.0, 1.0], [0.25 + 1e-6, 0.0, 1.0]]))
    assert np.isfinite(wide[0]) and np.isinf([exact[1], wide[1]]).all()
