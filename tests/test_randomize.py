from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from simgen.scenes.single import Single

from simgen.color import blackbody
from simgen.distributions import Choice, Uniform
from simgen.errors import ProposalRejected, SimgenError
from simgen.geometry import project, rotation_matrix
from simgen.placement import world_boxes
from simgen.props import materials_of, mesh_of
from simgen.randomize.camera import Camera
from simgen.randomize.clutter import Clutter
from simgen.randomize.lighting import Lighting
from simgen.randomize.materials import Materials
from simgen.randomize.pose import Pose
from simgen.randomize.textures import PATTERNS, Textures
from simgen.rng import stream
from simgen.spec import MATERIAL_KINDS, Body, Light, SceneSpec, Shape, World
from simgen.truth.inside import camera_inside
from tests.composing import options, recipe
from tests.standing import shared_area

RNG = np.random.default_rng
NAMES = options("randomize")
EVERY = f"randomize=[{','.join(NAMES)}]"
ASPECT = {  # what each may change
    "camera": {"camera"},
    "clutter": {"bodies"},
    "distractors": {"bodies"},
    "lighting": {"lights", "world"},
    "materials": {"bodies"},
    "motion": {"bodies", "camera", "step_s"},
    "pose": {"bodies"},
    "stereo": {"camera"},
    "textures": {"bodies"},
}
LOOK, PLACE = ("materials",), ("position", "rotation")


@cache
def all_of():
    """Returns the warehouse with every randomizer there is a file for."""
    return recipe("scene=warehouse", EVERY)


@cache
def bare(seed):
    """Returns the scene as it is before any randomizer."""
    for attempt in range(20):
        try:
            return all_of().scene.sample(stream(seed, 0, f"scene/{attempt}"))
        except ProposalRejected:
            continue
    raise AssertionError("20 samples in a row were rejected")


def run(name, spec, seed=0):
    for attempt in range(20):
        try:
            return all_of().randomizers[name](spec, stream(seed, 0, f"{name}/{attempt}"))
        except ProposalRejected:
            continue
    raise AssertionError("20 draws in a row were rejected")


each_name = pytest.mark.parametrize("name", NAMES)


def test_each_file_holds_one_key_its_own_name():
    assert set(all_of().randomizers) == set(NAMES) == set(ASPECT)


@each_name
@pytest.mark.parametrize("seed", range(10))
def test_only_one_aspect_is_touched(name, seed):
    spec = bare(seed)
    out = run(name, spec, seed)
    kept = {aspect: getattr(spec, aspect) for aspect in ASPECT[name]}
    assert replace(out, **kept, parameters=spec.parameters) == spec
    assert spec.parameters.items() <= out.parameters.items()


@each_name
def test_the_same_stream_gives_the_same_and_another_something_else(name):
    spec = bare(0)
    assert run(name, spec) == run(name, spec)
    assert len({repr(run(name, spec, seed)) for seed in range(6)}) > 1


@each_name
def test_what_is_given_is_not_written_to(name):
    spec = bare(1)
    before = repr(spec)
    run(name, spec)
    assert repr(spec) == before


@pytest.mark.parametrize("left_out", NAMES)
def test_leaving_one_out_leaves_the_draws_of_the_others(left_out):
    """Lights, parameters, and what the others do to the same body, depend on their own streams."""
    rest = [name for name in NAMES if name not in (left_out, "camera")]
    frame = next(i for i in range(50) if _works(all_of(), i))
    whole, without = all_of(), recipe("scene=warehouse", f"randomize=[{','.join(rest)}]")
    a, b = whole.sample(frame), without.sample(frame)
    if left_out != "lighting":
        assert (a.lights, a.world) == (b.lights, b.world)
    for name in rest:
        mine = {k: v for k, v in a.parameters.items() if k.startswith(f"{name}.")}
        assert mine.items() <= b.parameters.items()
    count = len(whole.scene.sample(stream(0, frame, "scene")).bodies)
    same = [
        field
        for field, by in (("position", {"pose"}), ("materials", {"materials", "textures"}))
        if left_out not in by
    ]
    for x, y in zip(a.bodies[:count], b.bodies[:count]):
        assert all(getattr(x, field) == getattr(y, field) for field in same)


