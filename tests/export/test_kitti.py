"""KITTI object, read back by a reader written from the development kit's readme alone."""

import math
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.card import Category
from simgen.errors import SimgenError
from simgen.export.kitti import BENT, NO_PNG, THIN, TILTED, Kitti
from simgen.export.linked import Linked
from simgen.export.sample import Label, Sample
from simgen.geometry import axis_angle, multiply, yaw
from simgen.spec import Lens
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.writers.images import Images
from tests.export.posed import block, dataset, exported, samples, scene

DEFAULT = Kitti()


@dataclass(frozen=True)
class Line:
    """One object of label_2, as the readme names its fields."""

    type: str
    truncated: float
    occluded: int
    alpha: float
    bbox: tuple[float, ...]  # left, top, right, bottom
    dimensions: tuple[float, ...]  # height, width, length
    location: tuple[float, ...]
    rotation_y: float

    def corners(self) -> np.ndarray:
        """The (8, 3) corners of the box: l along its x, w along its z, standing on its location."""
        h, w, length = self.dimensions
        x = np.array([1, 1, -1, -1, 1, 1, -1, -1]) * length / 2
        y = np.array([0, 0, 0, 0, -1, -1, -1, -1]) * h
        z = np.array([1, -1, -1, 1, 1, -1, -1, 1]) * w / 2
        c, s = math.cos(self.rotation_y), math.sin(self.rotation_y)
        turned = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]) @ np.stack([x, y, z])
        return turned.T + self.location


def lines(text: str) -> list[Line]:
    found = []
    for line in text.splitlines():
        fields = line.split(" ")
        assert len(fields) == 15
        n = [float(value) for value in fields[1:]]
        found.append(
            Line(
                fields[0], n[0], int(fields[2]), n[2], (*n[3:7],), (*n[7:10],), (*n[10:13],), n[13]
            )
        )
    return found


def matrices(text: str) -> dict[str, np.ndarray]:
    rows = (line.split(":") for line in text.splitlines() if line)
    return {name: np.array(values.split(), float).reshape(3, -1) for name, values in rows}


def projected(calib: dict[str, np.ndarray], points: np.ndarray, name: str = "P2") -> np.ndarray:
    p = calib[name] @ np.vstack([points.T, np.ones(len(points))])
    return (p[:2] / p[2]).T


def read(folder, name="000000", half="training"):
    labels = (folder / half / "label_2" / f"{name}.txt").read_text()
    return lines(labels), matrices((folder / half / "calib" / f"{name}.txt").read_text())


def converted(spec, form=DEFAULT):
    """Returns lines, matrices and what was lost of one frame, and its labels, without a disk."""
    labels = annotate(spec, raycast(spec))
    found, calib = [], {}
    part = form.convert(sample_of(spec, labels), "train")
    for path, content in part.files.items():
        if "label_2" in path:
            found = lines(content.decode())
        if "calib" in path:
            calib = matrices(content.decode())
    lost = {reason: count for reason, count in part.lost.items() if count}
    return found, calib, lost, labels


def sample_of(spec, labels):
    kept = tuple(Label(**vars(each), category_id=1) for each in labels)
    names = (Category(1, "block"), Category(2, "traffic cone"))
    return Sample(None, 0, 0, names, spec.camera, Linked("images/000000.png"), labels=kept)


def pixels_of(label) -> np.ndarray:
    """The cuboid's corners in pixels whose (0, 0) is the first one's centre."""
    return np.array(label.cuboid_px) - 0.5


def same_points(a: np.ndarray, b: np.ndarray, atol: float) -> None:
    """Each point of one is near one of the other."""
    apart = np.linalg.norm(a[:, None] - b[None], axis=2)
    assert apart.min(0).max() <= atol and apart.min(1).max() <= atol


@settings(max_examples=40)
@given(
    turn=st.floats(-math.pi, math.pi),
    heading=st.floats(-0.4, 0.4),
    x=st.floats(-1.2, 1.2),
    near=st.floats(-0.8, 2.0),
    scale=st.tuples(*[st.floats(0.4, 2.5)] * 3),
    mirror=st.sampled_from([(1, 1, 1), (-1, 1, 1), (1, -1, 1)]),
)
def test_the_box_of_an_upright_object_projects_onto_its_cuboid(
    turn, heading, x, near, scale, mirror
):
    stretched = tuple(s * m for s, m in zip(scale, mirror))
    body = block((x, near, 0.1), rotation=yaw(turn), scale=stretched)
    spec = scene(body, target=(math.sin(heading), -3 + math.cos(heading), 0.5))
    found, calib, lost, labels = converted(spec)
    for line, label in zip(found, labels, strict=True):
        same_points(line.corners(), np.array(label.cuboid), 5e-6)
        same_points(projected(calib, line.corners()), pixels_of(label), 1e-3)
        assert line.dimensions == pytest.approx(
            [size * s for size, s in zip((0.4, 0.3, 0.5), (scale[2], *scale[:2]))], abs=2e-6
        )
    assert TILTED not in lost


