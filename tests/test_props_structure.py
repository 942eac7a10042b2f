"""Vehicles, racks and the hall have the sizes they state; goods and cameras find the room free."""

from importlib import import_module
from inspect import signature
from itertools import product

import numpy as np
import pytest

from simgen import props
from simgen.errors import SimgenError
from simgen.geometry import look_at, transform, world_from_body, yaw
from simgen.mesh import Mesh
from simgen.props import floor, forklift, marking, mesh_of, pallet_truck, rack, roof, wall
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.raycast import raycast
from simgen.truth.solid import solid_of

LEVELS = (1.1, 2.37, 3.61)
AREA = (0.0, 0.0, 2.0, 3.0)
VARIANTS = [
    Shape.of("forklift"),
    Shape.of("forklift", fork_height=1.5, mast_height=2.3, width=1.25, fork_length=1.0),
    Shape.of("pallet_truck"),
    Shape.of("pallet_truck", handle_deg=43.7, lift=0.1),
    *(Shape.of("rack", deck=deck, levels=LEVELS) for deck in ("none", "wire", "wood")),
    Shape.of("rack", bays=1, guards=False),
    Shape.of("floor", width=14.3, depth=17.9),
    Shape.of("marking", areas=(AREA,)),
    Shape.of("wall"),
    Shape.of("wall", doors=(-2.5, 2.5), window_height=1.0),
    Shape.of("roof", width=14.3, depth=17.9),
    Shape.of("luminaire", tubes=3, drop=0.3),
    Shape.of("column", number=42),
    Shape.of("column", section="steel"),
    Shape.of("bollard", bands=4),
    Shape.of("ladder", steps=4),
    *(Shape.of(name) for name in ("trash_bin", "fire_extinguisher", "shelf_cart", "wrapped_bale")),
]
every = pytest.mark.parametrize("shape", VARIANTS, ids=lambda s: f"{s.prop}{dict(s.params) or ''}")


def vertices(mesh: Mesh, slot: str) -> np.ndarray:
    """Returns (N, 3) float64, the corners of all triangles of one slot."""
    return mesh.vertices[mesh.triangles[mesh.slot == mesh.slots.index(slot)]].reshape(-1, 3)


@every
def test_can_be_labelled(shape):
    """Closed to the last bit after all turning and moving, which casting insists on."""
    assert solid_of(shape).closed
    assert len(mesh_of(shape).triangles) < 15_000
    assert set(mesh_of(shape).slots) <= set(import_module(f"simgen.props.{shape.prop}").FINISH)


@every
def test_different_materials_never_share_a_plane(shape):
    """Of two faces in one plane, rounding would pick the visible one; the floor hides some."""
    mesh = mesh_of(shape)
    corners = mesh.vertices[mesh.triangles].astype(float)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normal, axis=1)
    normal /= np.maximum(area, 1e-12)[:, None]
    offset = (normal * corners.mean(1)).sum(1)
    seen = (area > 1e-12) & ~((normal[:, 2] < -0.999) & (np.abs(offset) < 1e-3))
    _, facing = np.unique(np.round(normal, 3) + 0.0, axis=0, return_inverse=True)
    for way in np.unique(facing[seen]):
        rows = np.flatnonzero(seen & (facing.ravel() == way))
        rows = rows[np.argsort(offset[rows])]
        for sheet in np.split(rows, np.flatnonzero(np.diff(offset[rows]) > 9e-4) + 1):
            assert not _overlap(corners[sheet], mesh.slot[sheet], normal[sheet[0]]), shape


def _overlap(corners: np.ndarray, slot: np.ndarray, normal: np.ndarray) -> bool:
    """Whether any two triangles of different slots, seen along `normal`, cover each other."""
    flat = np.delete(corners, np.abs(normal).argmax(), axis=2)
    lower, upper = flat.min(1) + 1e-4, flat.max(1) - 1e-4
    for i in range(len(flat)):
        close = (lower[i] < upper).all(1) & (lower < upper[i]).all(1) & (slot != slot[i])
        if any(not _apart(flat[i], flat[j]) for j in np.flatnonzero(close)):
            return True
    return False