def _works(made, frame):
    try:
        made.sample(frame)
    except ProposalRejected:
        return False
    return True


# lighting


def lamps(count=10):
    return SceneSpec(lights=tuple(Light("area", (i, 0.0, 3.0), power=100.0) for i in range(count)))


def test_lamps_are_dimmed_coloured_and_switched_off():
    out = Lighting(intensity=2, temperature_k=3000, lit=0.3)(lamps(), RNG(0))
    assert len(out.lights) == 3 and {light.power for light in out.lights} == {200.0}
    assert {light.color for light in out.lights} == {blackbody(3000)}
    assert [light.position[0] for light in out.lights] == sorted(
        light.position[0] for light in out.lights
    )


def test_one_lamp_stays_on_and_no_lamps_are_no_trouble():
    assert len(Lighting(lit=0)(lamps(), RNG(0)).lights) == 1
    assert Lighting(lit=1)(lamps(0), RNG(0)).lights == ()


def test_the_sun_shines_down_from_its_elevation():
    out = Lighting(sun=1, sun_elevation_deg=40, sun_w_m2=2.5)(lamps(0), RNG(2))
    (sun,) = out.lights
    beam = rotation_matrix(sun.rotation) @ (0, 0, -1)
    assert np.degrees(np.arcsin(-beam[2])) == pytest.approx(40)
    assert sun.power == 2.5 and np.cross(beam, sun.position) == pytest.approx(0, abs=1e-9)
    assert out.parameters["lighting.sun"] is True
    assert Lighting(sun=0)(lamps(0), RNG(2)).lights == ()


def test_spots_hang_high_in_the_room_and_point_down():
    out = Lighting(spots=20, spot_w=70)(lamps(0), RNG(1))
    (x0, y0, z0), (x1, y1, z1) = out.room
    for spot in out.lights:
        assert x0 <= spot.position[0] <= x1 and y0 <= spot.position[1] <= y1
        assert z0 + 0.6 * (z1 - z0) < spot.position[2] < z1 and spot.power == 70
        assert (rotation_matrix(spot.rotation) @ (0, 0, -1))[2] < 0


def test_an_hdri_takes_the_place_of_the_world():
    spec = replace(lamps(), world=World(color=(0.1, 0.2, 0.3)))
    assert Lighting()(spec, RNG(0)).world == spec.world
    world = Lighting(hdri="city", hdri_strength=0.7)(spec, RNG(0)).world
    assert (world.hdri, world.strength) == ("city", 0.7) and -180 <= world.rotation_deg <= 180


def test_an_hdri_must_be_a_file_or_inside_bpy(tmp_path):
    image = tmp_path / "sky.exr"
    image.write_bytes(b"")
    Lighting(hdri=str(image))
    with pytest.raises(SimgenError, match="^hdri=/nope.exr is neither a file nor inside bpy"):
        Lighting(hdri="/nope.exr")
    with pytest.raises(SimgenError, match="^hdri=citty is neither .* did you mean 'city'"):
        Lighting(hdri=Choice("city", "citty"))


@pytest.fixture
def skies(tmp_path):
    """A folder of two panoramas and of things that are none."""
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "b.hdr").write_bytes(b"#?RADIANCE")
    (tmp_path / "a.EXR").write_bytes(b"\x76\x2f\x31\x01")
    (tmp_path / "readme.txt").write_text("skies")
    (tmp_path / "manifest.yaml").write_text("files: {more: {licence: CC-BY-NC-4.0, source: me}}")
    return tmp_path


def drawn_hdris(lighting, count=200):
    return [lighting(lamps(), RNG(i)).world.hdri for i in range(count)]


def test_a_folder_of_hdris_is_as_likely_as_each_other(skies):
    own = [str(skies / "a.EXR"), str(skies / "more" / "b.hdr")]
    alone = drawn_hdris(Lighting(hdris=str(skies)))
    assert sorted(set(alone)) == own and 70 < alone.count(own[0]) < 130
    beside = drawn_hdris(Lighting(hdri=Choice("city", "forest"), hdris=str(skies)))
    assert set(beside) == {*own, "city", "forest"} and 30 < beside.count(own[0]) < 75


