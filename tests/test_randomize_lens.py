"""The lens group: what it puts on the camera, and that it touches nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from simgen.codec import decode_spec, encode_spec
from simgen.errors import ProposalRejected, SimgenError
from simgen.exposure import make_frame
from simgen.lens import directions, rays
from simgen.randomize.lens import BrownConrady, Fisheye, Pinhole
from simgen.spec import Camera, Lens, SceneSpec
from tests.composing import options, recipe

SPEC = SceneSpec(camera=Camera(width=64, height=48, focal_mm=24.0))
SMALL = ("scene=single", "resolution=[64,48]", "accept.min_objects=0")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_pinhole_leaves_the_camera_as_it_is():
    assert Pinhole()(SPEC, rng()) is SPEC


def test_brown_conrady_keeps_the_focal_length():
    out = BrownConrady(-0.2, 0.08, 0.001, -0.002, 0.01)(SPEC, rng())
    lens = Lens("brown_conrady", (-0.2, 0.08, 0.001, -0.002, 0.01))
    assert out.camera == replace(SPEC.camera, lens=lens)
    assert out.parameters["lens.k1"] == -0.2


@pytest.mark.parametrize("degrees", [90, 180, 220])
def test_a_fisheye_s_corners_see_the_field_of_view(degrees):
    out = Fisheye(degrees, 0.02, -0.005)(SPEC, rng())
    first, last = directions(out.camera, [(0, 0), (64, 48)])
    assert np.degrees(np.arccos(first[2])) == pytest.approx(degrees / 2)
    assert np.degrees(np.arccos(last[2])) == pytest.approx(degrees / 2)
    assert out.parameters["lens.focal_mm"] == out.camera.focal_mm


def test_an_equidistant_fisheye_s_focal_length():
    # Half the diagonal is 22.5 mm of a sensor 36 mm wide, and a quarter turn is pi / 2.
    out = Fisheye(180.0)(SPEC, rng())
    assert out.camera.focal_mm == pytest.approx(22.5 / (np.pi / 2))


def test_a_fisheye_that_folds_over_within_its_field_of_view_is_told():
    # theta (1 - 0.2 theta^2) grows up to sqrt(1 / 0.6) radians, 74 degrees.
    with pytest.raises(ProposalRejected, match="from 74 degrees .*: lower lens.field_of_view_deg"):
        Fisheye(150.0, -0.2)(SPEC, rng())


@pytest.mark.parametrize("option", options("lens"))
def test_every_draw_of_the_shipped_lenses_fills_the_picture(option):
    lens = recipe(f"lens={option}").lens
    for seed in range(40):
        for focal_mm in (20.0, 35.0):  # of the camera randomizer
            camera = lens(
                replace(SPEC, camera=replace(SPEC.camera, focal_mm=focal_mm)), rng(seed)
            ).camera
            assert np.isfinite(rays(camera)).all()


@pytest.mark.parametrize("option", options("lens"))
def test_the_lens_changes_no_other_draw(option):
    plain, bent = recipe(*SMALL), recipe(*SMALL, f"lens={option}")
    a, b = plain.sample(3), bent.sample(3)
    assert replace(b, camera=a.camera, parameters=a.parameters) == a
    assert replace(b.camera, lens=a.camera.lens, focal_mm=a.camera.focal_mm) == a.camera
    assert bent.sample(3) == b and decode_spec(encode_spec(b), "spec") == b
    if option != "pinhole":
        assert bent.sample(4).camera.lens != b.camera.lens != bent.sample(3, attempt=1).camera.lens


@pytest.mark.parametrize("option", options("lens"))
def test_a_frame_can_be_made_through_every_lens(option):
    frame = make_frame(recipe(*SMALL, f"lens={option}"), 0)
    assert frame.agreement.pixels == 1 and frame.truth.instance.any()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lens=fisheye", "lens.k1=-9"), "^lens.k1=-9 must be at least -5$"),
        (("lens=fisheye", "lens.k1=soft"), "^lens.k1=soft must be a number$"),
        (("lens=fisheye", "lens.field_of_view_deg=400"), "^lens.field_of_view_deg=400 must be at"),
        (("lens=fisheye", "+lens.k5=0"), "^lens.k5 is not known"),
        (("lens=fisheye", "lens.k1=-1"), "^frame 0: none of .*: lower lens.field_of_view_deg"),
        (("lens=brown_conrady", "lens.k1=-5"), "leave a ray to .*choose smaller ones"),
    ],
)
def test_bad_coefficients_are_told_in_one_line(arguments, said):
    with pytest.raises(SimgenError, match=said) as caught:
        make_frame(recipe(*SMALL, *arguments), 0)
    assert "\n" not in str(caught.value)
