from dataclasses import fields, is_dataclass, replace
from functools import cache

import numpy as np
import pytest
from simgen.scenes.single import Single
from simgen.scenes.warehouse import Warehouse

from simgen.errors import ProposalRejected, SimgenError
from simgen.layout.hall import Hall
from simgen.props import mesh_of, names
from simgen.rng import stream
from simgen.truth.inside import camera_inside
from tests.composing import options, recipe
from tests.standing import collisions, floating, heights, misplaced_in_racks

SCENES, SEEDS = options("scene"), range(10)
UPRIGHT = ("single", "warehouse")  # the others' things lie as they fell: see test_settled.py


@cache
def made(scene):
    return recipe(f"scene={scene}")


@cache
def sampled(scene, seed):
    return first(made(scene).scene, seed)


@cache
def finished(scene, seed):
    """Returns what the whole recipe proposes, randomizers and all."""
    for attempt in range(20):
        try:
            return made(scene).sample(seed, attempt)
        except ProposalRejected:
            continue
    raise AssertionError("20 proposals in a row were rejected")


def first(scene, seed):
    """Returns the first sample that finds room for everything."""
    for attempt in range(20):
        try:
            return scene.sample(stream(seed, 0, f"scene/{attempt}"))
        except ProposalRejected:
            continue
    raise AssertionError("20 samples in a row were rejected")


both_ways = pytest.mark.parametrize("sample", [sampled, finished], ids=["scene", "randomized"])
each_scene = pytest.mark.parametrize("scene", SCENES)
each_upright = pytest.mark.parametrize("scene", UPRIGHT)
each_seed = pytest.mark.parametrize("seed", SEEDS)


@each_scene
def test_the_same_stream_makes_the_same_spec(scene):
    assert first(made(scene).scene, 3) == first(made(scene).scene, 3)
    assert first(made(scene).scene, 3) != first(made(scene).scene, 4)


@both_ways
@each_upright
@each_seed
def test_nothing_takes_the_same_space(scene, seed, sample):
    assert collisions(sample(scene, seed)) == []
    assert misplaced_in_racks(sample(scene, seed)) == []


@each_upright
@each_seed
def test_slack_is_room_to_move(scene, seed):
    """Every body grown by its slack at once: no two may meet, wherever each of them goes."""
    spec = sampled(scene, seed)
    grown = tuple(replace(body, scale=_grown(body)) for body in spec.bodies)
    assert collisions(replace(spec, bodies=grown)) == []


def _grown(body):
    x, y, _ = 1 + 2 * body.slack_m / mesh_of(body.shape).size
    return (x, y, 1.0)


@both_ways
@each_upright
@each_seed
def test_nothing_floats(scene, seed, sample):
    assert floating(sample(scene, seed)) == []


@both_ways
@each_upright
@each_seed
def test_things_are_in_the_room(scene, seed, sample):
    spec = sample(scene, seed)
    lower, upper = np.asarray(spec.room)
    for body in spec.bodies:
        if body.category:
            assert (lower[:2] < body.position[:2]).all() and (body.position[:2] < upper[:2]).all()
            assert lower[2] - 1e-6 <= heights(body)[0] and heights(body)[1] < upper[2]


@both_ways
@each_scene
@each_seed
def test_the_camera_is_in_the_room_and_in_no_body(scene, seed, sample):
    spec = sample(scene, seed)
    lower, upper = np.asarray(spec.room)
    assert (lower < spec.camera.position).all() and (spec.camera.position < upper).all()
    assert camera_inside(spec) is None


@both_ways
@each_scene
@each_seed
def test_categories_are_those_that_are_announced(scene, seed, sample):
    found = {body.category for body in sample(scene, seed).bodies}
    assert found <= {"", *made(scene).categories}


@both_ways
@each_scene
def test_specs_hold_plain_values_alone(scene, sample):
    """numpy's numbers would not survive the way to JSON and back."""
    assert types(sample(scene, 1)) <= {bool, int, float, str}


def types(value):
    if is_dataclass(value):
        return set().union(*(types(getattr(value, f.name)) for f in fields(value)))
    if isinstance(value, dict):
        return set().union(types(tuple(value)), *map(types, value.values()))
    if isinstance(value, tuple):
        return set().union(*map(types, value))
    return {type(value)}


@each_scene
def test_parameters_name_the_fields_that_were_drawn(scene):
    drawn = sampled(scene, 0).parameters
    own = {f"scene.{f.name}" for f in fields(made(scene).scene)}
    assert drawn and set(drawn) <= own


def test_the_warehouse_shows_all_its_categories():
    seen = {body.category for seed in SEEDS for body in sampled("warehouse", seed).bodies}
    assert seen - {""} == set(Warehouse.categories) - {"traffic_cone"}, "cones come with clutter"


def test_warehouse_counts_are_what_was_asked_for():
    scene = Warehouse(rows=2, bays=1, levels=1, stacks=3, forklifts=1, pallet_trucks=2, staging_m=9)
    spec = first(scene, 0)
    assert sum(body.shape.prop == "rack" for body in spec.bodies) == 2
    assert sum(body.category == "forklift" for body in spec.bodies) == 1
    assert sum(body.category == "pallet_truck" for body in spec.bodies) == 2
    assert len({b.name for b in spec.bodies if " floor." in b.name and b.position[2] == 0}) >= 3