def test_a_folder_of_hdris_changes_nothing_else_but_the_world(skies):
    settings = dict(intensity=Uniform(1, 2), sun=0.5, spots=2, hdri="city")
    a, b = (Lighting(hdris=folder, **settings)(lamps(), RNG(4)) for folder in (None, str(skies)))
    assert a.lights == b.lights and a.world.rotation_deg == b.world.rotation_deg
    assert b.parameters["lighting.hdri"] == b.world.hdri
    assert a.parameters.keys() == b.parameters.keys()


def test_hdris_are_credited(skies):
    lone = skies / "a.EXR"
    assets = Lighting(hdri=Choice("city", str(lone)), hdris=str(skies)).assets
    assert [(a.name, a.licence, a.flag) for a in assets] == [
        ("hdri/a.EXR", "unknown", "unknown licence"),
        ("hdris/a.EXR", "unknown", "unknown licence"),
        ("hdris/more/b.hdr", "CC-BY-NC-4.0", "non-commercial"),
    ]
    assert assets[0].digest == assets[1].digest != assets[2].digest
    assert Lighting(hdri=Choice("city", "")).assets == ()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.hdr", b"", ": a.hdr: it is no HDRI"),
        ("a.exr", b"#?RADIANCE", ": a.exr: it is no HDRI"),
        ("a.png", b"", " holds no file that ends in .exr, .hdr$"),
        ("manifest.yaml", b"files: 3", ": manifest.yaml: "),
    ],
)
def test_what_is_wrong_with_a_folder_of_hdris(tmp_path, name, content, said):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SimgenError, match=f"^hdris={tmp_path}{said}"):
        Lighting(hdris=str(tmp_path))


def test_there_must_be_a_folder_of_hdris(tmp_path):
    with pytest.raises(SimgenError, match="^hdris=.*/none is not a folder$"):
        Lighting(hdris=str(tmp_path / "none"))


# materials and textures


def test_materials_keep_their_kind_and_stay_in_range():
    strong = Materials(
        hue=Uniform(-1, 1), saturation=9, value=9, roughness=Uniform(-1, 1), wear=1, repaint=1
    )
    spec = bare(0)
    for before, after in zip(spec.bodies, strong(spec, RNG(0)).bodies):
        old, new = materials_of(before), materials_of(after)
        assert old.keys() == new.keys()
        for slot, material in new.items():
            assert material.kind == old[slot].kind and material.image == old[slot].image
            assert all(0 <= c <= 1 for c in material.color)
            assert 0 <= material.roughness <= 1 and 0 <= material.wear <= 1
            if material.kind in ("image", "emitter"):
                assert material == old[slot]


def test_no_change_is_asked_for_none_is_made():
    for body in Materials()(bare(0), RNG(0)).bodies:
        for slot, material in materials_of(replace(body, materials={})).items():
            if slot not in body.materials or material.kind in ("image", "emitter"):
                continue
            new = body.materials[slot]
            assert new.color == pytest.approx(material.color)
            assert (new.roughness, new.wear) == pytest.approx((material.roughness, material.wear))


def test_bodies_of_one_name_look_alike_and_there_are_as_many_looks_as_asked():
    out = Materials(value=Uniform(0.5, 1), looks=3)(bare(0), RNG(0))
    looks: dict[str, set] = {}
    for body in out.bodies:
        if body.category == "carton":
            looks.setdefault(body.name, set()).add(body.materials["board"].color)
    assert all(len(colors) == 1 for colors in looks.values())
    assert len(set().union(*looks.values())) == 3


def test_textures_take_whole_loads_and_no_others():
    spec = bare(0)
    half = Textures(probability=0.5)(spec, RNG(0))
    wild: dict[str, set] = {}
    for before, after in zip(spec.bodies, half.bodies):
        wild.setdefault(after.name, set()).add(after != before)
        if after != before:
            assert after.materials.keys() == materials_of(before).keys()
            assert all(m.kind in PATTERNS for m in after.materials.values())
    assert all(len(states) == 1 for states in wild.values())
    assert half.parameters["textures.wild"] == sum(states == {True} for states in wild.values())
    assert Textures(probability=0)(spec, RNG(0)).bodies == spec.bodies


