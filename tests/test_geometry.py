import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from simgen.geometry import (
    axis_angle,
    box_corners,
    intrinsics,
    look_at,
    multiply,
    project,
    quaternion,
    rotation_matrix,
    transform,
    world_from_body,
    world_from_camera,
    yaw,
)
from simgen.spec import Body, Camera, Shape

NUMBER = st.floats(-1, 1, allow_subnormal=False)
QUATERNIONS = (
    st.tuples(NUMBER, NUMBER, NUMBER, NUMBER)
    .filter(lambda q: np.linalg.norm(q) > 0.1)
    .map(lambda q: tuple(np.array(q) / np.linalg.norm(q)))
)
CAMERA = Camera((1.0, -3.0, 2.0), look_at((1.0, -3.0, 2.0), (0.2, 0.5, 0.3)), 640, 480, 50.0)


def scipy_matrix(q):
    return Rotation.from_quat([q[1], q[2], q[3], q[0]]).as_matrix()


@given(QUATERNIONS)
def test_rotation_matrix_is_the_quaternions(q):
    assert np.allclose(rotation_matrix(q), scipy_matrix(q))


@given(QUATERNIONS)
def test_quaternion_of_its_matrix(q):
    back = quaternion(rotation_matrix(q))
    assert back[0] >= 0
    assert np.isclose(abs(np.dot(back, q)), 1)
    assert all(type(v) is float for v in back)


@pytest.mark.parametrize("axis", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (1, -1, 1)])
def test_quaternion_of_half_turns(axis):
    """Where the trace gives no pivot."""
    matrix = rotation_matrix(axis_angle(axis, np.pi))
    assert np.allclose(rotation_matrix(quaternion(matrix)), matrix)


@given(QUATERNIONS, QUATERNIONS)
def test_multiply_applies_the_second_first(a, b):
    assert np.allclose(rotation_matrix(multiply(a, b)), scipy_matrix(a) @ scipy_matrix(b))


def test_right_hand_rule():
    assert np.allclose(rotation_matrix(yaw(np.pi / 2)) @ (1, 0, 0), (0, 1, 0))
    assert np.allclose(rotation_matrix(axis_angle((2, 0, 0), np.pi / 2)) @ (0, 1, 0), (0, 0, 1))


def test_world_from_body_scales_then_turns_then_moves():
    body = Body("b", Shape.of("block"), (10, 20, 30), yaw(np.pi / 2), (2, 3, 4))
    assert np.allclose(transform(world_from_body(body), np.eye(3)), [
        (10, 22, 30), (7, 20, 30), (10, 20, 34)
    ])  # fmt: skip


@pytest.mark.parametrize("target", [(0, 0, 0), (5, 1, 2), (1, -3, 9), (1, -3, -9), (1.0, 4.0, 2.0)])
def test_look_at_puts_the_target_in_the_middle(target):
    """Straight up and down too; the camera stays upright and right-handed."""
    camera = Camera(CAMERA.position, look_at(CAMERA.position, target), 640, 480)
    distance = np.linalg.norm(np.subtract(target, camera.position))
    assert np.allclose(project(camera, [target]), [(320, 240, distance)])
    right, down, _ = rotation_matrix(camera.rotation).T
    assert abs(right[2]) < 1e-12 and down[2] <= 1e-12


def test_look_at_handedness():
    """What lies to the east of a camera that looks north is right, what lies above is up."""
    camera = Camera((0, 0, 0), look_at((0, 0, 0), (0, 5, 0)), 640, 480)
    (u, v, depth), (u2, v2, _) = project(camera, [(1, 5, 0), (0, 5, 1)])
    assert u > 320 and np.isclose(v, 240) and np.isclose(depth, 5)
    assert v2 < 240 and np.isclose(u2, 320)


def test_intrinsics_by_hand():
    """36 mm of sensor over 640 pixels: 50 mm are 888.9 pixels, in both directions."""
    expected = [(8000 / 9, 0, 320), (0, 8000 / 9, 240), (0, 0, 1)]
    assert np.allclose(intrinsics(CAMERA), expected)


def test_field_of_view():
    """A point half a sensor off the axis at one focal length is on the frame's edge."""
    camera = Camera((0, 0, 0), focal_mm=24.0)
    assert np.allclose(
        project(camera, [(18, 0, 24), (0, -13.5, 24)]), [(640, 240, 24), (320, 0, 24)]
    )


@given(st.floats(0, 640), st.floats(0, 480), st.floats(0.1, 100))
def test_project_and_back(u, v, depth):
    local = depth * (np.linalg.inv(intrinsics(CAMERA)) @ (u, v, 1))
    (world,) = transform(world_from_camera(CAMERA), local[None])
    assert np.allclose(project(CAMERA, [world]), [(u, v, depth)])


def test_depth_behind_the_camera_is_negative():
    assert project(Camera(), [(0, 0, -2)])[0, 2] == -2


def test_box_corners_take_the_upper_bound_where_their_bit_is_set():
    corners = box_corners((0, 1, 2), (10, 11, 12))
    assert [tuple(corners[i]) for i in (0, 1, 2, 4, 7)] == [
        (0, 1, 2), (10, 1, 2), (0, 11, 2), (0, 1, 12), (10, 11, 12)
    ]  # fmt: skip