@pytest.mark.parametrize(
    "turn, mirror, x, rotation_y, alpha",
    [
        (90, 1, 0.0, 0.0, 0.0),  # its front, -y, looks along the camera's x
        (0, 1, 0.0, math.pi / 2, math.pi / 2),  # towards the camera
        (180, 1, 0.0, -math.pi / 2, -math.pi / 2),  # away from it
        (0, -1, 0.0, -math.pi / 2, -math.pi / 2),  # mirrored: its front is where its back was
        (90, 1, 3.0, 0.0, -math.pi / 4),  # seen from 45 degrees off
    ],
)
def test_the_angles_are_those_of_the_readme(turn, mirror, x, rotation_y, alpha):
    turned = yaw(math.radians(turn))
    spec = scene(block((x, 0, 0), rotation=turned, scale=(1, mirror, 1)), focal_mm=12.0)
    ((line,), _, _, _) = converted(spec)
    assert line.rotation_y == pytest.approx(rotation_y, abs=1e-5)
    assert line.alpha == pytest.approx(alpha, abs=1e-5)
    assert line.location == pytest.approx((x, 0.5, 3.0), abs=1e-6)  # on the floor, 0.5 below


@settings(max_examples=40)
@given(
    pitch=st.floats(-1.2, 0.4),
    roll=st.floats(-0.5, 0.5),
    turn=st.floats(-math.pi, math.pi),
    lean=st.sampled_from([0.0, 0.3]),
)
def test_a_tilted_camera_needs_level_axes(pitch, roll, turn, lean):
    ahead = multiply(axis_angle((1, 0, 0), -math.pi / 2 + pitch), axis_angle((0, 0, 1), roll))
    at = (0.0, -3 * math.cos(pitch), 0.2 - 3 * math.sin(pitch))
    body = block(rotation=multiply(axis_angle((1, 0.5, 0), lean), yaw(turn)))
    spec = scene(body, position=at, rotation=ahead)
    (plain,), _, lost, (label,) = converted(spec)
    tilt = math.degrees(math.hypot(pitch, roll))
    if tilt > 1.5 and not lean:
        assert lost[TILTED] == 1
        assert (plain.alpha, *plain.dimensions, *plain.location, plain.rotation_y) == (
            *(-10, -1, -1, -1, -1000, -1000, -1000, -10),
        )
    (level,), calib, lost, _ = converted(spec, Kitti(axes="level"))
    assert lost.get(TILTED, 0) == (lean > 0)
    assert level.bbox == plain.bbox
    if not lean:
        same_points(projected(calib, level.corners()), pixels_of(label), 2e-3)
        assert level.location[1] == pytest.approx(at[2], abs=2e-6)  # the floor, below the camera


@pytest.mark.parametrize("z", [9.0, -9.0])
def test_level_axes_of_a_camera_that_looks_straight_down_or_up(z):
    spec = scene(block((0, 1, 0)), position=(0.0, 0.0, z), target=(0.0, 0.0, 0.0), focal_mm=30.0)
    (line,), calib, lost, (label,) = converted(spec, Kitti(axes="level"))
    same_points(projected(calib, line.corners()), pixels_of(label), 2e-3)
    assert not lost


def test_lean_up_to_the_limit_is_written_upright():
    def lost(degrees, **options):
        body = block(rotation=axis_angle((1, 0, 0), math.radians(degrees)))
        return converted(scene(body), Kitti(**options))[2]

    assert not lost(0.99) and lost(1.01) == {TILTED: 1} and not lost(1.01, max_tilt_deg=2.0)
    assert lost(180) == {TILTED: 1}  # upside down is not upright
    mirrored = block((0, 0, 0.4), scale=(1, 1, -1))
    assert converted(scene(mirrored))[2] == {TILTED: 1}


def test_boxes_hold_the_whole_object_to_its_last_pixel():
    half = scene(block((0, 0, 0)), block((0.15, -0.5, 0), size=(0.3, 0.2, 0.9)))
    (line, _), _, _, (label, _) = converted(half)
    x, y, w, h = label.amodal_box
    assert line.bbox == (x, y, x + w - 1, y + h - 1) and label.box[2] < w
    wide = scene(block((0, -2, 0), size=(9, 0.5, 9)))
    ((line,), _, _, (label,)) = converted(wide)
    assert line.bbox == (0, 0, 95, 63) and line.truncated == pytest.approx(
        label.truncation, abs=1e-4
    )
    assert line.truncated > 0.5


