"""Lenses against OpenCV, against their own inverse and against hand-computed angles."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simgen.distortion import Distortion
from simgen.errors import SimgenError
from simgen.geometry import intrinsics, project
from simgen.lens import CENTRE_U, CENTRE_V, directions, focal_px, pixels, rays
from simgen.spec import Camera, Lens

BROWN = Lens("brown_conrady", (-0.28, 0.07, 0.0012, -0.0008, 0.01))
BARREL = Lens("brown_conrady", (-0.3,))
PINCUSHION = Lens("brown_conrady", (0.2, 0.05, 0.001, -0.002, 0.01))
FISHEYE = Lens("fisheye", (0.05, -0.01, 0.003, -0.0007))
LENSES = [Lens(), BROWN, BARREL, PINCUSHION, Lens("fisheye"), FISHEYE, Lens("fisheye", (-0.1,))]
SMALL = st.floats(-0.4, 0.4)
SLIGHT = st.floats(-0.01, 0.01)


def camera(lens: Lens, focal_mm: float = 12.0, width: int = 96, height: int = 64) -> Camera:
    return Camera(width=width, height=height, focal_mm=focal_mm, lens=lens)


def cone(degrees: float, count: int = 500) -> np.ndarray:
    """Returns points in camera axes, not farther than this off the axis."""
    rng = np.random.default_rng(0)
    angle = np.radians(degrees) * np.sqrt(rng.uniform(size=count))
    around = rng.uniform(0, 2 * np.pi, count)
    unit = [np.sin(angle) * np.cos(around), np.sin(angle) * np.sin(around), np.cos(angle)]
    return np.column_stack(unit) * rng.uniform(0.1, 50, (count, 1))


def opencv_matrix(camera: Camera) -> np.ndarray:
    """Returns K as OpenCV has it, the first pixel's centre being (0, 0)."""
    return intrinsics(camera) - [[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]]


def opencv_pixels(camera: Camera, points: np.ndarray) -> np.ndarray:
    none = np.zeros(3)
    matrix, k = opencv_matrix(camera), camera.lens.coefficients
    if camera.lens.model == "fisheye":
        k = np.array((*k, 0.0, 0.0, 0.0, 0.0)[:4])
        found, _ = cv2.fisheye.projectPoints(points[None], none, none, matrix, k)
    else:
        k = np.array((*k, 0.0, 0.0, 0.0, 0.0, 0.0)[:5])
        found, _ = cv2.projectPoints(points, none, none, matrix, k)
    return found.reshape(-1, 2) + 0.5


@pytest.mark.parametrize("lens", LENSES, ids=str)
def test_projects_as_opencv_does(lens):
    c, points = camera(lens), cone(40)
    assert np.allclose(pixels(c, points), opencv_pixels(c, points), rtol=0, atol=1e-9)


def test_a_fisheye_projects_as_opencv_does_nearly_to_the_side():
    c, points = camera(FISHEYE), cone(89.9)
    assert np.allclose(pixels(c, points), opencv_pixels(c, points), rtol=0, atol=1e-9)


def opencv_slopes(camera: Camera, uv: np.ndarray) -> np.ndarray:
    """Returns x / z, y / z of the rays through pixels."""
    lens, matrix = camera.lens, opencv_matrix(camera)
    k, exactly = np.array(lens.coefficients), (cv2.TERM_CRITERIA_MAX_ITER, 200, 0)
    if lens.model == "fisheye":
        return cv2.fisheye.undistortPoints(uv[:, None] - 0.5, matrix, k, criteria=exactly)[:, 0]
    if hasattr(cv2, "undistortPointsIter"):  # OpenCV 4's name
        found = cv2.undistortPointsIter(uv[:, None] - 0.5, matrix, k, None, None, exactly)
    else:
        found = cv2.undistortPoints(uv[:, None] - 0.5, matrix, k, criteria=exactly)
    return found[:, 0]


