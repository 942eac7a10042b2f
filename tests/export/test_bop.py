"""BOP, read back by a reader written from docs/bop_datasets_format.md of the toolkit alone."""

import json
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simgen.errors import SimgenError
from simgen.export import bop_symmetry
from simgen.export.bop import BENT, FAR, Bop
from simgen.export.bop_models import mesh_of, solid
from simgen.export.bop_symmetry import symmetries
from simgen.geometry import axis_angle
from simgen.library import store
from simgen.library.form import Form
from simgen.spec import Body, Lens, Shape
from simgen.turned import cylinder
from simgen.writers.depth import Depth
from simgen.writers.images import Images
from tests.export.posed import block, dataset, exported, painted, samples, scene

BARE = (Images("png"),)
WITH_DEPTH = (*BARE, Depth())


@dataclass(frozen=True)
class Reader:
    """A scene, as the format's page describes it."""

    root: Path
    scene: str = "train/000000"

    def json(self, name: str) -> dict:
        return json.loads((self.root / self.scene / name).read_text())

    def camera(self, image: int) -> dict:
        found = self.json("scene_camera.json")[str(image)]
        return {
            "K": np.array(found["cam_K"]).reshape(3, 3),
            "R": np.array(found["cam_R_w2c"]).reshape(3, 3),
            "t": np.array(found["cam_t_w2c"]),
            "depth_scale": found["depth_scale"],
        }

    def gt(self, image: int) -> list[dict]:
        return self.json("scene_gt.json")[str(image)]

    def info(self, image: int) -> list[dict]:
        return self.json("scene_gt_info.json")[str(image)]

    def picture(self, kind: str, image: int, gt: int | None = None) -> np.ndarray:
        name = f"{image:06d}" + ("" if gt is None else f"_{gt:06d}")
        return cv2.imread(str(self.root / self.scene / kind / f"{name}.png"), cv2.IMREAD_UNCHANGED)

    def depth(self, image: int) -> np.ndarray:
        """(H, W) mm."""
        levels = self.picture("depth", image)
        assert levels.dtype == np.uint16
        return levels * self.camera(image)["depth_scale"]

    def model(self, obj: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Vertices, normals and triangles of an ASCII PLY."""
        head, _, body = (
            (self.root / f"models/obj_{obj:06d}.ply").read_text().partition("end_header\n")
        )
        head, rows = head.splitlines(), body.splitlines()
        assert head[:2] == ["ply", "format ascii 1.0"]
        v, f = (int(line.split()[2]) for line in head if line.startswith("element"))
        vertices = np.array([row.split() for row in rows[:v]], float)
        faces = np.array([row.split() for row in rows[v:]], int)
        assert vertices.shape == (v, 6) and faces.shape == (f, 4) and (faces[:, 0] == 3).all()
        return vertices[:, :3], vertices[:, 3:], faces[:, 1:]

    def models_info(self) -> dict:
        return json.loads((self.root / "models/models_info.json").read_text())

    def posed(self, image: int, gt: int) -> tuple[np.ndarray, np.ndarray]:
        """Vertices in camera axes, mm, and triangles."""
        pose = self.gt(image)[gt]
        vertices, _, faces = self.model(pose["obj_id"])
        turned = vertices @ np.array(pose["cam_R_m2c"]).reshape(3, 3).T
        return turned + pose["cam_t_m2c"], faces


def depth_of(
    vertices: np.ndarray, faces: np.ndarray, k: np.ndarray, size: tuple[int, int], margin: int = 0
) -> np.ndarray:
    """(H, W) nearest depth of a mesh at whole-numbered pixels, inf where there is none, by
    Moeller and Trumbore's test; `margin`: pixels on each side that are looked at as well."""
    height, width = size
    v, u = np.mgrid[-margin : height + margin, -margin : width + margin] + 1e-7
    rays = np.stack([u.ravel(), v.ravel(), np.ones(u.size)]).T @ np.linalg.inv(k).T
    nearest = np.full(len(rays), np.inf)
    for a, b, c in vertices[faces]:
        e, f = b - a, c - a
        p = np.cross(rays, f)
        with np.errstate(divide="ignore", invalid="ignore"):
            inverse = 1 / (p @ e)
            s = -(p @ a) * inverse
            q = np.cross(-a, e)
            t, z = (rays @ q) * inverse, f @ q * inverse
            hit = (s >= 0) & (t >= 0) & (s + t <= 1) & (z > 0)
        nearest[hit] = np.minimum(nearest[hit], z[hit])
    return nearest.reshape(u.shape)


def boxed(mask: np.ndarray, margin: int = 0) -> list[int]:
    """The box as calc_2d_bbox of the toolkit counts it."""
    rows, columns = np.nonzero(mask)
    x, y = int(columns.min()) - margin, int(rows.min()) - margin
    return [x, y, int(np.ptp(columns)), int(np.ptp(rows))]


def written(tmp_path, specs, form=None, writers=WITH_DEPTH, first=0, splits=()):
    made = dataset(tmp_path / "made", specs, writers, first)
    lost = exported(made, form or Bop(), tmp_path / "out", splits)
    return Reader(tmp_path / "out"), lost, samples(made)


unit = st.floats(-1, 1)


@settings(max_examples=12)
@given(
    place=st.tuples(unit, unit, unit),
    axis=st.sampled_from([(0, 0, 1), (1, 2, 3), (3, -1, 1)]),
    angle=st.floats(0, 6.3),
    scale=st.tuples(*[st.floats(0.5, 2.0)] * 3),
    mirror=st.sampled_from([(1, 1, 1), (-1, 1, 1), (-1, 1, -1), (-1, -1, -1)]),
)
def test_the_posed_model_is_the_mask_and_the_depth(
    tmp_path_factory, place, axis, angle, scale, mirror
):
    x, y, z = place
    stretched = tuple(s * m for s, m in zip(scale, mirror))
    turned = axis_angle(axis, angle)
    body = block((1.5 * x, y, 0.5 + z), rotation=turned, scale=stretched)
    before = block((0.1, -1.8, 0.3), size=(0.2, 0.1, 0.4))
    folder = tmp_path_factory.mktemp("bop")
    form = Bop(depth_scale=0.1)
    reader, lost, (sample,) = written(folder, [scene(body, before, width=48, height=32)], form)
    camera, depth = reader.camera(0), reader.depth(0)
    shown = np.full(depth.shape, np.inf)
    assert not lost and len(reader.gt(0)) == len(sample.labels)
    for i, (info, label) in enumerate(zip(reader.info(0), sample.labels)):
        vertices, faces = reader.posed(0, i)
        one, two, three = vertices[faces].swapaxes(0, 1)
        assert (one * np.cross(two, three)).sum() > 0  # outwards, mirrored or not
        w, h = 48, 32
        whole = depth_of(vertices, faces, camera["K"], (h, w), margin=w)
        canvas = np.isfinite(whole[w - h : w + 2 * h])  # h more rows, w more columns on each side
        inside = whole[w : w + h, w : w + w]
        mask, visible = (reader.picture(kind, 0, i) > 0 for kind in ("mask", "mask_visib"))
        assert (np.isfinite(inside) != mask).sum() <= 1  # a ray that all but meets an edge
        shown = np.minimum(shown, inside)
        clear = visible & np.isfinite(inside)
        assert np.abs(depth - inside)[clear].max(initial=0) <= 0.05 + 0.01
        assert abs(info["px_count_all"] - canvas.sum()) <= 2
        assert info["px_count_valid"] == (mask & (depth > 0)).sum() == mask.sum()
        assert info["px_count_visib"] == visible.sum() == label.area
        assert info["visib_fract"] == pytest.approx(visible.sum() / info["px_count_all"])
        assert info["bbox_visib"] == boxed(visible)
        rows, columns = np.nonzero(canvas)
        expected = [columns.min() - w, rows.min() - h, np.ptp(columns), np.ptp(rows)]
        assert np.abs(np.subtract(info["bbox_obj"], expected)).max() <= 1
    assert (np.isfinite(shown) != (depth > 0)).sum() <= 2


def test_counts_of_a_truncated_object_are_of_the_whole_canvas(tmp_path):
    half = block((0, 0, 0.3), size=(0.8, 0.2, 0.4))
    spec = scene(half, position=(0.4, -3.0, 0.5))  # its middle is on the left of the axis
    wide = scene(half, position=(0.4, -3.0, 0.5), width=288, height=192, sensor_mm=108.0)
    cut = scene(half, position=(2.2, -3.0, 0.5))
    out = scene(half, position=(2.2, -3.0, 0.5), width=288, height=192, sensor_mm=108.0)
    reader, _, _ = written(tmp_path, [spec, cut])
    for i, whole in enumerate((wide, out)):
        (label,) = painted(0, whole).instances  # three pictures wide: nothing is cut off
        (info,) = reader.info(i)
        x, y, w, h = label.box
        assert label.truncation == 0 and info["px_count_all"] == label.area
        assert info["bbox_obj"] == [x - 96, y - 64, w - 1, h - 1]
    assert reader.info(1)[0]["visib_fract"] < 1
    assert reader.info(1)[0]["px_count_valid"] < reader.info(1)[0]["px_count_all"]


def test_camera_and_world(tmp_path):
    spec = scene(block(), position=(0.3, -2.0, 0.9), target=(0, 0, 0.2))
    reader, _, _ = written(tmp_path, [spec])
    camera = reader.camera(0)
    assert camera["K"].tolist() == [[80, 0, 47.5], [0, 80, 31.5], [0, 0, 1]]
    assert np.allclose(camera["R"] @ [300, -2000, 900] + camera["t"], 0, atol=1e-9)
    u, v, w = camera["K"] @ (camera["R"] @ [0, 0, 200] + camera["t"])
    assert (u / w, v / w) == pytest.approx((47.5, 31.5))  # what it looks at: the picture's middle
    usual = json.loads((tmp_path / "out/camera.json").read_text())
    assert usual == {
        **{"cx": 47.5, "cy": 31.5, "depth_scale": 1.0, "fx": 80.0, "fy": 80.0},
        **{"height": 64, "width": 96},
    }


def test_models_are_centred_in_mm_and_measured(tmp_path):
    mug = Body("mug", Shape.of("mug"), (0.2, -1.5, 0.2), category="mug", scale=(2.0, 2.0, 1.0))
    reader, _, _ = written(tmp_path, [scene(block(size=(0.3, 0.5, 0.4)), mug)])
    for key, info in reader.models_info().items():
        vertices, normals, faces = reader.model(int(key))
        low, high = vertices.min(0), vertices.max(0)
        assert [info[f"min_{a}"] for a in "xyz"] == pytest.approx(low, abs=1e-4)
        assert [info[f"size_{a}"] for a in "xyz"] == pytest.approx(high - low, abs=2e-4)
        assert np.allclose(low, -high, atol=2e-4)
        apart = np.linalg.norm(vertices[:, None] - vertices[None], axis=2)
        assert info["diameter"] == pytest.approx(apart.max(), abs=1e-3)
        assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
        a, b, c = vertices[faces].swapaxes(0, 1)
        assert (a * np.cross(b, c)).sum() > 0  # faces outwards
    assert reader.models_info()["1"]["diameter"] == pytest.approx(1000 * 0.5**0.5, rel=1e-6)
    vertices, normals, _ = reader.model(1)
    assert ((vertices * normals).sum(1) > 0).all()


def test_each_shape_at_each_scale_is_an_object(tmp_path):
    stretched = {"scale": (2.0, 1.0, 1.0)}
    row = [block((-0.6, 0, 0)), block((0, 0, 0)), block((0.7, 0, 0), **stretched)]
    named = block((1.4, 0, 0), category="mug")
    reader, _, _ = written(tmp_path, [scene(row[2]), scene(*row, named, focal_mm=20.0)], first=998)
    assert [gt["obj_id"] for gt in reader.gt(998)] == [1]
    assert [gt["obj_id"] for gt in reader.gt(999)] == [2, 2, 1, 3]
    made_by = {"prop": "block", "params": {"x": 0.3, "y": 0.5, "z": 0.4}}
    assert json.loads((tmp_path / "out/models/categories.json").read_text()) == {
        "1": {"category": "block", **made_by, "scale": [2, 1, 1]},
        "2": {"category": "block", **made_by, "scale": [1, 1, 1]},
        "3": {"category": "mug", **made_by, "scale": [1, 1, 1]},
    }
    info = reader.models_info()
    assert info["1"]["size_x"] == pytest.approx(600) and info["2"]["size_x"] == pytest.approx(300)
    assert info["3"] == info["2"]


def test_scenes_hold_a_thousand_frames_and_numbers_are_those_of_the_whole(tmp_path):
    small, large = block((0, 0, 0)), block((0, 0, 0), size=(0.6, 0.7, 0.6))
    specs = [scene(small), scene(large), scene(), scene(small, large)]
    splits = ["train", "test", "train", "test"]
    reader, _, _ = written(tmp_path, specs, first=998, splits=splits)
    out = tmp_path / "out"
    assert sorted(p.parent.name for p in out.rglob("scene_gt.json")) == [
        *("000000", "000000", "000001", "000001"),
    ]
    assert reader.json("scene_gt.json").keys() == {"998"}
    last = Reader(out, "test/000001")
    assert Reader(out, "train/000001").gt(1000) == [] == Reader(out, "train/000001").info(1000)
    assert [gt["obj_id"] for gt in last.gt(1001)] == [2]  # the large one hides the small one
    targets = json.loads((out / "test_targets_bop19.json").read_text())
    assert targets == [
        {"scene_id": 0, "im_id": 999, "obj_id": 2, "inst_count": 1},
        {"scene_id": 1, "im_id": 1001, "obj_id": 2, "inst_count": 1},
    ]


def test_what_shows_less_than_a_tenth_is_no_target(tmp_path):
    before = block((0.01, -1, 0), size=(0.3, 0.1, 0.4))
    spec = scene(block((0, 0, 0.1), size=(0.3, 0.1, 0.27)), before, width=480, height=320)
    reader, _, _ = written(tmp_path, [spec], splits=["test"])
    shown = [info["visib_fract"] for info in Reader(tmp_path / "out", "test/000000").info(0)]
    targets = json.loads((tmp_path / "out/test_targets_bop19.json").read_text())
    assert sum(t["inst_count"] for t in targets) == sum(share >= 0.1 for share in shown) == 1


def test_depth_that_16_bits_do_not_hold_is_counted(tmp_path):
    near, far = block((0.3, -1, 0)), block((-0.5, 1.5, 0))
    reader, lost, (sample,) = written(tmp_path, [scene(near, far)], Bop(depth_scale=0.05))
    depth = reader.depth(0)
    assert [info["px_count_valid"] > 0 for info in reader.info(0)] == [True, False]
    assert lost == {FAR: reader.info(0)[1]["px_count_visib"]} and (depth > 0).any()
    assert (depth <= 65535 * 0.05).all()


def test_depth_from_png_is_the_same_to_half_a_millimetre(tmp_path):
    spec = scene(block())
    one, _, _ = written(tmp_path / "a", [spec], Bop(depth_scale=0.1))
    two, _, _ = written(tmp_path / "b", [spec], writers=(*BARE, Depth("png")))
    assert np.abs(one.depth(0) - two.depth(0)).max() <= 0.5 + 0.05


def test_a_dataset_without_depth_is_told_and_can_do_without(tmp_path):
    made = dataset(tmp_path / "made", [scene(block())], BARE)
    with pytest.raises(SimgenError, match="format.depth=false"):
        exported(made, Bop(), tmp_path / "out")
    exported(made, Bop(depth=False), tmp_path / "flat")
    (info,) = Reader(tmp_path / "flat").info(0)
    assert not list((tmp_path / "flat").rglob("depth")) and info["px_count_valid"] > 0
    assert info["px_count_valid"] == info["px_count_all"]


def test_a_lens_that_bends_is_counted(tmp_path):
    lens = Lens("brown_conrady", (-0.1,))
    spec = scene(block(size=(4.5, 0.2, 0.4)), lens=lens)
    reader, lost, (sample,) = written(tmp_path, [spec])
    (info,), (label,) = reader.info(0), sample.labels
    assert lost == {BENT: 1} and label.truncation > 0
    assert info["bbox_obj"][0] < 0 and info["bbox_obj"][2] > label.amodal_box[2]


def test_a_model_too_large_to_be_built_is_told(tmp_path):
    made = dataset(tmp_path / "made", [scene(block())])
    record = next((tmp_path / "made/records").iterdir())
    record.write_text(record.read_text().replace('"x":0.3', '"x":3e5'))
    with pytest.raises(SimgenError, match="too large to be built"):
        exported(made, Bop(), tmp_path / "out")


# Symmetries


def asset(scale=(1.0, 1.0, 1.0)) -> Body:
    """A prism with three sides, which is in the cache as an import would leave it there."""
    mesh = cylinder(100.0, 300.0, "side", segments=3)
    count = len(mesh.triangles)
    with store.scratch() as folder:
        np.savez(
            folder / store.GEOMETRY,
            vertices=mesh.vertices,
            triangles=mesh.triangles,
            uv=mesh.uv,
            slot=np.full(count, -1, np.int32),
            smooth=np.zeros(count, bool),
        )
        low, high = (tuple(map(float, each)) for each in mesh.bounds)
        form = Form(count, True)
        store.keep(folder, store.Imported("abc123", low, high, form, (), (), ()))
    shape = Shape.of("asset", digest="abc123", scale=0.001)
    return Body("prism", shape, category="mug", scale=scale)


@dataclass(frozen=True)
class Known:
    """What symmetry_of asks of a library."""

    digest: str
    symmetry: tuple[tuple[str, int], ...]


@pytest.mark.parametrize(
    "scale, symmetry, turns",
    [
        ((1.0, 1.0, 1.0), (("z", 3), ("x", 2)), 5),
        ((2.0, 2.0, 1.0), (("z", 3),), 2),
        ((2.0, 1.0, 1.0), (("z", 3),), 0),
        ((2.0, 1.0, 3.0), (("z", 3), ("x", 2)), 1),
        ((1.0, 1.0, 1.0), (), 0),
    ],
)
def test_the_manifest_s_symmetries_map_the_model_onto_itself(
    tmp_path, monkeypatch, scale, symmetry, turns
):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store.geometry.cache_clear()
    spec = scene(asset(scale))
    opened = []

    class Folder:
        assets = (Known("abc123", symmetry), Known("other", (("z", 0),)))

    def open_library(folder):
        opened.append(folder)
        return Folder

    monkeypatch.setattr(bop_symmetry.Library, "open", open_library)
    reader, _, _ = written(tmp_path, [spec], Bop(objects="things"))
    (info,), (vertices, _, _) = reader.models_info().values(), reader.model(1)
    found = info.get("symmetries_discrete", [])
    assert opened == ["things"] and len(found) == turns and "symmetries_continuous" not in info
    for matrix in np.array(found).reshape(-1, 4, 4):
        moved = vertices @ matrix[:3, :3].T + matrix[:3, 3]
        apart = np.linalg.norm(moved[:, None] - vertices[None], axis=2)
        assert apart.min(1).max() < 1e-2
        assert not np.allclose(matrix, np.eye(4)) and matrix[3].tolist() == [0, 0, 0, 1]


def test_an_asset_that_is_not_in_the_cache_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    store.geometry.cache_clear()
    made = dataset(tmp_path / "made", [scene(asset())])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "elsewhere"))
    for cached in (store.geometry, mesh_of, solid):
        cached.cache_clear()
    with pytest.raises(SimgenError, match="import its folder again"):
        exported(made, Bop(), tmp_path / "out")