@pytest.mark.parametrize("share, level", [(1.0, 0), (0.95, 0), (0.9, 1), (0.5, 1), (0.49, 2)])
def test_occluded_is_the_visible_share_in_levels(share, level):
    spec = scene(block())
    (label,) = annotate(spec, raycast(spec))
    text = Kitti().convert(sample_of(spec, (replace(label, visible_fraction=share),)), "train")
    assert lines(text.files["training/label_2/000000.txt"].decode())[0].occluded == level


def test_what_is_one_pixel_wide_is_counted():
    thin = block((0, 0, 0.5), size=(0.004, 0.004, 0.5))
    found, _, lost, (label,) = converted(scene(thin, position=(0.019, -3.0, 0.5)))
    assert label.amodal_box[2] == 1 and lost == {THIN: 1}
    assert found[0].bbox[0] == found[0].bbox[2]


def test_a_lens_that_bends_is_counted_and_p2_is_its_pinhole():
    bent = scene(block(), lens=Lens("brown_conrady", (-0.1,)))
    found, calib, lost, _ = converted(bent)
    assert lost == {BENT: 1} and len(found) == 1
    assert np.array_equal(calib["P2"], converted(scene(block()))[1]["P2"])


def test_the_second_camera_is_p3_and_image_3():
    right = replace(scene(block()).camera, baseline_m=0.25)
    spec = replace(scene(block()), camera=right)
    (line,), calib, _, _ = converted(spec)
    shift = projected(calib, line.corners()) - projected(calib, line.corners(), "P3")
    depth = line.corners()[:, 2]
    assert shift[:, 0] == pytest.approx(80 * 0.25 / depth, abs=1e-6)  # f = 30 / 36 * 96 = 80 px
    assert np.abs(shift[:, 1]).max() < 1e-9


def test_a_folder_in_kitti_s_order(tmp_path):
    empty = scene(block((0, -9, 0)))
    specs = [scene(block(), block((0.5, 1, 0), category="traffic cone")), empty, scene(block())]
    made = dataset(tmp_path / "made", specs, first=7)
    lost = exported(made, Kitti(), tmp_path / "out", ["train", "val", "test"])
    out, names = tmp_path / "out", ("000007", "000008", "000009")
    assert not lost
    first, calib = read(out, names[0])
    assert [line.type for line in first] == ["block", "traffic_cone"]
    assert read(out, names[1])[0] == [] and len(read(out, names[2], "testing")[0]) == 1
    for split, name in zip(("train", "val", "test"), names):
        assert (out / "ImageSets" / f"{split}.txt").read_text() == f"{name}\n"
    velodyne = np.array([[5.0, 1.0, 2.0]])  # ahead, left, up
    camera = velodyne @ calib["Tr_velo_to_cam"][:, :3].T @ calib["R0_rect"].T
    assert camera.tolist() == [[-1, -2, 5]]
    for half, name, sample in zip(("training", "training", "testing"), names, samples(made)):
        picture = out / half / "image_2" / f"{name}.png"
        assert picture.read_bytes() == sample.path("images").read_bytes()


def test_pictures_that_are_no_png_are_counted(tmp_path):
    made = dataset(tmp_path / "made", [scene(block())] * 2, (Images("jpg"),))
    assert exported(made, Kitti(), tmp_path / "out") == {NO_PNG: 2}
    kept = (tmp_path / "out/training/image_2/000000.jpg").read_bytes()
    assert kept == (tmp_path / "made/images/000000.jpg").read_bytes()


def test_the_right_camera_s_picture_is_image_3():
    spec = scene(block())
    sample = replace(
        sample_of(spec, ()),
        files={"images_right": "images_right/000000.jpg"},
        picture=Linked("images/000000.jpg", "png"),
    )
    files = Kitti().convert(sample, "test").files
    assert files["testing/image_3/000000.png"] == Linked("images_right/000000.jpg", "png")


@pytest.mark.parametrize(
    "options, said",
    [
        ({"axes": "world"}, "axes='world'"),
        ({"max_tilt_deg": -1}, "max_tilt_deg=-1"),
        ({"fully_visible": 0.4}, "partly_visible=0.5 must be at most 0.4"),
    ],
)
def test_wrong_options_are_told(options, said):
    with pytest.raises(SimgenError, match=said):
        Kitti(**options)


def test_categories_that_become_one_word_are_told():
    spec = scene(block())
    sample = sample_of(spec, annotate(spec, raycast(spec)))
    names = (Category(1, "block"), Category(2, "a b"), Category(3, "a_b"))
    with pytest.raises(SimgenError, match="give them other names"):
        Kitti().convert(replace(sample, categories=names), "train")