@pytest.mark.parametrize("lens", [BROWN, FISHEYE], ids=str)
def test_rays_are_those_that_opencv_undistorts(lens):
    c = camera(lens, 24.0)
    uv = np.random.default_rng(1).uniform(0, 1, (300, 2)) * (c.width, c.height)
    found = directions(c, uv)
    assert np.allclose(found[:, :2] / found[:, 2:], opencv_slopes(c, uv), rtol=0, atol=1e-9)
    length = np.linalg.norm(found, axis=1) if lens == FISHEYE else found[:, 2]
    assert np.allclose(length, 1, rtol=0, atol=1e-15)


@given(st.tuples(SMALL, SMALL, SLIGHT, SLIGHT, SMALL), st.floats(6, 60))
def test_a_ray_of_brown_conrady_goes_through_its_pixel(k, focal_mm):
    goes_through_its_pixel(camera(Lens("brown_conrady", k), focal_mm))


@given(st.tuples(SMALL, SMALL, SMALL, SMALL), st.floats(5, 60))
def test_a_ray_of_a_fisheye_goes_through_its_pixel(k, focal_mm):
    goes_through_its_pixel(camera(Lens("fisheye", k), focal_mm))


def goes_through_its_pixel(c: Camera) -> None:
    uv = np.stack(np.meshgrid(np.linspace(0, c.width, 40), np.linspace(0, c.height, 30)), -1)
    uv = uv.reshape(-1, 2)
    found = directions(c, uv)
    there = np.isfinite(found[:, 0])
    assert np.abs(pixels(c, found[there]) - uv[there]).max(initial=0) < 1e-9
    middle = np.hypot(*(uv - (c.width / 2, c.height / 2)).T) < 1.8
    assert there[middle].any()


@given(st.tuples(SMALL, SMALL, SLIGHT, SLIGHT, SMALL), st.floats(6, 60))
def test_what_is_seen_is_seen_along_the_ray_of_its_pixel(k, focal_mm):
    c, points = camera(Lens("brown_conrady", k), focal_mm), cone(80, 100)
    uv = pixels(c, points)
    there = np.isfinite(uv[:, 0]) & (np.abs(uv) < 1e5).all(1)
    # Where the bend all but folds the picture over, a pixel says little about the direction.
    again = pixels(c, directions(c, uv[there]))
    assert np.abs(again - uv[there]).max(initial=0) < 1e-9


def test_equidistant_angles():
    c = camera(Lens("fisheye"))
    assert focal_px(c) == pytest.approx(32)
    right, down, behind = np.pi / 2 * 32 + 48, np.pi / 2 * 32 + 32, 3 * np.pi / 4 * 32 + 48
    uv = pixels(c, [(2, 0, 0), (0, 0.3, 0), (1, 0, -1), (0, 0, 5), (0, 0, -5)])
    assert np.allclose(uv[:4], [(right, 32), (48, down), (behind, 32), (48, 32)])
    assert np.isnan(uv[4]).all()
    assert np.allclose(directions(c, uv[:3]), [(1, 0, 0), (0, 1, 0), (0.5**0.5, 0, -(0.5**0.5))])


def test_a_barrel_folds_over_where_its_slope_is_none():
    # r - 0.3 r^3 grows up to r = 1 / sqrt(0.9), where it is 2 / 3 of that.
    edge = 1 / np.sqrt(0.9)
    c = camera(BARREL)
    assert Distortion((-0.3,)).limit == pytest.approx(edge)
    uv = pixels(c, [(edge - 1e-6, 0, 1), (edge + 1e-6, 0, 1), (0, -9, 1), (0, 0, -1), (0, 0, 0)])
    assert np.isfinite(uv[0]).all() and np.isnan(uv[1:]).all()
    assert uv[0, 0] == pytest.approx(48 + 32 * edge * 2 / 3)
    inside, outside = directions(c, [(uv[0, 0] - 1e-3, 32), (uv[0, 0] + 1e-3, 32)])
    assert np.isfinite(inside).all() and np.isnan(outside).all()


