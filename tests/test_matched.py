"""Things laid in given boxes, and scenes that show what is wanted."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from simgen.scenes.bin import Bin
from simgen.scenes.conveyor import Conveyor
from simgen.scenes.tabletop import Tabletop

from simgen.errors import ProposalRejected
from simgen.layout.matched import matched
from simgen.randomize.orbit import Orbit
from simgen.rng import stream
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.targets.wanted import Wanted
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast

CARD = Body("card", Shape.of("flat_print", x=0.063, y=0.088), category="card")
APART = ((0.1, 0.1, 0.2, 0.35), (0.6, 0.5, 0.21, 0.33), (0.65, 0.05, 0.27, 0.26))
OVER = ((0.3, 0.3, 0.2, 0.4), (0.4, 0.35, 0.2, 0.4))


@pytest.mark.parametrize("boxes", [APART, APART[:1]])
@pytest.mark.parametrize("seed", range(3))
def test_things_are_seen_in_their_boxes(boxes, seed):
    given = Camera((0.0, 0.0, 0.0), width=320, height=240)
    bodies, camera = matched((CARD,) * len(boxes), boxes, given, np.random.default_rng(seed))
    spec = SceneSpec(bodies, camera=camera)
    labels = annotate(spec, raycast(spec))
    found = np.array([label.box for label in labels]) / (320, 240, 320, 240)
    assert np.abs(found - boxes).max() < 0.03


def test_what_lies_on_another_is_higher():
    given = Camera((0.0, 0.0, 0.0), width=320, height=240)
    bodies, _ = matched((CARD, CARD), OVER, given, np.random.default_rng(0))
    assert sorted(body.position[2] for body in bodies) == pytest.approx([0.0, 0.0003], abs=1e-7)


def test_the_tabletop_shows_the_boxes_and_the_camera_stays():
    scene = Tabletop(support="desk", props=("book",), resolution=(320, 240))
    wanted = Wanted(count=2, boxes=APART[:2], aspect=3 / 4)
    spec = scene.sample(stream(0, 0, "scene"), wanted)
    assert (spec.camera.width, spec.camera.height) == (240, 320)
    assert Orbit()(spec, stream(0, 0, "camera"), wanted) == spec
    assert Orbit()(spec, stream(0, 0, "camera")) != spec
    labels = annotate(spec, raycast(spec))
    found = np.array([label.box for label in labels]) / (240, 320, 240, 320)
    assert np.abs(found - APART[:2]).max() < 0.15  # books are thick and of several sizes


@pytest.mark.parametrize(
    "scene", [Tabletop(dropped=0), Bin(), Conveyor(dropped=0)], ids=["tabletop", "bin", "conveyor"]
)
def test_scenes_take_the_categories_and_the_number_that_are_wanted(scene):
    names = scene.categories[:2]
    wanted = Wanted(shares={names[0]: 1.0, names[1]: 1.0}, count=4)
    for attempt in range(10):
        try:
            spec = scene.sample(stream(0, 0, f"scene/{attempt}"), wanted)
            break
        except ProposalRejected:
            continue
    found = Counter(body.category for body in spec.bodies if body.category)
    assert set(found) <= set(names) and sum(found.values()) == 4
    if not isinstance(scene, Conveyor):  # which lays out as many as fit of more than enough
        assert set(found.values()) == {2}


def test_things_are_drawn_as_they_come_without_a_wish():
    scene = Tabletop(count=5, dropped=0)
    once, again = (scene.sample(stream(0, 1, "scene"), w) for w in (None, Wanted()))
    assert replace(once) == again
