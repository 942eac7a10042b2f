"""A good dataset, and copies of it in which a lie is told so that nothing else gives it away."""

import json
import shutil
from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import OpenEXR

from simgen.audit.audit import audit
from simgen.audit.checks import catalogue
from simgen.audit.folder import Folder
from simgen.dataset import Dataset
from simgen.frame import Rle
from simgen.generate import generate
from simgen.truth.rle import decode, encode
from simgen.writers.coco import Coco
from simgen.writers.exr import encode_exr
from tests.composing import painted

SIZE = (160, 120)
FRAMES = 4
COCO = "annotations/instances.json"
LAYERS = ("images", "depth", "instance", "semantic", "coco", "distance", "normals", "nocs",
          "amodal", "pointcloud", "panoptic", "flow", "disparity")  # fmt: skip
RANDOMIZERS = ("lighting", "materials", "textures", "pose", "clutter", "distractors", "camera",
               "motion", "stereo")  # fmt: skip
INCLUDE = ("amodal", "keypoints", "cuboid", "pose", "occluders")


def good_dataset(folder: Path) -> Path:
    """Makes the dataset: the warehouse, painted, with every layer and all an annotation may say."""
    config = painted(
        f"out={folder}", f"resolution={list(SIZE)}", f"frames={FRAMES}",
        f"writer=[{','.join(LAYERS)}]", f"randomize=[{','.join(RANDOMIZERS)}]",
        f"writer.coco.include=[{','.join(INCLUDE)}]", "writer.normals.axes=both",
    )  # fmt: skip
    generate(config)
    return folder


def findings(folder: Path, slow: Collection[str] | None = None) -> dict[str, list]:
    """Returns what the audit finds, by check; of those that need meshes, `slow` alone if given."""
    asked = [c for c in catalogue() if slow is None or not c.meshes or c.name in slow]
    outcomes = audit(Folder.open(folder), checks=asked).outcomes
    return {name: each.findings for name, each in outcomes.items() if each.findings}


class Copy:
    """A copy of the good dataset; `records` are JSON as written, changed and then saved."""

    def __init__(self, good: Path, folder: Path):
        shutil.copytree(good, folder)
        self.folder = folder
        self.records = [json.loads(self._record(i).read_bytes()) for i in range(FRAMES)]

    def _record(self, frame: int) -> Path:
        return self.folder / f"records/{frame:06d}.json"

    def labels(self, frame: int) -> list[dict[str, Any]]:
        return self.records[frame]["labels"]

    def label(self, frame: int, number: int) -> dict[str, Any]:
        return next(label for label in self.labels(frame) if label["id"] == number)

    def body(self, frame: int, number: int) -> dict[str, Any]:
        return self.records[frame]["spec"]["bodies"][number - 1]

    def path(self, layer: str, frame: int) -> Path:
        files = self.records[frame]["files"]
        return self.folder / next(path for path in files if path.startswith(f"{layer}/"))

    def pixels(self, layer: str, frame: int) -> np.ndarray:
        return cv2.imread(str(self.path(layer, frame)), cv2.IMREAD_UNCHANGED)

    def paint(self, layer: str, frame: int, pixels: np.ndarray) -> None:
        """Replaces an image or map, at the highest quality."""
        path = self.path(layer, frame)
        path.write_bytes(cv2.imencode(path.suffix, pixels, (cv2.IMWRITE_JPEG_QUALITY, 95))[1])

    def exr(self, layer: str, frame: int) -> np.ndarray:
        """Returns a layer of one channel, to be changed at will."""
        channels = OpenEXR.File(str(self.path(layer, frame))).channels()
        return next(iter(channels.values())).pixels.copy()

    def put_exr(self, layer: str, frame: int, pixels: np.ndarray) -> None:
        channel = "Z" if layer == "depth" else "Y"
        data = encode_exr(channel, np.ascontiguousarray(pixels, np.float32))
        self.path(layer, frame).write_bytes(data)

    def mask(self, frame: int, number: int, name: str = "mask") -> np.ndarray:
        rle = self.label(frame, number)[name]
        return decode(Rle(tuple(rle["size"]), rle["counts"]))

    def put_mask(self, frame: int, number: int, mask: np.ndarray) -> None:
        """Replaces a visible mask and all that follows from it in its own label."""
        label = self.label(frame, number)
        label["mask"], label["box"], label["area"] = coded(mask)
        label["visible_fraction"] = label["area"] / label["amodal_area"]

    def put_amodal(self, frame: int, number: int, mask: np.ndarray) -> None:
        """Replaces an amodal mask and all that follows from it."""
        label = self.label(frame, number)
        label["amodal_mask"], label["amodal_box"], label["amodal_area"] = coded(mask)
        label["visible_fraction"] = label["area"] / label["amodal_area"]
        self.put_occluders(frame, number)

    def put_occluders(self, frame: int, number: int) -> None:
        """Makes the occluders of a label those that the instance map shows."""
        shown = np.bincount(self.pixels("instance", frame)[self.mask(frame, number, "amodal_mask")])
        shown[[0, number]] = 0
        order = sorted(np.flatnonzero(shown).tolist(), key=lambda i: (-shown[i], i))
        self.label(frame, number)["occluders"] = [[i, int(shown[i])] for i in order]

    def save(self) -> None:
        """Writes the records with the right checksums, and the COCO file that follows from them."""
        for i, record in enumerate(self.records):
            for path in record["files"]:
                if (self.folder / path).exists():
                    record["files"][path] = sha256((self.folder / path).read_bytes()).hexdigest()
            self._record(i).write_text(json.dumps(record))
        Coco(include=INCLUDE).finish(Dataset.load(self.folder))

    def coco(self) -> dict[str, Any]:
        return json.loads((self.folder / COCO).read_bytes())

    def put_coco(self, content: dict[str, Any]) -> None:
        (self.folder / COCO).write_text(json.dumps(content))


def coded(mask: np.ndarray) -> tuple[dict[str, Any], list[int], int]:
    """Returns a mask's run-length code, box and area."""
    rle = encode(mask, 0, 0, mask.shape)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    x, y = int(columns[0]), int(rows[0])
    box = [x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y]
    return {"size": list(rle.size), "counts": rle.counts}, box, int(mask.sum())