def test_patterns_are_materials():
    assert set(PATTERNS) <= set(MATERIAL_KINDS)


# pose


def test_no_point_moves_further_than_its_slack():
    spec = bare(2)
    far = 0.0
    for before, after in zip(spec.bodies, Pose(disorder=1)(spec, RNG(0)).bodies):
        lower, upper = mesh_of(before.shape).bounds
        corners = np.array([(x, y, 0) for x in (lower[0], upper[0]) for y in (lower[1], upper[1])])
        moved = _at(after, corners) - _at(before, corners)
        reach = np.linalg.norm(moved, axis=1).max()
        assert reach <= before.slack_m + 1e-9 and after.position[2] == before.position[2]
        far = max(far, reach / before.slack_m if before.slack_m else 0)
    assert far > 0.8, "disorder 1 uses the room there is"


def _at(body, points):
    return points @ rotation_matrix(body.rotation).T + body.position


def test_no_disorder_no_move():
    assert Pose(disorder=0)(bare(0), RNG(0)).bodies == bare(0).bodies


# clutter


def test_clutter_adds_what_it_is_told_on_free_floor():
    thing = Body("table", Shape.of("block", x=2.0, y=2.0), category="table")
    spec = SceneSpec((thing,), room=((-3.0, -3.0, 0.0), (3.0, 3.0, 3.0)))
    out = Clutter(props=("drum", "ball"), labelled=True, count=6, gap_m=0.2)(spec, RNG(0))
    assert out.bodies[0] == thing and len(out.bodies) == 7
    assert {b.category for b in out.bodies[1:]} == {"drum", "ball"}
    lower, upper = world_boxes(out.bodies)
    assert lower[1:, :2].min() > -3 and upper[1:, :2].max() < 3
    square = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float)
    for low, high in zip(lower[1:], upper[1:]):
        own = np.array([low[:2], (high[0], low[1]), high[:2], (low[0], high[1])])
        assert low[2] == pytest.approx(0) and shared_area(own, square) == 0
    assert out.parameters["clutter.count"] == 6


def test_distractors_have_no_category():
    out = Clutter(props=("ball",), labelled=False, count=2)(SceneSpec(), RNG(0))
    assert [body.category for body in out.bodies] == ["", ""]
    assert Clutter(props=("ball",), labelled=False).categories == ()
    assert Clutter(props=("ball",), labelled=True).categories == ("ball",)


def test_clutter_without_room_names_its_key():
    crowd = Clutter(props=("pallet",), labelled=False, count=500)
    with pytest.raises(ProposalRejected, match="lower randomize.distractors.count or enlarge"):
        crowd(SceneSpec(), RNG(0))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (dict(props=("drun",)), "^props='drun' is not known; did you mean 'drum'"),
        (dict(props=()), r"^props=\[\] must be a list"),
        (dict(props="drum"), "^props=drum must be a list"),
        (dict(props=("drum",), labelled="no"), "^labelled=no must be true or false"),
        (dict(props=("drum",), count=-1), "^count=-1 must be at least 0"),
    ],
)
def test_clutter_refuses_nonsense(settings, message):
    with pytest.raises(SimgenError, match=message):
        Clutter(**{"labelled": True} | settings)


# camera


def lone(**settings):
    spec = Single(prop="drum").sample(RNG(0))
    return spec, Camera(**settings)


def test_the_camera_stands_where_it_is_told_and_sees_the_object_in_the_middle():
    spec, camera = lone(distance_m=3.0, height_m=1.2, azimuth_deg=30, focal_mm=40)
    out = camera(spec, RNG(0)).camera
    angle = np.radians(30)
    assert out.position == pytest.approx((3 * np.cos(angle), 3 * np.sin(angle), 1.2), abs=1e-6)
    (u, v, depth), *_ = project(out, [(0.0, 0.0, 0.44)])
    assert (u, v) == pytest.approx((320, 240), abs=1e-3)
    assert depth == pytest.approx(np.hypot(3, 1.2 - 0.44), abs=1e-4) and out.focal_mm == 40


