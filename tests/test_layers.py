"""What is written of each pixel's surface point, read back and held against the frame."""

import re
import struct
from dataclasses import replace
from functools import cache
from io import BytesIO

import cv2
import numpy as np
import OpenEXR
import pytest

from simgen import lens
from simgen.frame import Agreement, Frame
from simgen.geometry import look_at, rotation_matrix, transform, world_from_camera
from simgen.mesh import Mesh
from simgen.props import mesh_of
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.truth.rle import decode
from simgen.writers.amodal import Amodal
from simgen.writers.distance import Distance
from simgen.writers.nocs import Nocs
from simgen.writers.normals import Normals
from simgen.writers.pointcloud import Pointcloud

EYE = (2.0, -3.0, 2.5)
CAMERA = Camera(EYE, look_at(EYE, (0.0, 0.0, 0.2)), 80, 60, focal_mm=40.0)
BODIES = (
    Body("ground", Shape.of("block", x=3.0, y=3.0, z=0.1), (0.0, 0.0, -0.1)),
    Body("near", Shape.of("drum"), (0.4, -0.6, 0.0), category="drum"),
    Body("far", Shape.of("pallet"), (0.0, 0.3, 0.0), scale=(1.0, 1.0, 2.0), category="pallet"),
)


@cache
def made(*bodies: int, camera: Camera = CAMERA) -> Frame:
    spec = SceneSpec(tuple(BODIES[i] for i in bodies), camera=camera)
    truth = raycast(spec)
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*truth.instance.shape, 3)).astype(np.uint8)
    agreement = Agreement(1.0, None, 1.0, 0.0, 0.0)
    return Frame(7, spec, truth, annotate(spec, truth), image, agreement, "none")


def frame() -> Frame:
    return made(0, 1, 2)


def only(writer, of: Frame | None = None) -> tuple[str, bytes]:
    (item,) = writer.files(of or frame(), ("drum", "pallet")).items()
    return item


def rgb(data: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)[:, :, ::-1]


def test_frame_shows_all_that_is_tested():
    assert set(np.unique(frame().truth.instance)) == {0, 1, 2, 3}
    assert [label.visible_fraction < 1 for label in frame().instances] == [False, True]


def test_distance_is_depth_over_the_rays_cosine():
    name, data = only(Distance())
    assert name == "distance/000007.exr"
    channels = OpenEXR.File(BytesIO(data)).channels()
    assert list(channels) == ["Y"]
    distance, depth = channels["Y"].pixels, frame().truth.depth
    assert distance.dtype == np.float32
    np.testing.assert_array_equal(np.isinf(distance), np.isinf(depth))
    v, u = np.mgrid[:60, :80] + 0.5
    slant = np.hypot(1, np.hypot(u - 40, v - 30) / lens.focal_px(CAMERA))
    hit = np.isfinite(depth)
    np.testing.assert_allclose(distance[hit], (depth * slant)[hit], rtol=1e-6)


def test_normals_of_a_level_floor_point_up():
    files = Normals("both").files(frame(), ())
    assert list(files) == ["normals/000007.png", "normals_world/000007.png"]
    camera, world = (rgb(data) for data in files.values())
    assert camera.dtype == np.uint16 and camera.shape == (60, 80, 3)
    floor = frame().truth.instance == 1
    top = floor & (np.abs(world[..., 2] - 65535.0) < 1)
    assert top.sum() > 0.5 * floor.sum()
    np.testing.assert_array_equal(world[top], [[32768, 32768, 65535]] * top.sum())
    up = rotation_matrix(CAMERA.rotation).T @ (0, 0, 1)
    expected = np.rint((up + 1) / 2 * 65535)
    np.testing.assert_array_equal(camera[top], [expected] * top.sum())


def test_normals_are_unit_vectors_towards_the_camera_or_nothing():
    levels = rgb(only(Normals())[1])
    nothing = frame().truth.instance == 0
    assert (levels[nothing] == 0).all()
    normals = levels[~nothing] / 65535 * 2 - 1
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1, atol=5e-5)
    rays = lens.rays(CAMERA)[~nothing]
    assert ((normals * rays).sum(1) < 0).mean() > 0.99
    assert list(Normals("world").files(frame(), ())) == ["normals_world/000007.png"]


def test_nocs_lead_back_to_the_points_of_the_labelled_objects():
    """By each label's pose, which is what object coordinates are for."""
    name, data = only(Nocs())
    assert name == "nocs/000007.png"
    levels = rgb(data)
    assert levels.dtype == np.uint16
    labelled = frame().truth.instance > 1
    np.testing.assert_array_equal(levels.any(2), labelled)
    for label in frame().instances:
        body, here = frame().spec.bodies[label.id - 1], frame().truth.instance == label.id
        lower, upper = np.multiply(mesh_of(body.shape).bounds, body.scale)
        local = (levels[here] / 65535 - 0.5) * np.linalg.norm(upper - lower) + (lower + upper) / 2
        points = local @ rotation_matrix(label.camera_rotation).T + label.camera_position
        depth = frame().truth.depth[here]
        np.testing.assert_allclose(points[:, 2], depth, atol=1e-4)
        v, u = np.nonzero(here)
        centres = np.column_stack([u, v]) + 0.5
        np.testing.assert_allclose(lens.pixels(CAMERA, points), centres, atol=0.01)


