"""views=: frames that share their scene and have each a camera of their own."""

from contextlib import suppress
from dataclasses import replace
from functools import cache

import pytest

from simgen.errors import ProposalRejected, SimgenError
from simgen.multiview import MultiView, per_view
from simgen.proposal import Accept
from simgen.recipe import Recipe
from simgen.rng import stream
from simgen.spec import STILL, SceneSpec
from tests.composing import options, painted, recipe

SMALL = "resolution=[64,48]"
OF_CAMERAS = ("camera.", "motion.", "stereo.", "lens.", "sensor.")


@cache
def made(scene: str, views: int = 2) -> Recipe:
    return recipe(f"scene={scene}", SMALL, f"views={views}", *SMALLER.get(scene, ()))


SMALLER = {
    "warehouse": ("scene.rows=1", "scene.bays=2", "scene.levels=1", "scene.stacks=3"),
    "bin": ("scene.count=4",),
    "conveyor": ("scene.dropped=0",),
    "tabletop": ("scene.count=4", "scene.dropped=0", "randomize.beside.count=2"),
}


def shared(spec: SceneSpec) -> SceneSpec:
    """Returns what the views of a scene must have in common."""
    told = {k: v for k, v in spec.parameters.items() if not k.startswith(OF_CAMERAS)}
    bodies = tuple(replace(body, motion=STILL) for body in spec.bodies)
    return SceneSpec(bodies, spec.lights, spec.world, room=spec.room, parameters=told)


each_scene = pytest.mark.parametrize("scene", options("scene"))


@each_scene
def test_views_share_their_scene_and_have_each_a_camera(scene):
    specs = [made(scene).proposal(i) for i in range(4)]
    assert shared(specs[0]) == shared(specs[1]) != shared(specs[2]) == shared(specs[3])
    cameras = [spec.camera for spec in specs]
    assert len({(c.position, c.rotation, c.motion, c.baseline_m) for c in cameras}) == 4


@each_scene
def test_a_view_depends_on_its_number_alone(scene):
    """Another recipe object, the views in another order, no frame before them."""
    again = recipe(f"scene={scene}", SMALL, "views=2", *SMALLER.get(scene, ()))
    assert [again.proposal(i) for i in (3, 0)] == [made(scene).proposal(i) for i in (3, 0)]


@each_scene
def test_every_view_is_accepted(scene):
    for index in range(4):
        made(scene).accept(made(scene).proposal(index))


@pytest.mark.parametrize("scene", ["single", "warehouse"])
def test_scenes_are_those_that_single_views_show(scene):
    """What is shared draws on the streams of the scene's number: scene 1 is one of the proposals
    for frame 1 of one view a scene."""
    for number in range(2):
        alone = [shared(spec) for spec in proposals(made(scene), number)]
        assert shared(made(scene).proposal(2 * number + 1)) in alone


def proposals(of: Recipe, index: int):
    for attempt in range(10):
        with suppress(ProposalRejected):
            yield of.sample(index, attempt)


def test_one_view_a_scene_is_as_if_there_were_no_views():
    plain, one = (painted("scene=single", SMALL) for _ in range(2))
    del plain["views"]
    plain, one = Recipe.from_config(plain), Recipe.from_config(one)
    assert one.views_per_scene == 1 and one.together == 1
    for index in range(3):
        assert plain.proposal(index) == one.proposal(index)


# what is drawn anew


def numbers(rng) -> int:
    return int(rng.integers(1 << 40))


class Moved:
    """Draws where the camera stands."""

    per_view = True

    def __call__(self, spec, rng):
        return replace(spec, camera=replace(spec.camera, position=(float(numbers(rng)), 0.0, 0.0)))


def sample(rng) -> SceneSpec:
    return SceneSpec(parameters={"scene.number": numbers(rng)})


class Refusing(Accept):
    """Refuses what a test says, by the scene's number and the camera's place."""

    def __init__(self, refused, attempts=4):
        super().__init__(max_attempts=attempts)
        object.__setattr__(self, "refused", refused)

    def __call__(self, spec):
        if self.refused(spec.parameters["scene.number"], spec.camera.position[0]):
            raise ProposalRejected("no: say yes")


def views(refused=lambda scene, place: False, attempts=4, count=3, **randomizers):
    randomizers = randomizers or {"camera": Moved()}
    return MultiView(
        count, 0, sample, randomizers, lambda spec, rng: spec, Refusing(refused, attempts)
    )


def placed(of: MultiView, *numbers: int) -> list[tuple[int, float]]:
    specs = [of.spec(index) for index in numbers]
    return [(spec.parameters["scene.number"], spec.camera.position[0]) for spec in specs]