def _apart(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether a line separates two triangles of the plane, to 0.1 mm (separating axes)."""
    edges = np.concatenate([np.roll(t, -1, axis=0) - t for t in (a, b)])
    length = np.linalg.norm(edges, axis=1)
    across = (edges[:, ::-1] * [-1, 1])[length > 1e-9] / length[length > 1e-9, None]
    on_a, on_b = a @ across.T, b @ across.T
    return bool(
        (np.minimum(on_a.max(0), on_b.max(0)) - np.maximum(on_a.min(0), on_b.min(0)) < 1e-4).any()
    )


@pytest.mark.parametrize("fork_height", [0.12, 0.5, 1.7])
def test_forks_carry_at_the_height_asked_for(fork_height):
    mesh = forklift.build(fork_height=fork_height)
    tips = vertices(mesh, "steel")
    tips = tips[tips[:, 1] < mesh.bounds[0][1] + 1.0]  # before the mast: nothing but the blades
    assert tips[:, 2].max() == pytest.approx(fork_height, abs=1e-6)
    assert tips[:, 2].min() == pytest.approx(fork_height - 0.04, abs=1e-6)


def test_forklift_is_as_large_as_real_ones():
    x, y, z = forklift.build().size
    assert x == pytest.approx(1.15, abs=1e-5)
    assert y == pytest.approx(2.3 + 1.15, abs=0.01)
    assert z == pytest.approx(2.1, abs=1e-5)
    assert forklift.build(width=1.3).size[0] == pytest.approx(1.3, abs=1e-5)
    assert forklift.build(fork_length=0.9).size[1] == pytest.approx(y - 0.25, abs=1e-5)


@pytest.mark.parametrize("fork_height", [0.5, 1.7])
def test_mast_rises_by_half_of_the_lift(fork_height):
    mast, backrest = 2.1 + (fork_height - 0.12) / 2, fork_height + 1.22
    height = forklift.build(fork_height=fork_height).size[2]
    assert height == pytest.approx(max(mast, backrest), abs=1e-5)


@pytest.mark.parametrize("lift", [0.0, 0.06, 0.12])
def test_pallet_truck_carries_at_its_lift_and_rolls_on_the_floor(lift):
    mesh = pallet_truck.build(lift=lift)
    paint = vertices(mesh, "paint")
    blades = paint[paint[:, 1] < mesh.bounds[0][1] + 0.9]
    assert blades[:, 2].max() == pytest.approx(pallet_truck.LOWERED + lift, abs=1e-6)
    assert np.ptp(blades[:, 0]) == pytest.approx(0.54, abs=1e-5)
    wheels = vertices(mesh, "wheel")
    at_tip = wheels[:, 1] < 0
    assert wheels[at_tip, 2].min() == pytest.approx(0, abs=2e-3)
    assert wheels[~at_tip, 2].min() == pytest.approx(0, abs=2e-3)


@pytest.mark.parametrize("handle_deg", [0.0, 30.0, 80.0])
def test_tiller_leans_away_from_the_forks(handle_deg):
    """The top of its grip, 1.0 m above the pivot at 0.24 m, goes round in a circle."""
    mesh = pallet_truck.build(handle_deg=handle_deg)
    grip, angle = vertices(mesh, "grip"), np.radians(handle_deg)
    top = grip[(grip @ [0, np.sin(angle), np.cos(angle)]).argmax()]
    heel = mesh.bounds[0][1] + 1.15
    assert top[2] == pytest.approx(0.24 + np.cos(angle), abs=0.02)
    assert top[1] == pytest.approx(heel + 0.17 + np.sin(angle), abs=0.02)


@pytest.mark.parametrize("deck", ["none", "wire", "wood"])
def test_rack_levels_are_where_goods_stand(deck):
    mesh = rack.build(levels=LEVELS, deck=deck)
    bearing = vertices(mesh, {"none": "beam", "wire": "deck", "wood": "board"}[deck])
    beams = vertices(mesh, "beam")
    for low, level in zip((0.0, *LEVELS), LEVELS):
        within = (bearing[:, 2] > low + 0.01) & (bearing[:, 2] < level + 0.01)
        assert bearing[within, 2].max() == np.float32(level)
    thick = {"none": 0.0, "wire": 0.008, "wood": 0.024}[deck]
    assert beams[:, 2].max() == pytest.approx(LEVELS[-1] - thick, abs=1e-6)


@pytest.mark.parametrize("bays", [1, 3])
def test_rack_leaves_its_bays_free(bays):
    mesh = rack.build(bays=bays, levels=LEVELS)
    uprights = vertices(mesh, "upright")
    assert np.ptp(uprights[:, 0]) == pytest.approx(bays * 2.8 + 0.1, abs=1e-5)
    assert np.ptp(uprights[:, 1]) == pytest.approx(1.1, abs=1e-5)
    points, pitch = mesh.vertices.astype(float), 2.7 + rack.POST
    from_frame = np.abs((points[:, 0] + bays * pitch / 2 + pitch / 2) % pitch - pitch / 2)
    for bottom, top in zip((0.0, *LEVELS), (*LEVELS, 4.2)):
        between = (points[:, 2] > bottom + 1e-4) & (points[:, 2] < top - 0.2)
        assert from_frame[between].max() < 0.07


@pytest.mark.parametrize("height", [6.0, 7.3])
def test_hall_leaves_its_room_free(height):
    low, high = np.array([-7.15, -8.95, 0.0]), np.array([7.15, 8.95, height])
    for body in hall(14.3, 17.9, height):
        points = transform(world_from_body(body), mesh_of(body.shape).vertices.astype(float))
        inside = ((points > low + 1e-5) & (points < high - 1e-5)).all(1)
        assert not inside.any(), body.name


@pytest.mark.parametrize("corner", [*product((-7.15, 7.15), (-8.95, 8.95), (0.0, 6.0))])
@pytest.mark.parametrize("share", [(0.1, 0.2), (0.99, 0.9), (0.9, 0.99)])
def test_hall_is_closed(share, corner):
    """No ray from inside gets out: not through corners, nor where walls meet floor and roof."""
    eye = (corner[0] * share[0], corner[1] * share[1], 1.7)
    camera = Camera(eye, look_at(eye, corner), 160, 120, focal_mm=16.0)
    truth = raycast(SceneSpec(hall(14.3, 17.9, 6.0), camera=camera))
    assert (truth.instance > 0).all()


def hall(x: float, y: float, height: float) -> tuple[Body, ...]:
    sides = [
        Body(
            f"wall {i}",
            Shape.of("wall", length=length, height=height, doors=doors, window_height=0.8),
            (px, py, 0.0),
            yaw(turn),
        )
        for i, (length, px, py, turn, doors) in enumerate((
            (x, 0.0, (y + wall.THICKNESS) / 2, 0.0, ()),
            (x, 0.0, -(y + wall.THICKNESS) / 2, np.pi, (-2.0, 2.2)),
            (y + 2 * wall.THICKNESS, (x + wall.THICKNESS) / 2, 0.0, -np.pi / 2, ()),
            (y + 2 * wall.THICKNESS, -(x + wall.THICKNESS) / 2, 0.0, np.pi / 2, ()),
        ))
    ]  # fmt: skip
    ground = Body("floor", Shape.of("floor", width=x, depth=y), (0.0, 0.0, -floor.THICKNESS))
    above = Body("roof", Shape.of("roof", width=x, depth=y), (0.0, 0.0, height))
    return (ground, above, *sides)


def test_floor_is_level_with_markings_on_it():
    slab = floor.build(14.3, 17.9)
    assert slab.bounds[1][2] == floor.THICKNESS  # so that a body at -THICKNESS is level with 0
    assert slab.size[:2] == pytest.approx([14.3, 17.9], abs=1e-5)
    paint = marking.build(areas=(AREA,))
    assert paint.bounds[0][2] == 0
    assert set(paint.vertices[:, 2]) == {0, np.float32(marking.THICKNESS)}
    assert marking.THICKNESS >= 0.001


def test_lines_are_as_long_and_wide_as_asked():
    strip = marking.build(lines=((0.0, 0.0, 3.0, 4.0),), width=0.1)
    assert _volume(strip) == pytest.approx((5.0 + 0.1) * 0.1 * marking.THICKNESS, rel=1e-4)


def test_hatching_stays_in_its_frame_and_covers_its_share():
    """Stripes `width` wide every `pitch`, at 45 degrees, cover width / pitch of a large area."""
    frame = marking.build(lines=(), areas=((0.0, 0.0, 20.0, 30.0),), pitch=1e3)
    whole = marking.build(lines=(), areas=((0.0, 0.0, 20.0, 30.0),), width=0.1, pitch=0.5)
    covered = (_volume(whole) - _volume(frame)) / marking.THICKNESS
    assert covered == pytest.approx(0.1 / 0.5 * 20 * 30, rel=0.03)
    assert whole.bounds[0][:2] == pytest.approx([-0.05, -0.05], abs=1e-5)
    assert whole.bounds[1][:2] == pytest.approx([20.05, 30.05], abs=1e-5)


def _volume(mesh: Mesh) -> float:
    a, b, c = mesh.vertices[mesh.triangles].astype(float).transpose(1, 0, 2)
    return float((a * np.cross(b, c)).sum() / 6)


def test_wall_shows_its_parts_on_the_room_side_within_its_thickness():
    mesh = wall.build(doors=(0.0,), window_height=1.0)
    assert mesh.size == pytest.approx([12.0, wall.THICKNESS, 6.0], abs=1e-5)
    assert np.ptp(vertices(mesh, "door")[:, 0]) == pytest.approx(3.0 - 0.04, abs=1e-5)
    front = {slot: vertices(mesh, slot)[:, 1].min() for slot in mesh.slots}
    assert front["bumper"] < front["door"] < front["panel"]


def test_roof_clears_the_room_and_lamps_reach_it():
    lower, upper = roof.build(14.3, 17.9).bounds
    assert lower == pytest.approx([-7.15, -8.95, 0.0], abs=1e-6)
    assert upper == pytest.approx([7.15, 8.95, 0.95], abs=1e-6)
    deck = vertices(roof.build(), "deck")[:, 2].min()
    assert mesh_of(Shape.of("luminaire")).bounds[1][2] - 0.7 > deck


@pytest.mark.parametrize(
    ("prop", "params", "words"),
    [
        ("forklift", {"fork_height": 9.0}, "fork_height=9.0"),
        ("pallet_truck", {"handle_deg": 95.0}, "handle_deg=95.0"),
        ("pallet_truck", {"lift": 0.5}, "lift=0.5"),
        ("rack", {"deck": "glass"}, "deck='glass'"),
        ("rack", {"levels": (2.0, 1.0)}, "must ascend"),
        ("rack", {"levels": (1.0, 2.0), "height": 2.0}, "height=2.0"),
        ("wall", {"doors": (5.0,)}, "do not fit a wall of 12.0 x 6.0 m"),
        ("column", {"section": "round"}, "section='round'"),
        ("marking", {"lines": ()}, "lines and areas"),
        ("marking", {"lines": ((1.0, 1.0, 1.0, 1.0),)}, "no length"),
        ("shelf_cart", {"shelves": 0}, "shelves=0"),
    ],
)
def test_what_cannot_be_built_says_so(prop, params, words):
    with pytest.raises(SimgenError, match=".*".join([prop, words.replace("(", "\\(")])):
        mesh_of(Shape.of(prop, **params))


def test_what_is_kept_of_shapes_has_an_end():
    kept = {name: f for name, f in vars(props).items() if hasattr(f, "cache_parameters")}
    endless = {name for name, f in kept.items() if f.cache_parameters()["maxsize"] is None}
    of_shapes = {name for name, f in kept.items() if "shape" in signature(f).parameters}
    assert {"mesh_of", "looks"} <= of_shapes
    assert not of_shapes & endless, "shapes are drawn anew for each frame"