def test_amodal_pages_are_the_labels_masks():
    name, data = only(Amodal())
    assert name == "amodal/000007.tiff"
    read, pages = cv2.imdecodemulti(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert read and len(pages) == len(frame().instances) == 2
    for page, label in zip(pages, frame().instances):
        assert page.dtype == np.uint8
        np.testing.assert_array_equal(page, decode(label.amodal_mask) * 255)
    assert (pages[1] > 0).sum() > frame().instances[1].area


def test_a_frame_without_labels_has_no_amodal_file():
    assert Amodal().files(made(0), ()) == {}


def ply(data: bytes) -> dict[str, np.ndarray]:
    """Returns the columns of a binary PLY, read with nothing but its header."""
    head, _, body = data.partition(b"end_header\n")
    lines = head.decode("ascii").splitlines()
    assert lines[:2] == ["ply", "format binary_little_endian 1.0"]
    count = int(re.search(r"element vertex (\d+)", head.decode())[1])
    names = [line.split()[1:] for line in lines if line.startswith("property")]
    code = "<" + "".join({"float": "f", "uchar": "B", "ushort": "H"}[kind] for kind, _ in names)
    assert len(body) == count * struct.calcsize(code)
    columns = zip(*struct.iter_unpack(code, body))
    return {name: np.array(column) for (_, name), column in zip(names, columns)}


def xyz(points) -> np.ndarray:
    return np.column_stack([points[axis] for axis in "xyz"])


def test_points_project_to_their_pixel_and_bear_its_colour_and_id():
    name, data = only(Pointcloud())
    assert name == "pointcloud/000007.ply"
    assert b"comment metres, camera axes\n" in data
    points = ply(data)
    v, u = np.nonzero(frame().truth.instance)
    centres = np.column_stack([u, v]) + 0.5
    np.testing.assert_allclose(lens.pixels(CAMERA, xyz(points)), centres, atol=1e-3)
    colors = np.column_stack([points[color] for color in ("red", "green", "blue")])
    np.testing.assert_array_equal(colors, frame().image[v, u])
    np.testing.assert_array_equal(points["instance"], frame().truth.instance[v, u])


def test_points_of_a_plane_lie_on_it():
    above = replace(CAMERA, position=(0.0, 0.0, 3.0), rotation=(0.0, 1.0, 0.0, 0.0))
    points = ply(only(Pointcloud(axes="world"), made(0, camera=above))[1])
    assert len(points["z"]) > 1000
    np.testing.assert_allclose(points["z"], 0.0, atol=1e-6)


def test_world_axes_are_the_cameras_turned_and_moved():
    camera, world = (xyz(ply(only(Pointcloud(axes=axes))[1])) for axes in ("camera", "world"))
    np.testing.assert_allclose(transform(world_from_camera(CAMERA), camera), world, atol=1e-5)


def test_every_takes_a_grid_of_pixels():
    whole, some = ply(only(Pointcloud())[1]), ply(only(Pointcloud(every=7))[1])
    v, u = np.nonzero(frame().truth.instance)
    taken = (v % 7 == 0) & (u % 7 == 0)
    assert len(some["x"]) == (frame().truth.instance[::7, ::7] > 0).sum()
    for name, column in some.items():
        np.testing.assert_array_equal(column, whole[name][taken])


@pytest.mark.parametrize("writer", [Distance(), Normals(), Nocs(), Pointcloud()])
def test_a_frame_that_shows_nothing_is_empty(writer):
    empty = made()
    assert not empty.truth.instance.any()
    name, data = only(writer, empty)
    if name.endswith("png"):
        assert not rgb(data).any()
    elif name.endswith("ply"):
        assert ply(data) == {} and b"element vertex 0\n" in data
    else:
        assert np.isinf(OpenEXR.File(BytesIO(data)).channels()["Y"].pixels).all()


def test_meshes_are_not_written_to():
    """They are shared by all bodies of a shape, for the whole run."""
    kept = {body.shape: _bytes(mesh_of(body.shape)) for body in BODIES}
    for writer in (Distance(), Normals("both"), Nocs(), Pointcloud()):
        assert writer.files(frame(), ()) == writer.files(frame(), ())
    assert kept == {body.shape: _bytes(mesh_of(body.shape)) for body in BODIES}


def _bytes(mesh: Mesh) -> tuple[bytes, ...]:
    return tuple(array.tobytes() for array in (mesh.vertices, mesh.triangles, mesh.smooth))
