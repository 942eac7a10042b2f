import json
import subprocess
import sys
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simgen.errors import ProposalRejected, SimgenError
from simgen.exposure import make_frame
from simgen.recipe import Recipe
from simgen.rng import stream
from tests.composing import Painter, painted, recipe

SMALL = ("scene=single", "resolution=[160,120]")


@cache
def single():
    return recipe(*SMALL)


@cache
def frame():
    return make_frame(single(), 3)


def test_the_scene_and_each_randomizer_draw_from_a_stream_of_their_own():
    made = single()
    spec = made.scene.sample(stream(made.seed, 4, "scene"))
    for name, randomizer in made.randomizers.items():
        spec = randomizer(spec, stream(made.seed, 4, name))
    assert made.sample(4) == spec


def test_a_retry_draws_anew():
    made = single()
    assert made.sample(4, 1) != made.sample(4) == made.sample(4, 0)
    assert (
        made.sample(4, 1).parameters["scene.yaw_deg"]
        == made.scene.sample(stream(made.seed, 4, "scene/1")).parameters["scene.yaw_deg"]
    )


@pytest.mark.parametrize("scene", ["single", "warehouse"])
def test_frames_depend_on_seed_and_number_alone(scene):
    """Another recipe object, other frames before it, another order: the same spec."""
    one, other = recipe(f"scene={scene}"), recipe(f"scene={scene}")
    there = [_proposal(one, i) for i in range(4)]
    back = [_proposal(other, i) for i in reversed(range(4))][::-1]
    assert there == back
    assert len({repr(spec) for spec in there}) == 4
    assert _proposal(recipe(f"scene={scene}", "seed=1"), 0) != there[0]


def _proposal(made, index):
    for attempt in range(20):
        try:
            return made.sample(index, attempt)
        except ProposalRejected:
            continue
    raise AssertionError("20 proposals in a row were rejected")


def test_specs_are_the_same_in_another_process():
    """Where strings hash differently: nothing may hang on the order of a set."""
    code = (
        "from tests.test_recipe import *; from tests.test_recipe import _proposal;"
        "print(hash('a'), json.dumps(asdict(_proposal(recipe('scene=warehouse'), 1))))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[1],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split(" ", 1)
        for seed in ("1", "2")
    ]
    assert runs[0][0] != runs[1][0] and runs[0][1] == runs[1][1]


def test_a_frame_is_what_its_recipe_proposes_and_says_what_its_sensor_draws():
    proposals = [single().sample(3, i) for i in range(10)]
    drawn = single().sensor.drawn(stream(single().seed, 3, "sensor"))
    parameters = frame().spec.parameters
    assert drawn.items() <= parameters.items() and "sensor.exposure_ev" in drawn
    told = {name: value for name, value in parameters.items() if name not in drawn}
    assert frame().index == 3 and replace(frame().spec, parameters=told) in proposals
    assert frame().image.shape == (120, 160, 3) and frame().image.dtype == np.uint8
    assert frame().truth.instance.shape == (120, 160) and frame().device == "brush"
    assert [label.category for label in frame().instances] == ["pallet"]


def test_a_frame_that_was_painted_from_the_truth_agrees_with_it():
    assert frame().agreement.pixels == frame().agreement.id_pixels == 1.0


def test_the_picture_shows_the_object_where_its_label_is():
    """The Painter gives each body a grey of its own, which the sensor's noise leaves apart."""
    image, label = frame().image.mean(2), frame().instances[0]
    inside = frame().truth.instance == label.id
    assert inside.sum() == label.area
    assert abs(image[inside].mean() - image[~inside].mean()) > 3 * image[inside].std()


def test_each_stage_is_timed():
    assert set(frame().seconds) == {"sample", "truth", "render", "check", "sensor"}
    assert all(seconds >= 0 for seconds in frame().seconds.values())


def test_a_frame_made_twice_is_the_same():
    again = make_frame(single(), 3)
    assert again.spec == frame().spec and again.instances == frame().instances
    assert (again.image == frame().image).all()


def test_the_sensors_noise_is_the_frames_own():
    spec = frame().spec
    light = Painter().render(spec).rgb
    a, b = (single().sensor(light, stream(0, i, "sensor")) for i in (3, 4))
    assert (a == frame().image).all() and (a != b).any()


@dataclass(frozen=True)
class Liar:
    """A renderer that shows everything a little further to the right."""

    def render(self, spec):
        seen = Painter().render(spec)
        shift = {name: np.roll(getattr(seen, name), 5, axis=1) for name in ("instance", "depth")}
        return replace(seen, **shift)


def test_a_frame_on_which_the_engines_disagree_is_refused():
    with pytest.raises(SimgenError, match="agree on .*min_agreement=0.99"):
        make_frame(replace(single(), renderer=Liar()), 3)