def test_any_angle_is_continuous_and_half_turns_stay_when_stretched():
    middle = np.array([1.0, 2.0, 3.0])
    round_still = symmetries((("z", 0), ("x", 2)), np.array([2, 2, 1]), middle)
    assert round_still["symmetries_continuous"] == [{"axis": [0, 0, 1], "offset": [1, 2, 3]}]
    assert len(round_still["symmetries_discrete"]) == 1
    stretched = symmetries((("z", 0), ("x", 2)), np.array([2, 1, 1]), middle)
    assert "symmetries_continuous" not in stretched
    assert len(stretched["symmetries_discrete"]) == 3  # half turns about all three axes
    cube = symmetries((("z", 4), ("x", 4)), np.ones(3), middle)
    assert len(cube["symmetries_discrete"]) == 23
    many = symmetries((("-z", 100), ("x", 2)), np.ones(3), middle)
    assert len(many["symmetries_discrete"]) == 199
    for one, other in pairwise(np.array(cube["symmetries_discrete"]).reshape(-1, 4, 4)):
        assert np.allclose(one @ [1, 2, 3, 1], [1, 2, 3, 1]) and not np.allclose(one, other)


def test_turns_without_end_are_told():
    with pytest.raises(SimgenError, match="ever more"):
        symmetries((("z", 3), ("x", 3)), np.ones(3), np.zeros(3))


@pytest.mark.parametrize(
    "options, said", [({"depth_scale": 0}, "depth_scale=0"), ({"depth": "yes"}, "depth=yes")]
)
def test_wrong_options_are_told(options, said):
    with pytest.raises(SimgenError, match=said):
        replace(Bop(), **options)
