"""Small datasets for the report: painted ones of simgen's, and a stranger's COCO folder."""

import json
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import cv2
import numpy as np

from simgen.generate import generate
from tests.composing import painted

EVIL = "<script>window.hit = 1</script>"
SIZE = (60, 80)  # height, width


@cache
def painted_dataset() -> Path:
    """Returns a dataset of six painted frames; made once, to be read only."""
    folder = Path(mkdtemp()) / "painted"
    generate(painted(
        f"out={folder}", "frames=6", "resolution=[96,64]",
        "writer=[images,coco,depth,normals,instance]",
    ))  # fmt: skip
    return folder


def square(x: int, y: int, side: int, category: int = 1, **more) -> dict:
    """Returns an annotation of a square, as outline."""
    ring = [x, y, x + side, y, x + side, y + side, x, y + side]
    return {"category_id": category, "bbox": [x, y, side, side], "area": side * side,
            "iscrowd": 0, "segmentation": [ring], **more}  # fmt: skip


def coco_folder(folder: Path, by_picture: list[list[dict]], names=("cat", EVIL), **more) -> Path:
    """Writes grey pictures with these annotations each."""
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for i, entries in enumerate(by_picture, 1):
        grey = np.full((*SIZE, 3), 20 * i % 256, np.uint8)
        (folder / f"images/{i}.png").write_bytes(cv2.imencode(".png", grey)[1])
        images.append({"id": i, "file_name": f"{i}.png", "width": SIZE[1], "height": SIZE[0]})
        annotations += [{**entry, "image_id": i} for entry in entries]
    for i, entry in enumerate(annotations, 1):
        entry["id"] = i
    categories = [{"id": i, "name": name} for i, name in enumerate(names, 1)]
    content = {"images": images, "annotations": annotations, "categories": categories, **more}
    (folder / "instances.json").write_text(json.dumps(content))
    return folder