def test_a_view_that_is_refused_moves_its_own_camera_alone():
    scene, places = placed(views(), 3)[0][0], [place for _, place in placed(views(), 3, 4, 5)]
    after = placed(views(lambda _, place: place == places[1]), 3, 4, 5)
    assert [number for number, _ in after] == [scene] * 3
    assert [place for _, place in after][::2] == places[::2] and after[1][1] not in places


def test_a_scene_of_which_one_view_will_not_do_is_drawn_anew_for_all():
    first, places = placed(views(), 0)[0][0], [place for _, place in placed(views(), 0, 1, 2)]
    tried = []

    def refused(scene, place):
        tried.append((scene, place))
        return scene == first and place not in places[:2]

    after = placed(views(refused), 0, 1, 2)
    assert len({number for number, _ in after}) == 1 and after[0][0] != first
    assert len([place for scene, place in tried if scene == first]) == 2 + 4
    assert placed(views(refused), 2) == after[2:], "made alone"
    other = placed(views(), 3, 4, 5)
    assert placed(views(refused), 3, 4, 5) == other, "the next scene is as it was"


def test_no_scene_will_do():
    asked = []
    none = views(lambda scene, place: asked.append(place) or True)
    message = "frame 4: none of 4 scenes will do, 4 .*: none of 4 views will do, 4 .*: no: say yes$"
    with pytest.raises(SimgenError, match=message):
        none.spec(4)
    assert len(asked) == 4 * 4, "bounded, and settled with the first view"
    with pytest.raises(SimgenError, match="^frame 5: "):
        none.spec(5)
    assert len(asked) == 4 * 4, "known from the scene's first frame"


def test_one_scene_is_kept_at_a_time():
    found = views()
    for index in range(30):
        found.spec(index)
    assert list(found._found) == [9]


# what does not go together


def fixed(spec, rng):
    return spec


def test_views_that_would_all_be_the_same_are_told():
    with pytest.raises(SimgenError, match="^views=3: all views of a scene are the same picture"):
        views(light=fixed).spec(0)
    with pytest.raises(SimgenError, match="add camera, or set views=1$"):
        recipe("scene=single", SMALL, "views=2", "randomize=[lighting,motion,stereo]").proposal(0)


def test_what_is_put_before_a_camera_goes_by_the_scenes_own():
    """The shared one sees a camera though the views' are drawn after it, and no view has that."""
    seen = []

    def looks(spec, rng):
        seen.append(spec.camera.position[0])
        return spec

    found = placed(views(camera=Moved(), beside=looks), 0, 1, 2)
    assert len(seen) == 1 and seen[0] != 0 and len({place for _, place in found}) == 3


class Nudged:
    """Moves the camera that is there by less than a metre."""

    per_view = True

    def __call__(self, spec, rng):
        x, y, z = spec.camera.position
        return replace(spec, camera=replace(spec.camera, position=(x + rng.random(), y, z)))


def test_a_camera_that_is_shared_is_what_views_start_from():
    def rig(spec, rng):
        return replace(spec, camera=replace(spec.camera, position=(100.0, 0.0, 0.0)))

    for order in (dict(nudge=Nudged(), rig=rig), dict(rig=rig, nudge=Nudged())):
        assert all(100 < place < 101 for _, place in placed(views(**order), 0, 1, 2))


def test_views_do_not_start_from_the_camera_that_the_scene_was_furnished_by():
    with_more = views(nudge=Nudged(), beside=fixed)
    assert placed(with_more, 0, 1, 2) == placed(views(nudge=Nudged()), 0, 1, 2)


def test_each_view_has_a_lens_of_its_own():
    def zoomed(spec, rng):
        return replace(spec, camera=replace(spec.camera, focal_mm=rng.random()))

    found = replace(views(), lens=zoomed)
    focal = [found.spec(index).camera.focal_mm for index in range(3)]
    assert focal == [stream(0, index, "lens").random() for index in range(3)]


@pytest.mark.parametrize("value", [0, -1, 1.5, "two", 101, True])
def test_what_is_no_number_of_views(value):
    with pytest.raises(SimgenError, match="^views="):
        Recipe.from_config(painted("scene=single", SMALL) | {"views": value})


@pytest.mark.parametrize("asked", ["balance=equal", "box_px=[20,300]", "objects=[2,4]"])
def test_views_and_targets_do_not_go_together(asked):
    with pytest.raises(SimgenError, match="^views=2 and targets.[a-z_]+ do not go together"):
        recipe("scene=tabletop", SMALL, "views=2", f"targets.{asked}")


def test_whoever_makes_a_view_makes_its_neighbours():
    assert made("single", 2).together == 2


def test_randomizers_say_whether_each_view_has_its_own():
    own = {name: per_view(r) for name, r in made("warehouse").randomizers.items()}
    assert {name for name, each in own.items() if each} == {"camera", "motion", "stereo"}
    assert not per_view(made("tabletop").randomizers["beside"])