def test_a_lens_askew_folds_over_sooner_on_one_side():
    # Along q the slope is 1 - 0.9 r^2 - 6 |q| r, which is 0 at (sqrt(9 q^2 + 0.9) - 3 q) / 0.9.
    edge = (np.sqrt(9 * 0.05**2 + 0.9) - 3 * 0.05) / 0.9
    bend = Distortion((-0.3,), -0.03 + 0.04j)
    assert bend.limit == pytest.approx(edge)
    before, at, after = bend._moved((0.03 - 0.04j) / 0.05 * (edge + np.array([-1e-4, 0, 1e-4])))
    assert abs(at) > max(abs(before), abs(after))


def test_a_barrel_bends_lines_outwards_and_a_pincushion_inwards():
    line = np.column_stack([np.linspace(-0.5, 0.5, 5), np.full(5, 0.4), np.ones(5)])
    barrel, pincushion = (
        pixels(camera(Lens("brown_conrady", (k,))), line)[:, 1] for k in (-0.2, 0.2)
    )
    assert barrel[2] == barrel.max() and (np.diff(barrel[2:]) < 0).all()
    assert pincushion[2] == pincushion.min() and (np.diff(pincushion[2:]) > 0).all()


def test_sideways_terms_are_named_as_opencv_names_them():
    c = camera(Lens("brown_conrady", (0, 0, 0.01, 0)))
    assert pixels(c, [(0, 0.5, 1)])[0] == pytest.approx((48, 32 + 32 * (0.5 + 0.01 * 0.75)))


@pytest.mark.parametrize("model", ["pinhole", "brown_conrady"])
def test_lenses_without_distortion_are_pinholes(model):
    c, points = camera(Lens(model, ())), np.array([(0.5, -0.25, 2.0), (1, 2, 4), (0, 0, 3)])
    assert np.array_equal(pixels(c, points), (points @ intrinsics(c).T)[:, :2] / points[:, 2:])


def test_rays_go_through_centres_of_pixels_of_any_size():
    c = camera(BROWN, 24.0)
    assert np.allclose(pixels(c, rays(c)[3, 5]), [(5 + CENTRE_U, 3 + CENTRE_V)], atol=1e-12)
    assert np.allclose(pixels(c, rays(c, 48, 16)[3, 5]), [(11, 14)], atol=1e-6)
    assert rays(c, 48, 16).shape == (16, 48, 3)
    beyond = rays(c, window=(-2, 60, 4, 70))
    assert beyond.shape == (10, 6, 3)
    assert np.allclose(beyond[:4, 2:], rays(c)[60:, :4], rtol=0, atol=1e-12)


def test_rays_are_made_once_for_a_lens_wherever_the_camera_stands():
    here, there = camera(BROWN), Camera((1, 2, 3), (0, 1, 0, 0), 96, 64, 12.0, lens=BROWN)
    assert rays(here) is rays(there)
    assert not rays(here).flags.writeable


def test_project_moves_the_world_before_the_camera():
    c = Camera(position=(1, 2, 3), rotation=(0.5, -0.5, 0.5, -0.5), lens=FISHEYE)  # looks along +x
    (u, v, depth), behind = project(c, [(5, 2, 4), (1 - 1e-3, 2, 3)])
    assert depth == pytest.approx(4)
    assert (u, v) == pytest.approx(tuple(pixels(c, [(0, -1, 4)])[0]))
    assert np.isnan(behind[:2]).all()


@pytest.mark.parametrize(
    "model, coefficients, words",
    [
        ("pinhole", (0.1,), "pinhole has at most 0"),
        ("fisheye", (0.1,) * 5, "fisheye has at most 4"),
        ("brown_conrady", (0.1,) * 6, "brown_conrady has at most 5"),
        ("fisheye", (float("nan"),), "must be finite numbers"),
        ("brown_conrady", (0.1, float("inf")), "must be finite numbers"),
    ],
)
def test_bad_coefficients_are_told(model, coefficients, words):
    with pytest.raises(SimgenError, match=words):
        Lens(model, coefficients)


def test_a_lens_that_shows_next_to_nothing_is_told():
    with pytest.raises(SimgenError, match="leave a ray to [0-9]% of the pixels"):
        rays(camera(Lens("brown_conrady", (-30.0,))))
    with pytest.raises(SimgenError, match="coefficients"):
        rays(camera(Lens("fisheye", (-1e300, 1e300))))
