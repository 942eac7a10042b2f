"""Things that fall: where they come to lie, by closed forms and by what no heap may do."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import Delaunay

from simgen.errors import ProposalRejected
from simgen.geometry import axis_angle, rotation_matrix, transform, world_from_body
from simgen.physics.hulls import cache, hulls_of
from simgen.physics.settle import settle
from simgen.props import mesh_of
from simgen.spec import Body, Shape

FLOOR = Body("floor", Shape.of("block", x=4.0, y=4.0, z=0.1), (0.0, 0.0, -0.1))
BRICK = Shape.of("block", x=0.12, y=0.08, z=0.05)
BALL = Shape.of("ball")
TUB = (
    FLOOR,
    *(
        Body("wall", Shape.of("block", x=x, y=y, z=0.4), (cx, cy, 0.0))
        for cx, cy, x, y in [
            (0.2, 0, 0.02, 0.42),
            (-0.2, 0, 0.02, 0.42),
            (0, 0.2, 0.42, 0.02),
            (0, -0.2, 0.42, 0.02),
        ]
    ),
)


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def brick(x=0.0, y=0.0, z=0.3, rotation=(1.0, 0.0, 0.0, 0.0), scale=(1.0, 1.0, 1.0)) -> Body:
    return Body("brick", BRICK, (x, y, z), rotation, scale, "brick")


def heap(count: int, seed: int = 0) -> list[Body]:
    rng = np.random.default_rng(seed)
    turns = rng.normal(size=(count, 4))
    places = [
        ((i % 2 - 0.5) * 0.17, (i // 2 % 2 - 0.5) * 0.17, 0.12 + 0.17 * (i // 4))
        for i in range(count)
    ]
    return [brick(*place, tuple(turn / np.linalg.norm(turn))) for place, turn in zip(places, turns)]


def corners(body: Body) -> np.ndarray:
    return transform(world_from_body(body), mesh_of(body.shape).vertices.astype(float))


def test_a_brick_lands_flat_on_the_floor():
    """Dropped askew by a degree: its underside ends on z = 0 and its weight keeps it level."""
    (lying,) = settle([brick(rotation=axis_angle((1, 0.3, 0), 0.02))], [FLOOR])
    assert np.sort(corners(lying)[:, 2])[:4] == pytest.approx(0, abs=3e-4)
    assert abs(rotation_matrix(lying.rotation)[2, 2]) == pytest.approx(1, abs=1e-4)


def test_a_scaled_ball_rests_at_its_radius():
    scale = (0.4, 0.4, 0.4)
    (lying,) = settle([Body("ball", BALL, (0, 0, 0.2), scale=scale)], TUB)
    assert corners(lying)[:, 2].min() == pytest.approx(0, abs=5e-4)


def test_only_the_pose_changes():
    before = brick()
    (lying,) = settle([before], [FLOOR])
    assert replace(lying, position=before.position, rotation=before.rotation) == before
    assert all(type(value) is float for value in (*lying.position, *lying.rotation))


def test_the_same_fall_ends_the_same_way():
    assert settle(heap(8), TUB) == settle(heap(8), TUB)


@pytest.mark.parametrize("seed", range(3))
def test_in_a_heap_nothing_floats_sinks_or_interpenetrates(seed):
    lying = settle(heap(12, seed), TUB)
    assert min(corners(body)[:, 2].min() for body in lying) > -1e-3
    for body in lying:
        alone = corners(body)
        others = [corners(other) for other in (*lying, *TUB) if other is not body]
        assert all(deepest(alone, other) < 1e-3 for other in others)
        assert min(gap(alone, other) for other in others) < 2e-3


def deepest(a: np.ndarray, b: np.ndarray) -> float:
    """Returns how deep two convex bodies overlap: the least over the axes that may part them."""
    return min(-separations(a, b).max(), 1.0)


def gap(a: np.ndarray, b: np.ndarray) -> float:
    return max(separations(a, b).max(), 0.0)


def separations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Returns the free space between two boxes along each axis of the separating axis theorem."""
    own, other = (np.linalg.svd(p - p.mean(0), full_matrices=False)[2] for p in (a, b))
    crossed = np.cross(own[:, None], other[None]).reshape(-1, 3)
    axes = np.concatenate([own, other, crossed[np.linalg.norm(crossed, axis=1) > 1e-6]])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    pa, pb = a @ axes.T, b @ axes.T
    return np.maximum(pa.min(0) - pb.max(0), pb.min(0) - pa.max(0))


def test_what_has_no_rest_is_proposed_again():
    """A brick that finds no floor falls for ever."""
    with pytest.raises(ProposalRejected, match="still move after 0.5 s.*: drop fewer"):
        settle([brick(x=30.0)], [FLOOR], seconds=0.5)


def test_nothing_to_drop():
    assert settle([], [FLOOR]) == ()


def test_a_convex_part_is_its_own_hull():
    (hull,) = hulls_of(BRICK)
    assert len(hull) == 8
    assert np.ptp(hull, axis=0) == pytest.approx((0.12, 0.08, 0.05))
    assert not cache().exists()


def test_pieces_hold_all_of_a_mesh_that_is_not_convex_and_leave_its_hollow_free():
    shape = Shape.of("traffic_cone")
    pieces = hulls_of(shape)
    assert len(pieces) > 1
    vertices = mesh_of(shape).vertices.astype(float)
    held = np.any(
        [Delaunay(p * 1.02 - p.mean(0) * 0.02).find_simplex(vertices) >= 0 for p in pieces], 0
    )
    assert held.mean() > 0.98
    hulls_of.cache_clear()
    (kept,) = (cache() / "hulls").iterdir()
    before = kept.stat().st_mtime_ns
    assert all((a == b).all() for a, b in zip(pieces, hulls_of(shape)))
    assert kept.stat().st_mtime_ns == before
