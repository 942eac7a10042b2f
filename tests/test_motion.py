"""The second instant: where things are then, what carries what, and that the first is untouched."""

from dataclasses import replace

import numpy as np
import pytest
from simgen.scenes.warehouse import Warehouse

from simgen.errors import ProposalRejected, SimgenError
from simgen.geometry import axis_angle, rotation_matrix, transform, world_from_camera, yaw
from simgen.layout.loads import loaded_pallet, moved
from simgen.layout.vehicles import forklift, pallet_truck
from simgen.motion import advance
from simgen.placement import footprints, overlap, world_boxes
from simgen.randomize.motion import Motion
from simgen.randomize.stereo import Stereo
from simgen.spec import STILL, Body, Camera, Lens, SceneSpec, Shape
from simgen.spec import Motion as Moves
from simgen.truth.inside import camera_inside
from simgen.views import NEXT, RIGHT, view_of
from tests.composing import recipe

RNG = np.random.default_rng
BLOCK = Shape.of("block")
ROOM = ((-20.0, -20.0, 0.0), (20.0, 20.0, 8.0))
FAR = Camera((-19.0, -19.0, 5.0))
DRIVE = Motion(driving=1, vehicle_m_s=2.0, step_s=0.1)


def test_velocity_and_spin_are_along_the_worlds_axes_about_the_own_origin():
    start = axis_angle((1, 2, 3), 0.7)
    thing = Body("b", BLOCK, (1, 2, 3), start, motion=Moves((1.0, -2.0, 0.5), (0.0, 0.0, 0.4)))
    (then,) = advance(SceneSpec((thing,), step_s=0.5)).bodies
    assert then.position == pytest.approx((1.5, 1.0, 3.25))
    turn = rotation_matrix(yaw(0.2))
    assert rotation_matrix(then.rotation) == pytest.approx(turn @ rotation_matrix(start))


def test_the_camera_moves_like_a_body():
    motion = Moves((0.0, 0.0, 1.0), (0.3, 0.0, 0.0))
    body = Body("b", BLOCK, (1, 0, 0), yaw(0.3), motion=motion)
    spec = SceneSpec((body,), camera=Camera((1, 0, 0), yaw(0.3), motion=motion), step_s=0.2)
    then = advance(spec)
    assert then.camera.position == then.bodies[0].position
    assert then.camera.rotation == then.bodies[0].rotation


def test_only_poses_and_the_step_change():
    still = Body("still", BLOCK)
    moving = Body("moving", BLOCK, motion=Moves((1.0, 0.0, 0.0)))
    spec = SceneSpec((still, moving), camera=FAR, step_s=1.0, parameters={"a": 1})
    then = advance(spec)
    assert then.bodies[0] is still and then.camera is FAR
    assert replace(then.bodies[1], position=moving.position) == moving
    assert replace(then, bodies=spec.bodies, step_s=1.0) == spec
    assert advance(then) == then, "a second instant has no further one of its own"


def test_two_half_steps_are_a_whole_one():
    body = Body("b", BLOCK, motion=Moves((0.3, 0.1, -0.2), (0.5, 1.0, -2.0)))
    half = advance(SceneSpec((body,), step_s=0.5))
    twice, whole = advance(replace(half, step_s=0.5)), advance(SceneSpec((body,), step_s=1.0))
    assert twice.bodies[0].position == pytest.approx(whole.bodies[0].position)
    assert twice.bodies[0].rotation == pytest.approx(whole.bodies[0].rotation)


# vehicles


def scene(*bodies, camera=FAR):
    floor = Body("floor", Shape.of("block", x=40.0, y=40.0, z=0.1), (0, 0, -0.1))
    return SceneSpec((floor, *bodies), camera=camera, room=ROOM)


def movers(spec):
    return {i for i, body in enumerate(spec.bodies) if body.motion != STILL}


@pytest.mark.parametrize("make", [forklift, pallet_truck])
@pytest.mark.parametrize("seed", range(12))
def test_a_vehicle_takes_all_of_its_load_along_and_nothing_else(make, seed):
    """Beside it a pallet with goods on the floor, above it a lamp."""
    group = moved(make("0", RNG(seed), 2.2, 0.1), 3.0, 2.0, 0.0, 0.8)
    beside = moved(loaded_pallet("floor.0", RNG(seed), 2.0, 0.0), 3.0, 6.0, 0.0)
    lamp = Body("lamp", Shape.of("luminaire"), (3.0, 2.0, 6.0))
    spec = scene(*group, *beside, lamp)
    out = DRIVE(spec, RNG(0))
    assert movers(out) == set(range(1, 1 + len(group)))
    assert len({out.bodies[i].motion for i in movers(out)}) == 1
    assert out.bodies[1].motion.velocity == pytest.approx(
        (2.0 * np.sin(0.8), -2.0 * np.cos(0.8), 0)
    )