def test_tilt_looks_further_down_and_roll_turns_about_the_axis():
    spec, camera = lone(distance_m=3.0, height_m=1.0, tilt_deg=5)
    focal = 26 / 36 * 640
    ((u, v, _),) = project(camera(spec, RNG(0)).camera, [(0.0, 0.0, 0.44)])
    assert (u, v) == pytest.approx((320, 240 - focal * np.tan(np.radians(5))), abs=0.01)
    spec, camera = lone(distance_m=3.0, height_m=1.0, roll_deg=30)
    low, high = project(camera(spec, RNG(0)).camera, [(0.0, 0.0, 0.34), (0.0, 0.0, 0.54)])[:, :2]
    lean = np.degrees(np.arctan2(*(high - low)))
    assert abs(180 - abs(lean)) == pytest.approx(30, abs=1)


@pytest.mark.parametrize("share", [0.3, 0.5, 1.0])
def test_framing_puts_the_object_off_the_middle_by_its_share(share):
    spec, camera = lone(distance_m=5.0, height_m=0.44, framing=share)
    for seed in range(8):
        ((u, v, _),) = project(camera(spec, RNG(seed)).camera, [(0.0, 0.0, 0.44)])
        off = np.array([(u - 320) / 320, (v - 240) / 240])
        assert np.linalg.norm(off) == pytest.approx(share, rel=0.15)


@pytest.mark.parametrize("seed", range(10))
def test_viewpoints_are_free_level_and_clear(seed):
    spec = bare(seed)
    out = run("camera", spec, seed)
    lower, upper = np.asarray(spec.room)
    eye = np.array(out.camera.position)
    assert (eye >= lower + 0.35).all() and (eye <= upper - 0.35).all()
    assert camera_inside(out) is None
    target = out.parameters["camera.target"]
    assert target in {body.category for body in spec.bodies} - {""}
    boxes = world_boxes([body for body in spec.bodies if body.category])
    near = np.linalg.norm(np.clip(eye, *boxes) - eye, axis=1)
    assert near.min() >= 0.35 - 1e-9


def test_targets_are_drawn_by_category_first():
    """One cone among 40 balls gets half of the pictures."""
    balls = [
        Body("ball", Shape.of("ball"), (x, y, 0.0), category="ball")
        for x in range(-4, 4)
        for y in range(5)
    ]
    cone = Body("cone", Shape.of("traffic_cone"), (0.5, -3.0, 0.0), category="traffic_cone")
    spec = SceneSpec((*balls, cone), room=((-9.0, -9.0, 0.0), (9.0, 9.0, 3.0)))
    camera = Camera(azimuth_deg=Uniform(-180, 180), distance_m=2, height_m=1)
    targets = [camera(spec, RNG(i)).parameters["camera.target"] for i in range(120)]
    assert 35 < targets.count("traffic_cone") < 85


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (dict(height_m=30), "above the roof"),
        (dict(distance_m=50), "beyond the walls"),
        (dict(distance_m=0.5, height_m=2.5), "steeper than max_pitch_deg"),
        (dict(distance_m=0.5, height_m=0.5), "inside the drum's clearance"),
    ],
)
def test_impossible_viewpoints_name_the_keys(settings, why):
    spec, camera = lone(**settings)
    with pytest.raises(ProposalRejected, match=r"^no free viewpoint .* randomize.camera \(dist"):
        camera(spec, RNG(0))


def test_a_camera_without_objects_says_so():
    with pytest.raises(ProposalRejected, match="nothing with a category: add objects"):
        Camera()(SceneSpec(), RNG(0))


def test_a_blocked_line_of_sight_is_not_taken():
    spec, camera = lone(distance_m=4.0, height_m=1.0, azimuth_deg=0)
    wall = Body("screen", Shape.of("block", x=0.1, y=3.0, z=3.0), (2.0, 0.0, 0.0))
    camera(spec, RNG(0))
    with pytest.raises(ProposalRejected):
        camera(replace(spec, bodies=(*spec.bodies, wall)), RNG(0))