def test_warehouse_shares():
    """Occupancy and empty pallets of 0 and 1 leave nothing to chance."""
    alone = dict(stacks=0, forklifts=0, pallet_trucks=0, rows=1, bays=3, levels=2)
    bare = first(Warehouse(occupancy=0, **alone), 0)
    assert not any(body.category for body in bare.bodies)
    full = first(Warehouse(occupancy=1, empty=1, shelving=0, **alone), 0)
    assert not {"carton", "drum"} & {body.category for body in full.bodies}
    places = {b.name.partition(" ")[2] for b in full.bodies if b.category}
    assert len(places) == 3 * 3 * 3


@pytest.mark.parametrize(
    "extreme",
    [
        dict(rows=0, staging_m=6),
        dict(rows=1, bays=1, levels=1, height_m=4.2, level_m=1.2, stacks=0, side_m=1, forklifts=0),
        dict(rows=1, bays=2, levels=6, height_m=9, level_m=0.4, stack_m=0.4),
        dict(rows=3, bays=6, levels=3, height_m=12, level_m=2.5, aisle_m=0.5, staging_m=10),
        dict(staging_m=1.5, stacks=0, forklifts=0, pallet_trucks=0),
        dict(stack_m=0.4, occupancy=1, empty=0, shelving=1),
    ],
)
@pytest.mark.parametrize("seed", range(2))
def test_the_ends_of_the_ranges_make_sound_scenes(extreme, seed):
    spec = first(Warehouse(**extreme), seed)
    assert collisions(spec) == floating(spec) == misplaced_in_racks(spec) == []


@pytest.mark.parametrize("seed", range(6))
def test_goods_end_below_the_lamps(seed):
    """Highest beams at 4 m, lamps at 4.7 m: there is less room than goods would like."""
    scene = Warehouse(height_m=5.5, levels=2, level_m=2.0, occupancy=1, rows=1, stacks=0)
    spec = first(scene, seed)
    lamps = min(heights(body)[0] for body in spec.bodies if body.name == "luminaire")
    goods = [body for body in spec.bodies if body.category]
    assert 4.0 < max(heights(body)[1] for body in goods) <= lamps


def test_racks_too_tall_name_what_to_change():
    with pytest.raises(ProposalRejected, match="do not fit under lamps .* lower scene.levels or"):
        Warehouse(levels=5, height_m=6).sample(stream(0, 0, "scene"))


def test_a_hall_without_room_names_what_to_change():
    with pytest.raises(ProposalRejected, match="no free floor for .*: lower scene.forklifts or"):
        Warehouse(forklifts=25).sample(stream(0, 0, "scene"))


def test_lamps_hang_over_the_hall_and_light_it_alike():
    hall = Hall(10.0, 14.0, 6.0)
    (x0, y0, _), (x1, y1, top) = hall.room
    for light in hall.lights():
        assert x0 < light.position[0] < x1 and y0 < light.position[1] < y1
        assert hall.clear_height < light.position[2] < top
    dense, sparse = Hall(10, 14, 6, lamps=8).lights(), Hall(10, 14, 6, lamps=2).lights()
    assert sum(light.power for light in dense) == pytest.approx(sum(x.power for x in sparse))


@pytest.mark.parametrize("prop", names())
def test_single_shows_any_prop_on_a_floor_that_reaches_the_camera(prop):
    scene = Single(prop=prop, floor_m=0.1)
    spec = scene.sample(stream(0, 0, "scene"))
    (x0, y0, _), (x1, y1, top) = spec.room
    x, y, z = spec.camera.position
    assert x0 < x < x1 and y0 < y < y1 and 0 < z < top
    assert scene.categories == (prop,) and spec.bodies[1].category == prop
    assert camera_inside(spec) is None
    assert spec.parameters["scene.floor_m"] == pytest.approx(x1 - x0)


def test_single_hands_parameters_to_the_prop():
    spec = Single(prop="block", params={"x": 0.25}).sample(stream(0, 0, "scene"))
    assert dict(spec.bodies[1].shape.params) == {"x": 0.25}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (dict(prop="palet"), "^prop='palet' is not known; did you mean 'pallet'"),
        (dict(params=3), "^params must be a mapping"),
        (dict(params={"size": 3}), "^scene.params: Shape 'pallet': .*'size'"),
        (dict(prop="block", params={"x": -1.0}), "^scene.params: mesh: box_size=-1.0 must be"),
    ],
)
def test_single_refuses_nonsense(settings, message):
    with pytest.raises(SimgenError, match=message):
        Single(**settings).sample(stream(0, 0, "scene"))


def test_these_checks_can_fail():
    """A body let down, lifted, or put into another is found."""
    spec = sampled("warehouse", 1)
    last = spec.bodies[-1]
    x, y, z = last.position
    lifted = replace(last, position=(x, y, z + 0.003))
    twin = replace(last, name="twin", position=(x + 0.01, y, z))
    assert len(floating(replace(spec, bodies=(*spec.bodies[:-1], lifted)))) == 1
    assert len(collisions(replace(spec, bodies=(*spec.bodies, twin)))) >= 1
    stored = next(i for i, b in enumerate(spec.bodies) if b.name.startswith("pallet 0.1"))
    body = spec.bodies[stored]
    aside = replace(body, position=(body.position[0] + 2.0, *body.position[1:]))
    lowered = replace(body, position=(*body.position[:2], body.position[2] - 0.05))
    for moved in (aside, lowered):
        bodies = (*spec.bodies[:stored], moved, *spec.bodies[stored + 1 :])
        assert misplaced_in_racks(replace(spec, bodies=bodies))