def test_a_pallet_on_the_floor_is_not_taken_along_though_the_forks_are_in_it():
    made = (pallet_truck("0", RNG(seed), 2.2, 0.0) for seed in range(20))
    truck, pallet, *goods = next(group for group in made if len(group) > 2)
    sunk = [
        replace(b, position=(*b.position[:2], b.position[2] - pallet.position[2])) for b in goods
    ]
    low = replace(pallet, position=(*pallet.position[:2], 0.0))
    assert movers(DRIVE(scene(truck, pallet, *goods), RNG(0)))
    back = replace(DRIVE, vehicle_m_s=-9.0, step_s=1.0)
    assert movers(back(scene(truck, low, *sunk), RNG(0))) == {1}


def test_a_box_on_the_roof_is_taken_along():
    truck = Body("forklift", Shape.of("forklift"))
    box = Body(
        "box", BLOCK, (0.0, 0.3, float(world_boxes([truck])[1][0, 2])), scale=(0.2, 0.2, 0.2)
    )
    assert movers(DRIVE(scene(truck, box), RNG(0))) == {1, 2}


def test_loads_of_several_storeys_were_among_those():
    sizes = [
        len(make("0", RNG(s), 2.2, 0.1)) for make in (forklift, pallet_truck) for s in range(12)
    ]
    assert min(sizes) == 1 and max(sizes) > 8


def test_in_the_warehouse_every_load_goes_with_its_vehicle_and_no_other():
    seen = 0
    for seed in range(8):
        spec = _warehouse(seed)
        out = Motion(driving=1, vehicle_m_s=0.01)(spec, RNG(0))
        tags = {_tag(spec.bodies[i]) for i in movers(out)}
        assert movers(out) == {i for i, body in enumerate(spec.bodies) if _tag(body) in tags}
        seen += len(tags)
    assert seen > 8


def _warehouse(seed):
    for attempt in range(20):
        try:
            return Warehouse(forklifts=2, pallet_trucks=2, empty=0).sample(RNG([seed, attempt]))
        except ProposalRejected:
            continue
    raise AssertionError("20 samples in a row were rejected")


def _tag(body):
    """Returns what a vehicle and its load share: 'forklift 0' and 'carton forklift.0'."""
    name = body.name.replace(" ", ".")
    kinds = ("forklift.", "pallet_truck.")
    return name[name.index(found[0]) :] if (found := [k for k in kinds if k in name]) else None


def test_nothing_drives_into_anything():
    (truck,) = forklift("0", RNG(3), 2.0, 0.0)[:1]
    tip = float(world_boxes([truck])[0][0, 1])
    for gap, drives in ((0.15, False), (0.25, True)):
        wall = Body("wall", Shape.of("block", x=4.0, y=0.1, z=3.0), (0, tip - gap - 0.05, 0))
        assert bool(movers(DRIVE(scene(truck, wall), RNG(0)))) is drives, gap
    ahead = Camera((0.0, tip - 0.3, 1.5))
    assert not movers(DRIVE(scene(truck, camera=ahead), RNG(0)))
    assert movers(replace(DRIVE, vehicle_m_s=-2.0)(scene(truck, camera=ahead), RNG(0)))
    gate = replace(scene(truck), room=((-20.0, tip - 0.1, 0.0), (20.0, 20.0, 8.0)))
    assert not movers(DRIVE(gate, RNG(0)))


def test_a_load_on_the_forks_does_not_drive_into_anything_either():
    truck, *load = forklift("0", RNG(3), 2.0, 0.0)
    assert load
    tip = float(world_boxes(load)[0][:, 1].min())
    wall = Body("wall", Shape.of("block", x=4.0, y=0.1, z=3.0), (0, tip - 0.2, 0))
    assert movers(DRIVE(scene(truck, *load), RNG(0)))
    assert not movers(DRIVE(scene(truck, *load, wall), RNG(0)))


@pytest.mark.parametrize("seed", range(6))
def test_what_was_free_is_free_then(seed):
    spec = _warehouse(seed)
    out = Motion(step_s=0.5, driving=1, vehicle_m_s=2.0)(spec, RNG(seed))
    then = advance(out)
    standing = [i for i, b in enumerate(spec.bodies) if b.category and not b.position[2]]
    flat = footprints([then.bodies[i] for i in standing])
    hits = [
        (then.bodies[i].name, then.bodies[standing[j]].name)
        for k, i in enumerate(standing)
        if i in movers(out)
        for j in np.flatnonzero(overlap(flat[k], flat))
        if standing[j] != i
    ]
    assert hits == []


