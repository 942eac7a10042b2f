"""Whether bodies stand where things can stand: from their vertices, without simgen.placement.

A body is a set of upright prisms: the outline, from above, of its whole mesh or of each of its
parts, from its lowest to its highest point. That is more than it fills, never less.
"""

from functools import cache

import cv2
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from simgen.geometry import world_from_body
from simgen.props import mesh_of
from simgen.spec import Body, SceneSpec, Shape

APART = 0.003  # by how much two bodies may seem to overlap, metres
RESTS = 0.002  # how far a body may be above what carries it
UNDERFOOT = ("marking", "floor")  # lies under everything
OPEN = ("rack", "roof")  # much air in it; racks have a test of their own
JOINTED = ("forklift", "pallet_truck", "pallet")  # parts are looked at one by one

Prism = tuple[np.ndarray, float, float]  # (N, 2) outline, lower and upper z


def heights(body: Body) -> tuple[float, float]:
    """Returns the height of the lowest and of the highest point of a body that stands upright."""
    assert body.rotation[1] == body.rotation[2] == 0 and body.scale[2] == 1, f"{body.name} leans"
    (_, low, high), *_ = _prisms(body.shape, False)
    return body.position[2] + low, body.position[2] + high


def outline(body: Body) -> np.ndarray:
    """Returns (N, 2): the convex outline of an upright body seen from above."""
    (flat, _, _), *_ = _prisms(body.shape, False)
    return _in_world(world_from_body(body), flat)


def shared_area(a: np.ndarray, b: np.ndarray) -> float:
    """Returns the area that two convex outlines, counter-clockwise, share."""
    for start, end in zip(b, np.roll(b, -1, axis=0)):
        along = end - start
        side = along[0] * (a[:, 1] - start[1]) - along[1] * (a[:, 0] - start[0])
        a = _left_of(a, side)
        if len(a) < 3:
            return 0.0
    x, y = a.T
    return float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2


def _left_of(polygon: np.ndarray, side: np.ndarray) -> np.ndarray:
    after, side_after = np.roll(polygon, -1, axis=0), np.roll(side, -1)
    crosses = (side < 0) != (side_after < 0)
    share = np.where(crosses, side / np.where(crosses, side - side_after, 1), 0)
    both = np.stack([polygon, polygon + share[:, None] * (after - polygon)], axis=1)
    return both.reshape(-1, 2)[np.stack([side >= 0, crosses], axis=1).ravel()]


def collisions(spec: SceneSpec) -> list[tuple[str, str]]:
    """Returns pairs of bodies, at least one with a category, that take the same space."""
    bodies = [body for body in spec.bodies if body.shape.prop not in UNDERFOOT + OPEN]
    labelled = np.array([bool(body.category) for body in bodies])
    low, high = np.array([heights(body) for body in bodies]).T
    outlines = [outline(body) for body in bodies]
    near = _meet(low, high, low, high) & _beside(outlines) & (labelled[:, None] | labelled)
    return [
        (bodies[i].name, bodies[j].name)
        for i, j in np.argwhere(np.triu(near, 1))
        if _shrunk_area(outlines[i], outlines[j]) and _collide(bodies[i], bodies[j])
    ]


def _beside(outlines: list[np.ndarray]) -> np.ndarray:
    """Returns (N, N): which outlines' boxes overlap."""
    lower = np.array([flat.min(0) for flat in outlines]) + APART / 2
    upper = np.array([flat.max(0) for flat in outlines]) - APART / 2
    return ((upper[:, None] > lower) & (lower[:, None] < upper)).all(2)


def _collide(a: Body, b: Body) -> bool:
    by_parts = {"forklift", "pallet_truck"} & {a.shape.prop, b.shape.prop}
    mine, theirs = (_placed(body, bool(by_parts)) for body in (a, b))
    return any(
        _meet(p[1], p[2], q[1], q[2]) and _shrunk_area(p[0], q[0]) for p in mine for q in theirs
    )


def _meet(low, high, other_low, other_high):
    """Tells whether intervals overlap by more than APART; arrays give a table."""
    low, high = np.asarray(low)[..., None], np.asarray(high)[..., None]
    return np.squeeze((high - APART > other_low) & (low < np.asarray(other_high) - APART))


def _shrunk_area(a: np.ndarray, b: np.ndarray) -> bool:
    if (a.max(0) <= b.min(0)).any() or (b.max(0) <= a.min(0)).any():
        return False
    return shared_area(_shrunk(a), _shrunk(b)) > 1e-6


