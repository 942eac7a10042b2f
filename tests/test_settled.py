"""Scenes whose things lie as they fell, or as they were laid: nothing sinks in, nothing floats."""

from dataclasses import replace
from functools import cache

import mujoco
import numpy as np
import pytest
from scipy.spatial import ConvexHull

from simgen.geometry import transform, world_from_body
from simgen.physics.hulls import hulls_of
from simgen.physics.settle import _model
from simgen.placement import world_boxes
from simgen.props import mesh_of
from tests.composing import options
from tests.test_scenes import UPRIGHT, finished, made, sampled

SCENES = [name for name in options("scene") if name not in UPRIGHT]
SEEDS = range(3)
SUNK = 0.0015  # metres; physics allows 1 mm, and an edge may be a little deeper than a corner
DOWN = 0.002  # by how much a thing is let down to see whether it then lies in something
WALLS = ("wall", "skirting", "ceiling")


@cache
def planes(shape):
    """Returns for each convex piece its corners (N, 3) and its faces' planes (F, 4)."""
    return [(piece, ConvexHull(piece).equations) for piece in hulls_of(shape)]


def depth(a, b):
    """Returns how deep a corner of body a lies in a convex piece of body b, metres; below 0: none.

    Scales are 1 in these scenes, so that lengths are the same in each body's own axes.
    """
    matrix = np.linalg.inv(world_from_body(b)) @ world_from_body(a)
    points = transform(matrix, mesh_of(a.shape).vertices.astype(float))
    lower, upper = mesh_of(b.shape).bounds
    points = points[((points > lower) & (points < upper)).all(1)]
    if not len(points):
        return -np.inf
    return max((-(points @ e[:, :3].T + e[:, 3]).max(1)).max() for _, e in planes(b.shape))


def contacts(body, spec):
    """Returns the greatest depth between a body and any other."""
    lower, upper = world_boxes(spec.bodies)
    low, high = (corner[0] for corner in world_boxes((body,)))
    near = ((lower < high + 0.01) & (upper > low - 0.01)).all(1)
    others = [
        other
        for other, close in zip(spec.bodies, near)
        if close and other.name not in WALLS and other is not body
    ]
    return max((max(depth(body, other), depth(other, body)) for other in others), default=-np.inf)


each = pytest.mark.parametrize(("scene", "seed"), [(s, i) for s in SCENES for i in SEEDS])


@each
def test_things_do_not_lie_in_each_other(scene, seed):
    spec = finished(scene, seed)
    for body in spec.bodies:
        if body.category:
            assert contacts(body, spec) < SUNK, body.name


def floating(spec):
    """Returns the things that, let down by a little, would lie in nothing."""
    things = [body for body in spec.bodies if body.category]
    rest = [body for body in spec.bodies if not body.category and body.name not in WALLS]
    model = _model(things, rest)
    data = mujoco.MjData(model)
    found = []
    for i, body in enumerate(things):
        mujoco.mj_resetData(model, data)
        data.qpos[7 * i + 2] -= DOWN
        mujoco.mj_forward(model, data)
        owner = model.geom_bodyid[data.contact.geom] == i + 1
        deep = data.contact.dist[owner.any(1)] < -DOWN / 6
        found += [body.name] * (not deep.any())
    return found


@each
def test_things_rest_on_something(scene, seed):
    assert floating(finished(scene, seed)) == []


@each
def test_randomizers_leave_settled_things_where_they_are(scene, seed):
    bare = sampled(scene, seed)
    spec = bare
    for name, randomizer in made(scene).randomizers.items():
        if name not in ("camera", "stereo", "motion"):
            spec = randomizer(spec, np.random.default_rng(seed))
    for a, b in zip(bare.bodies, spec.bodies):
        assert (a.position, a.rotation, a.scale) == (b.position, b.rotation, b.scale)


@each
def test_things_are_in_the_room(scene, seed):
    spec = sampled(scene, seed)
    lower, upper = world_boxes([body for body in spec.bodies if body.category])
    assert (lower.min(0) > np.subtract(spec.room[0], 0.05)).all()
    assert (upper.max(0) < spec.room[1]).all()


def test_these_checks_can_fail():
    spec = sampled("tabletop", 0)
    i = next(i for i, body in enumerate(spec.bodies) if body.category)
    x, y, z = spec.bodies[i].position

    def at(height):
        moved = replace(spec.bodies[i], position=(x, y, height))
        return replace(spec, bodies=(*spec.bodies[:i], moved, *spec.bodies[i + 1 :]))

    assert floating(at(z + 0.3)) == [spec.bodies[i].name]
    sunk = at(z - 0.004)
    assert contacts(sunk.bodies[i], sunk) > SUNK
