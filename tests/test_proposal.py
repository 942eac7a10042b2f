from dataclasses import replace

import numpy as np
import pytest

from simgen.errors import ProposalRejected, SimgenError
from simgen.geometry import look_at
from simgen.proposal import Accept, propose
from simgen.spec import Body, Camera, Lens, SceneSpec, Shape

EYE = (0.0, -4.0, 1.0)


def spec(*bodies, eye=EYE, target=(0.0, 0.0, 0.5), width=640, height=480):
    return SceneSpec(bodies, camera=Camera(eye, look_at(eye, target), width, height))


def cube(x=0.0, y=0.0, size=1.0, category="cube"):
    return Body("cube", Shape.of("block", x=size, y=size, z=size), (x, y, 0.0), category=category)


def test_a_plain_view_is_accepted():
    Accept()(spec(cube()))
    Accept(min_objects=2)(spec(cube(-1), cube(1)))


@pytest.mark.parametrize(
    ("rejected", "message"),
    [
        (spec(cube(category="")), "fewer than 1 objects in view: lower accept.min_objects or"),
        (spec(), "fewer than 1 objects"),
        (spec(cube(y=-8.0)), "fewer than 1 objects"),
        (spec(cube(y=-4.0, size=2.0)), "the camera is inside 'cube': bound randomize.camera"),
        (spec(cube(y=-3.2)), "something closer than 0.7 m fills the view: raise accept.near_share"),
    ],
)
def test_what_will_not_do_is_told_with_a_remedy(rejected, message):
    with pytest.raises(ProposalRejected, match=message):
        Accept()(rejected)


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1920, 1080), (64, 64), (100, 400)])
def test_size_is_judged_as_a_share_of_the_picture(width, height):
    """A cube's face a metre wide, 3.5 m away: (focal / 3.5) squared pixels, less what is cut."""
    view = spec(cube(), eye=(0.0, -4.0, 0.5), width=width, height=height)
    edge = 35 / 36 * width / 3.5
    share = edge * min(edge, height) / (width * height)
    Accept(min_object_share=0.9 * share)(view)
    with pytest.raises(ProposalRejected):
        Accept(min_object_share=1.1 * share)(view)


def test_no_objects_may_be_asked_for():
    Accept(min_objects=0)(spec())


def test_near_share_is_a_share_of_the_picture():
    """The near cube's face fills the left half."""
    view = spec(cube(-0.5, y=-3.2), cube(0.0, y=2.0, size=3.0), eye=(0.0, -4.0, 0.5))
    Accept(near_share=0.6)(view)
    with pytest.raises(ProposalRejected, match="fills the view"):
        Accept(near_share=0.4)(view)


class Counting:
    """Draws specs that will do from a given attempt on."""

    def __init__(self, good_from):
        self.good_from, self.attempts = good_from, []

    def __call__(self, attempt):
        self.attempts.append(attempt)
        if attempt < self.good_from:
            raise ProposalRejected(f"{attempt} of 7 fell over: prop it up")
        return spec(cube())


def test_the_first_that_will_do_is_taken():
    draw = Counting(3)
    assert propose(draw, Accept(), 5) == spec(cube()) and draw.attempts == [0, 1, 2, 3]


def test_giving_up_names_the_frame_and_the_commonest_reason():
    draw = Counting(99)
    message = "^frame 5: none of 8 proposals will do, 8 of them .*: 7 of 7 fell over: prop it up$"
    with pytest.raises(SimgenError, match=message):
        propose(draw, Accept(max_attempts=8), 5)
    assert len(draw.attempts) == 8


def test_the_commonest_reason_is_found_by_its_remedy():
    def draw(attempt):
        if attempt % 3 == 0:
            raise ProposalRejected("rare: do this")
        return replace(spec(), bodies=())

    with pytest.raises(SimgenError, match="6 of them for this reason: fewer than 1 objects"):
        propose(draw, Accept(max_attempts=9), 0)


def test_other_errors_stop_at_once():
    def draw(attempt):
        raise SimgenError("no such image")

    with pytest.raises(SimgenError, match="^no such image$"):
        propose(draw, Accept(), 0)


def test_near_is_a_distance_even_at_the_edge_of_a_fisheye():
    """A wall 3 m to the right, much of which is less than 0.7 m along the optical axis."""
    camera = Camera((0.0, 0.0, 0.0), look_at((0, 0, 0), (0, 1, 0)), 640, 480, lens=Lens("fisheye"))
    camera = replace(camera, focal_mm=18 / (np.pi / 2))
    beside = Body("beside", Shape.of("block", x=1.0, y=60.0, z=60.0), (3.5, -29.5, -30.0))
    view = SceneSpec((beside,), camera=camera)
    Accept(min_objects=0, near_share=0.01)(view)
    with pytest.raises(ProposalRejected, match="fills the view"):
        Accept(min_objects=0, near_share=0.01, near_m=4.0)(view)
