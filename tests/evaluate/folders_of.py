"""Folders of drawn pictures, and a network that needs no weights."""

import json
from pathlib import Path
from struct import pack

import cv2
import numpy as np

from simgen.evaluate.features import resized


class Tiny:
    """The pixels of the picture itself, a few of them."""

    name, size, dims = "tiny", 4, 48
    weights_sha256, preprocessing = "0" * 64, "4 x 4"

    def __init__(self):
        self.seen = 0

    def prepare(self, picture):
        return resized(picture, self.size)

    def __call__(self, batch):
        self.seen += len(batch)
        return batch.reshape(len(batch), -1).astype(np.float32) / 255


def scene(seed: int, width: int = 120, height: int = 90) -> np.ndarray:
    """Returns (H, W, 3) uint8: coloured rectangles and some texture, another for each seed."""
    rng = np.random.default_rng(seed)
    grain = rng.integers(0, 256, (height // 6, width // 6, 3), np.uint8)
    pixels = cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC) // 2 + 64
    for _ in range(12):
        x, y = rng.integers(0, width), rng.integers(0, height)
        size = rng.integers(5, width // 3, 2)
        colour = [int(c) for c in rng.integers(0, 256, 3)]
        cv2.rectangle(pixels, (x, y), (x + size[0], y + size[1]), colour, -1)
    return pixels


def folder(root: Path, pictures: dict[str, np.ndarray], boxes: dict | None = None) -> Path:
    """Writes pictures, and a COCO file if there are boxes; returns the folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, pixels in pictures.items():
        order = cv2.COLOR_RGB2BGR
        cv2.imwrite(str(root / name), pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, order))
    if boxes is not None:
        images = [
            {"id": i, "file_name": name, "height": p.shape[0], "width": p.shape[1]}
            for i, (name, p) in enumerate(pictures.items())
        ]
        found = [
            {"image_id": i["id"], "category_id": 1, "bbox": list(box), "area": 1, "iscrowd": 0}
            for i in images
            for box in boxes.get(i["file_name"], [])
        ]
        found = [entry | {"id": n} for n, entry in enumerate(found, 1)]
        coco = {"images": images, "annotations": found, "categories": [{"id": 1, "name": "thing"}]}
        (root / "instances.json").write_text(json.dumps(coco))
    return root


def photo(path: Path, pixels: np.ndarray, orientation: int) -> Path:
    """Writes a JPEG whose EXIF data asks to be turned so (6: by a quarter, clockwise)."""
    data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))[1].tobytes()
    entry = pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"Exif\0\0II*\0" + pack("<IH", 8, 1) + entry + pack("<I", 0)
    path.write_bytes(data[:2] + b"\xff\xe1" + pack(">H", 2 + len(exif)) + exif + data[2:])
    return path


def scenes(seeds, **settings) -> dict[str, np.ndarray]:
    return {f"{seed:04d}.png": scene(seed, **settings) for seed in seeds}