def test_impossible_proposals_stop_with_the_frame_and_the_reason():
    never = recipe(*SMALL, "accept.min_objects=5", "accept.max_attempts=3")
    with pytest.raises(SimgenError, match="^frame 2: none of 3 proposals .* accept.min_objects"):
        make_frame(never, 2)


def test_categories_are_the_scenes_and_then_the_randomizers():
    made = recipe("scene=single", "randomize=[clutter,distractors,camera]")
    assert made.categories[0] == "pallet" and len(set(made.categories)) == len(made.categories)
    assert "drum" in made.categories and "ball" not in made.categories


# building


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (dict(scene=None), "^scene=null must be a group of settings with a _target_$"),
        (dict(scene={}), "^scene has no _target_: name the class"),
        (dict(scene={"_target_": "nowhere.Hall"}), "^scene._target_='nowhere.Hall' cannot be"),
        (dict(scene={"_target_": "simgen.scenes.single.Sinle"}), "^scene._target_=.* cannot be"),
        (dict(randomize={"camera": 3}), "^randomize.camera=3 must be a group of settings"),
        (
            dict(randomize={"c": {"_target_": "simgen.randomize.clutter.Clutter", "props": []}}),
            "^randomize.c.labelled is missing",
        ),
        (
            dict(sensor={"_target_": "simgen.sensor.Sensor", "blur": 1}),
            "^sensor.blur is not known; did you mean 'blur_px'",
        ),
        (dict(resolution=[0, 480]), r"^resolution=\[0, 480\] must be \[width, height\]"),
        (dict(resolution=640), "^resolution=640 must be"),
        (dict(seed=-1), "^seed=-1 must be at least 0"),
        (dict(seed=1.5), "^seed=1.5 must be a whole number"),
        (dict(min_agreement=2), "^min_agreement=2 must be at most 1"),
    ],
)
def test_nodes_that_cannot_be_built_name_their_key(change, message):
    with pytest.raises(SimgenError, match=message):
        Recipe.from_config(painted(*SMALL) | change)


@dataclass(frozen=True)
class Odd:
    """A target that fails in ways of its own."""

    how: object = ""
    inner: object = None

    def __post_init__(self):
        if self.how == "type":
            raise TypeError("unsupported operand\nand a second line")
        if self.how == "full":
            raise SimgenError("sensor.how=full is out")
        if self.how == "bare":
            raise SimgenError("nothing fits")
        if self.how == "bug":
            raise ZeroDivisionError


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("type", "^sensor: unsupported operand$"),
        ("full", "^sensor.how=full is out$"),
        ("bare", "^sensor: nothing fits$"),
    ],
)
def test_a_targets_own_errors_get_the_key_once(how, message):
    node = {"_target_": "tests.test_recipe.Odd", "how": how}
    with pytest.raises(SimgenError, match=message):
        Recipe.from_config(painted(*SMALL) | {"sensor": node})


def test_a_bug_in_a_target_stays_a_bug():
    node = {"_target_": "tests.test_recipe.Odd", "how": "bug"}
    with pytest.raises(ZeroDivisionError):
        Recipe.from_config(painted(*SMALL) | {"sensor": node})


def test_a_field_may_be_an_object_of_its_own():
    inner = {"_target_": "simgen.sensor.Sensor", "blur_px": ["uniform", 0, 1]}
    node = {"_target_": "tests.test_recipe.Odd", "inner": inner}
    built = Recipe.from_config(painted(*SMALL) | {"sensor": node}).sensor
    assert built.inner.blur_px.bounds() == (0, 1)
    inner["blur_px"] = -1
    with pytest.raises(SimgenError, match="^sensor.inner.blur_px=-1 must be at least 0"):
        Recipe.from_config(painted(*SMALL) | {"sensor": node})


def test_specs_go_through_json():
    spec = asdict(frame().spec)
    assert json.loads(json.dumps(spec))["camera"]["width"] == 160


def test_a_category_that_the_scene_does_not_declare_is_told_before_rendering():
    made = recipe("scene=single")
    scene = replace(made.scene, prop="drum")
    with pytest.raises(SimgenError, match="category 'drum' is none of the scene's; did you mean"):
        make_frame(replace(made, scene=Undeclared(scene)), 0)


@dataclass(frozen=True)
class Undeclared:
    scene: object
    categories = ("drums",)

    def sample(self, rng):
        return self.scene.sample(rng)


@pytest.mark.parametrize("scene", ["warehouse", "single"])
def test_own_things_are_refused_where_nothing_would_show_them(scene):
    with pytest.raises(SimgenError, match="^objects=parts: this scene shows things of its own"):
        recipe(f"scene={scene}", "objects=parts")
