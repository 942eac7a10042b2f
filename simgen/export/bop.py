"""BOP: the format of the Benchmark for 6D Object Pose Estimation, one folder for 1,000 frames.

    {train,val,test}/000000/  scene_camera.json scene_gt.json scene_gt_info.json
                              rgb/ depth/ mask/ mask_visib/
    models/                   obj_000001.ply ..., models_info.json, categories.json
    camera.json, test_targets_bop19.json (where there is a test split)

Source, unless another is named: docs/bop_datasets_format.md and scripts/calc_gt_info.py of
https://github.com/thodan/bop_toolkit. The image's id is the frame's number, the scene's is that of
its thousand.

Millimetres; rotations are 3x3, row by row; camera axes are OpenCV's, as the dataset's.
Pixels: (0, 0) is the centre of the first one, as the toolkit's depth_im_to_dist_im_fast has it, and
    BlenderProc, which made BOP's own synthetic pictures: cx, cy are half a pixel less than here.
cam_R_w2c, cam_t_w2c: each frame's own world; z up, the floor at 0.
depth: 16-bit, times depth_scale in mm, rounded; 0 where nothing is, behind the camera, or too far.
mask: the whole silhouette inside the picture, mask_visib: what is seen of it; 255 = the object.
px_count_all: of the whole silhouette, on a canvas that adds a picture on each side; visib_fract is
    the share of it that is seen: what lies outside the picture is not.
px_count_valid: of those inside the picture, how many have a depth.
bbox_obj: of the silhouette on that canvas. Width and height of boxes are the last pixel's place
    less the first's, as calc_2d_bbox of the toolkit has them: 1 less than the pixels they hold.
models: see bop_models.py. BOP has neither scales nor categories: each shape at each scale is an
    object of its own, numbered as it first appears; models/categories.json says what each is.
test_targets_bop19.json: what is seen by a tenth or more, as in the BOP Challenge 2019.

What it cannot express, and counts: lenses that bend lines, and pixels of depth out of reach.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import cv2
import msgspec
import numpy as np

from simgen.audit.formats import decode_exr, decode_image, shaped
from simgen.checks import require
from simgen.codec import WireShape
from simgen.errors import SimgenError
from simgen.export.bop_labels import camera_entry, info_entry, pose_entry
from simgen.export.bop_models import MM, Model, model_entry, ply, solid
from simgen.export.bop_notes import (
    SCENE,
    Ids,
    Note,
    Object,
    ids_of,
    infos,
    keyed,
    poses,
    scenes,
    table,
    targets,
    usual_camera,
)
from simgen.export.bop_symmetry import symmetry_of
from simgen.export.format import Exported, Part
from simgen.export.sample import Label, Sample
from simgen.spec import PINHOLE
from simgen.truth.rle import decode
from simgen.writers.png import encode_png

BENT = "lenses that bend lines, which cam_K does not say"
FAR = "pixels of depth beyond what 16 bits hold (format.depth_scale)"
MOST = 65535  # steps of depth


@dataclass(frozen=True)
class Bop:
    """Scenes, poses, masks and models.

    Attributes:
        depth: whether depth/ is written, for which the dataset needs its own.
        depth_scale: millimetres in a step of depth: 1 reaches 65.5 m, 0.1 only 6.55.
        objects: the folder of models that the dataset was made with, whose manifest says which
            symmetries they have; without it models_info.json has none.
    """

    depth: bool = True
    depth_scale: float = 1.0
    objects: str | None = None

    def __post_init__(self):
        require(1e-3, 1e3, fixed=True, depth_scale=self.depth_scale)
        if not isinstance(self.depth, bool):
            raise SimgenError(f"depth={self.depth} must be true or false")

    def convert(self, sample: Sample, split: str) -> Part:
        """Returns picture, depth and masks of a frame.

        Raises:
            SimgenError: the dataset has no depth, or the mesh of a truncated object cannot be had.
        """
        scene, name = f"{split}/{sample.number // SCENE:06d}", sample.name
        files = {f"{scene}/rgb/{name}{sample.picture.suffix}": sample.picture}
        depth = self._levels(sample) if self.depth else None
        if depth is not None:
            files[f"{scene}/depth/{name}.png"] = encode_png(
                np.where(depth > MOST, 0, depth).astype(np.uint16)
            )
        objects, models = [], {}
        for i, label in enumerate(sample.labels):
            whole = decode(label.amodal_mask)
            files[f"{scene}/mask/{name}_{i:06d}.png"] = _mask(whole)
            files[f"{scene}/mask_visib/{name}_{i:06d}.png"] = _mask(decode(label.mask))
            valid = whole if depth is None else whole & (depth > 0) & (depth <= MOST)
            place = models.setdefault(_model(label), len(models))
            objects.append(
                Object(place, pose_entry(label), info_entry(sample, label, int(valid.sum())))
            )
        note = Note(
            number=sample.number,
            models=[msgspec.Raw(model) for model in models],
            size=(sample.width, sample.height),
            camera=camera_entry(sample) | {"depth_scale": self.depth_scale},
            objects=objects,
        )
        far = 0 if depth is None else int((depth > MOST).sum())
        lost = {BENT: int(sample.camera.lens != PINHOLE), FAR: far}
        return Part(files, msgspec.json.encode(note), lost)

    def finish(self, exported: Exported) -> Iterator[tuple[str, Iterable[bytes]]]:
        """Yields the files of each scene, then models and what is said of the whole dataset.

        Raises:
            SimgenError: the mesh of an object cannot be had.
        """
        ids = ids_of(exported)
        for split in exported.splits:
            for scene, notes in scenes(exported, split):
                folder = f"{split}/{scene:06d}"
                yield f"{folder}/scene_camera.json", table(notes, lambda note: note.camera)
                yield f"{folder}/scene_gt.json", table(notes, lambda note: poses(note, ids))
                yield f"{folder}/scene_gt_info.json", table(notes, infos)
        if "test" in exported.splits:
            yield "test_targets_bop19.json", targets(exported, ids)
        yield "camera.json", usual_camera(exported)
        for key, i in ids.items():
            yield f"models/obj_{i:06d}.ply", _shaped(key)
        yield "models/models_info.json", self._models_info(ids)
        yield "models/categories.json", keyed((i, _category(key)) for key, i in ids.items())

    def _levels(self, sample: Sample) -> np.ndarray:
        """Returns (H, W) int64 steps of depth_scale; 0 where nothing is, or behind the camera."""
        path, size = sample.files.get("depth", ""), (sample.height, sample.width)
        if not path:
            raise SimgenError(
                "the dataset has no depth/: generate it with the writer depth, "
                "or leave depth out with format.depth=false"
            )
        data = sample.read("depth")
        if path.endswith(".exr"):
            depth = decode_exr(data, path, "Z", size).astype(float) * MM
        else:
            depth = shaped(decode_image(data, path, cv2.IMREAD_UNCHANGED), path, size).astype(float)
        steps = np.round(np.where(np.isfinite(depth) & (depth > 0), depth, 0) / self.depth_scale)
        return steps.astype(np.int64)

    def _models_info(self, ids: Ids) -> Iterator[bytes]:
        known = symmetry_of(self.objects)
        yield from keyed(
            (i, model_entry(key, known.get(_decoded(key).digest, ()))) for key, i in ids.items()
        )


def _model(label: Label) -> bytes:
    shape = WireShape(label.shape.prop, dict(label.shape.params))
    return msgspec.json.encode(Model(shape, label.scale, label.category))


def _decoded(key: bytes) -> Model:
    return msgspec.json.decode(key, type=Model)


def _category(key: bytes) -> dict[str, Any]:
    model = _decoded(key)
    made_by = {"prop": model.shape.prop, "params": model.shape.params}
    return {"category": model.category, **made_by, "scale": model.scale}


def _shaped(key: bytes) -> Iterator[bytes]:
    yield from ply(*solid(key))


def _mask(mask: np.ndarray) -> bytes:
    return encode_png(mask * np.uint8(255))
