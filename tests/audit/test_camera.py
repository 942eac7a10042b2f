import cv2
import numpy as np
import pytest

from simgen.audit.camera import into_camera, project, rays, rotations
from simgen.spec import Camera, Lens

BROWN = Lens("brown_conrady", (-0.25, 0.08, 0.002, -0.003, -0.01))
FISHEYE = Lens("fisheye", (-0.03, 0.01, -0.002, 0.0004))
RNG = np.random.default_rng(0)
POINTS = np.column_stack([RNG.uniform(-1, 1, (300, 2)), RNG.uniform(1, 5, 300)])


PINHOLE = Lens()


def camera(lens=PINHOLE, **changes):
    return Camera(width=640, height=480, focal_mm=20, lens=lens, **changes)


def opencv(points, lens):
    focal = 20 / 36 * 640
    matrix = np.array([[focal, 0, 320], [0, focal, 240], [0, 0, 1]])
    if lens.model == "fisheye":
        k = np.array(lens.coefficients)
        uv = cv2.fisheye.projectPoints(points[:, None], np.zeros(3), np.zeros(3), matrix, k)[0]
    else:
        k = np.array([*lens.coefficients, 0.0, 0.0, 0.0, 0.0, 0.0][:5])
        uv = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix, k)[0]
    return uv.reshape(-1, 2)


@pytest.mark.parametrize("lens", [Lens(), BROWN, FISHEYE])
def test_points_are_where_opencv_projects_them(lens):
    assert np.allclose(project(camera(lens), POINTS), opencv(POINTS, lens), atol=1e-9)


@pytest.mark.parametrize("lens", [Lens(), BROWN, FISHEYE])
def test_rays_lead_to_the_points_that_project_there(lens):
    uv = np.random.default_rng(1).uniform((0, 0), (640, 480), (200, 2))
    assert np.allclose(project(camera(lens), 3 * rays(camera(lens), uv)), uv, atol=1e-8)


def test_what_is_behind_has_no_pixel_but_in_a_fisheye():
    behind = np.array([[0.5, 0.0, -1.0]])
    assert np.isnan(project(camera(), behind)).all()
    assert np.isnan(project(camera(BROWN), behind)).all()
    assert np.isfinite(project(camera(FISHEYE), behind)).all()


def test_the_camera_looks_along_its_own_z():
    half = np.sqrt(0.5)
    looking_along_y = camera(position=(1.0, 2.0, 3.0), rotation=(half, -half, 0.0, 0.0))
    assert np.allclose(into_camera(looking_along_y, [(1.0, 5.0, 3.0)]), [(0, 0, 3)])
    assert np.allclose(rotations((half, 0, 0, half)) @ [1, 0, 0], [[0, 1, 0]])  # yaw of a quarter