def _shrunk(flat: np.ndarray) -> np.ndarray:
    middle = (flat.min(0) + flat.max(0)) / 2
    half = np.abs(flat - middle).max()
    return middle + (flat - middle) * max(0, 1 - APART / 2 / half)


def _placed(body: Body, by_parts: bool) -> list[Prism]:
    z = body.position[2]
    prisms = _prisms(body.shape, by_parts and body.shape.prop in JOINTED)
    matrix = world_from_body(body)
    return [(_in_world(matrix, flat), low + z, high + z) for flat, low, high in prisms]


def _in_world(matrix: np.ndarray, flat: np.ndarray) -> np.ndarray:
    return flat @ matrix[:2, :2].T + matrix[:2, 3]


@cache
def _prisms(shape: Shape, by_parts: bool) -> list[Prism]:
    mesh = mesh_of(shape)
    labels = _pieces(mesh) if by_parts else np.zeros(len(mesh.vertices), int)
    pieces = [mesh.vertices[labels == k] for k in range(labels.max() + 1)]
    return [
        (_hull(piece[:, :2]), float(piece[:, 2].min()), float(piece[:, 2].max()))
        for piece in pieces
    ]


def _hull(points: np.ndarray) -> np.ndarray:
    flat = cv2.convexHull(np.ascontiguousarray(points)).reshape(-1, 2).astype(float)
    x, y = flat.T
    return flat if (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0 else flat[::-1]


def _pieces(mesh) -> np.ndarray:
    """Returns for each vertex which connected piece of the mesh it belongs to."""
    start, stop = mesh.triangles[:, [0, 1]].ravel(), mesh.triangles[:, [1, 2]].ravel()
    size = len(mesh.vertices)
    return connected_components(coo_array((np.ones(len(start)), (start, stop)), (size, size)))[1]


def floating(spec: SceneSpec) -> list[str]:
    """Returns the bodies with a category that rest neither on the floor nor on another body.

    Pallets on forks are left out: they hang in them.
    """
    outlines = [outline(body) for body in spec.bodies]
    bases = np.array([heights(body)[0] for body in spec.bodies])
    carries = _beside(outlines)
    for i, body in enumerate(spec.bodies):
        carries[:, i] &= np.abs(_tops(body)[:, None] - bases).min(0) <= RESTS
    return [
        f"{body.name} at {bases[i]:.3f}"
        for i, body in enumerate(spec.bodies)
        if body.category and abs(bases[i]) > RESTS and not _on_forks(body)
        if not any(_over(outlines[i], outlines[j]) for j in np.flatnonzero(carries[i]))
    ]


def _over(flat: np.ndarray, carrier: np.ndarray) -> bool:
    """Tells whether the middle of one outline is inside another."""
    along, away = np.roll(carrier, -1, axis=0) - carrier, flat.mean(0) - carrier
    return bool((along[:, 0] * away[:, 1] >= along[:, 1] * away[:, 0]).all())


def _on_forks(body: Body) -> bool:
    return body.name.startswith(("pallet forklift.", "pallet pallet_truck."))


def _tops(body: Body) -> np.ndarray:
    """Returns the heights at which others may stand on a body."""
    if body.shape.prop == "rack":
        return np.array(dict(body.shape.params)["levels"]) + body.position[2]
    return np.array([heights(body)[1]])


def misplaced_in_racks(spec: SceneSpec) -> list[str]:
    """Returns the bodies that reach into uprights or beams of a rack whose plan they share."""
    outlines = [outline(body) for body in spec.bodies]
    pairs = np.argwhere(_beside(outlines))
    return [
        f"{spec.bodies[i].name} in {spec.bodies[j].name}"
        for i, j in pairs
        if spec.bodies[j].shape.prop == "rack" and spec.bodies[i].category
        if not _fits(spec.bodies[i], outlines[i], spec.bodies[j])
        if shared_area(outlines[i], outlines[j]) > 1e-4
    ]


def _fits(body: Body, flat: np.ndarray, rack: Body) -> bool:
    p = dict(rack.shape.params)
    low, high = heights(body)
    under = np.array([0.0, *p["levels"]]) - RESTS
    over = np.array([*p["levels"], np.inf]) - 0.12
    x = flat[:, 0] - rack.position[0]
    left = (np.arange(p["bays"]) - p["bays"] / 2) * (p["bay_width"] + 0.1) + 0.05 - APART
    right = left + p["bay_width"] + 2 * APART
    in_level = ((under <= low) & (high <= over)).any()
    return bool(in_level and ((left <= x.min()) & (x.max() <= right)).any())
