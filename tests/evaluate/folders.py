"""Folders of small pictures with coloured squares, and what COCO says of them."""

import json
from pathlib import Path

import cv2
import numpy as np

COLORS = {"red": (220, 40, 40), "blue": (40, 60, 220)}


def squares(folder: Path, count: int, seed: int, names=("red", "blue"), noise: float = 8) -> Path:
    """Returns a folder of pictures 64 x 48 that show one or two squares each, labelled."""
    rng = np.random.default_rng(seed)
    (folder / "images").mkdir(parents=True)
    images, annotations = [], []
    for i in range(count):
        pixels = rng.normal(110, noise, (48, 64, 3))
        images.append({"id": i, "file_name": f"{i:04}.png", "width": 64, "height": 48})
        for _ in range(rng.integers(1, 3)):
            side = int(rng.integers(10, 22))
            x, y = (int(rng.integers(0, most - side)) for most in (64, 48))
            kind = int(rng.integers(len(names)))
            pixels[y : y + side, x : x + side] = COLORS[names[kind]]
            annotations.append(
                {"id": len(annotations) + 1, "image_id": i, "category_id": kind + 1,
                 "bbox": [x, y, side, side], "area": side * side, "iscrowd": 0}
            )  # fmt: skip
        path = str(folder / "images" / f"{i:04}.png")
        cv2.imwrite(path, pixels.clip(0, 255).astype(np.uint8)[..., ::-1])
    categories = [{"id": k + 1, "name": name} for k, name in enumerate(names)]
    coco = {"images": images, "annotations": annotations, "categories": categories}
    (folder / "instances.json").write_text(json.dumps(coco))
    return folder