def test_a_vehicle_drives_with_its_probability():
    trucks = [
        moved(forklift("0", RNG(1), 2.0, 1.0)[:1], x, y, 0)[0]
        for x in range(-15, 16, 3)
        for y in (-8, 8)
    ]
    out = Motion(driving=0.3)(scene(*trucks), RNG(0))
    assert 2 <= len(movers(out)) <= 12
    assert not movers(Motion(driving=0)(scene(*trucks), RNG(0)))
    assert not movers(Motion(driving=1, vehicles=("drum",))(scene(*trucks), RNG(0)))


# the camera


def test_the_camera_moves_at_its_speed_in_any_direction():
    ways = [
        Motion(camera_m_s=1.5, camera_deg_s=20)(scene(), RNG(seed)).camera.motion
        for seed in range(60)
    ]
    for way in ways:
        assert np.linalg.norm(way.velocity) == pytest.approx(1.5)
        assert np.linalg.norm(way.spin) == pytest.approx(np.radians(20))
    assert np.abs(np.mean([way.velocity for way in ways], axis=0)).max() < 0.4


def test_a_camera_that_would_move_into_something_stands_still():
    box = Body("box", Shape.of("block", x=2.0, y=2.0, z=2.0))
    fast = Motion(camera_m_s=10.0, step_s=0.1)
    outs = [fast(scene(box, camera=Camera((1.2, 0.0, 1.0))), RNG(s)) for s in range(30)]
    assert all(camera_inside(advance(out)) is None for out in outs)
    assert 0 < sum(out.camera.motion == STILL for out in outs) < 30


# stereo and the views


def test_the_right_eye_is_a_baseline_along_x_and_turned_alike():
    camera = Camera((1, 2, 3), axis_angle((1, 1, 0), 0.8), baseline_m=0.25)
    right = view_of(SceneSpec(camera=camera), RIGHT).camera
    inverse = np.linalg.inv(world_from_camera(camera))
    assert transform(inverse, [right.position])[0] == pytest.approx((0.25, 0, 0))
    assert (right.rotation, right.baseline_m) == (camera.rotation, 0.0)


@pytest.mark.parametrize(
    ("spec", "name", "said"),
    [
        (SceneSpec(), NEXT, "step_s is 0: add motion to randomize"),
        (SceneSpec(), RIGHT, "baseline_m is 0: add stereo to randomize"),
        (
            SceneSpec(camera=Camera(baseline_m=0.1, lens=Lens("fisheye"))),
            RIGHT,
            "the lens is fisheye: choose lens=pinhole",
        ),
    ],
)
def test_a_view_that_there_is_not_names_the_remedy(spec, name, said):
    with pytest.raises(SimgenError, match=said) as error:
        view_of(spec, name)
    assert "\n" not in str(error.value)


def test_a_right_eye_inside_something_is_drawn_again():
    box = Body("box", Shape.of("block", x=1.0, y=1.0, z=2.0), (1.0, 0.0, 0.0))
    spec = SceneSpec((box,), camera=Camera((0.4, 0.0, 1.0)))
    assert Stereo(0.05)(spec, RNG(0)).camera.baseline_m == 0.05
    with pytest.raises(ProposalRejected, match="right camera is inside 'box': lower randomize.ste"):
        Stereo(0.3)(spec, RNG(0))


@pytest.mark.parametrize("scene_name", ["single", "warehouse"])
def test_motion_and_stereo_leave_the_picture_and_its_labels_as_they_are(scene_name):
    """Without them: the same spec but for motions, step and baseline, which no label depends on."""
    whole = recipe(f"scene={scene_name}")
    bare = recipe(f"scene={scene_name}", "~randomize.motion", "~randomize.stereo")
    assert list(whole.randomizers)[-2:] == ["motion", "stereo"]
    seen = 0
    for frame in range(6):
        try:
            without = bare.sample(frame)
        except ProposalRejected:
            continue
        spec, seen = whole.sample(frame), seen + 1
        assert spec.step_s > 0 and spec.camera.baseline_m > 0
        assert _stilled(spec) == _stilled(without)
    assert seen >= 3


def _stilled(spec):
    bodies = tuple(replace(body, motion=STILL) for body in spec.bodies)
    camera = replace(spec.camera, motion=STILL, baseline_m=0.0)
    own = ("motion.", "stereo.")
    parameters = {k: v for k, v in spec.parameters.items() if not k.startswith(own)}
    return replace(spec, bodies=bodies, camera=camera, step_s=0.0, parameters=parameters)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Motion(step_s=0), "^step_s=0 must be at least 1e-06"),
        (lambda: Motion(driving=1.5), "^driving=1.5 must be at most 1"),
        (lambda: Motion(vehicles=("fork",)), "^vehicles='fork' is not known; did you mean 'forkl"),
        (lambda: Motion(vehicles="drum"), "^vehicles=drum must be a list"),
        (lambda: Stereo(0), "^baseline_m=0 must be at least 1e-06"),
    ],
)
def test_nonsense_is_refused(make, said):
    with pytest.raises(SimgenError, match=said):
        make()
