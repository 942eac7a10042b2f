"""Samples and exports without a renderer: rectangles, and masks that are drawn in a test."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from simgen.card import Category
from simgen.dataset import Dataset
from simgen.export.convert import Choices
from simgen.export.export import export
from simgen.export.format import Format
from simgen.export.linked import Linked
from simgen.export.sample import Label, Sample, decode_sample
from simgen.export.splits import Splits
from simgen.export.summary import Summary
from simgen.frame import Instance
from simgen.generate import generate
from simgen.spec import Camera
from simgen.truth.rle import encode
from tests import rectangles

ALL_TRAIN = Splits((1.0,))


def dataset(out: Path, frames: int | list[int], **changes) -> Dataset:
    """Returns a dataset of rectangles."""
    generate(rectangles.config(out, frames=frames, **changes), rectangles.build, rectangles.make)
    return Dataset.load(out)


def exported(
    of: Dataset,
    out: Path,
    format: Format,
    splits: Splits = ALL_TRAIN,
    choices: Choices = Choices(),  # noqa: B008
    jobs: int = 1,
) -> Summary:
    return export(of, out, format, splits, choices, jobs)


def samples(of: Dataset) -> dict[int, Sample]:
    """Returns the samples of a dataset by number."""
    found = {}
    for number in sorted(of.done()):
        data = (of.folder / f"records/{number:06d}.json").read_bytes()
        found[number] = decode_sample(data, of.folder, of.card, f"frame {number}")
    return found


def files(out: Path) -> dict[str, bytes]:
    """Returns every file of an export but its hidden ones."""
    paths = {p.relative_to(out).as_posix(): p for p in out.rglob("*") if p.is_file()}
    return {name: p.read_bytes() for name, p in sorted(paths.items()) if name[0] != "."}


def box_of(mask: np.ndarray) -> tuple[int, int, int, int]:
    x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
    return x, y, w, h


def label(mask: np.ndarray, whole: np.ndarray | None = None, **changes) -> Label:
    """Returns the label of a (H, W) bool mask; `whole` is the silhouette, else nothing hides."""
    whole = mask if whole is None else whole
    known = {
        "id": 1,
        "category": "carton",
        "box": box_of(mask),
        "area": int(mask.sum()),
        "mask": encode(mask, 0, 0, mask.shape),
        "amodal_box": box_of(whole),
        "amodal_area": int(whole.sum()),
        "amodal_mask": encode(whole, 0, 0, mask.shape),
        "visible_fraction": float(mask.sum() / whole.sum()),
        "truncation": 0.0,
        "position": (0.0, 0.0, 0.0),
        "rotation": (1.0, 0.0, 0.0, 0.0),
        "scale": (1.0, 1.0, 1.0),
        "camera_position": (0.0, 0.0, 2.0),
        "camera_rotation": (1.0, 0.0, 0.0, 0.0),
        "cuboid": ((0.0, 0.0, 0.0),) * 8,
        "category_id": 1,
    }
    return Label(**{**known, **changes})


def sample(labels: Sequence[Instance], width: int, height: int, number: int = 0) -> Sample:
    return Sample(
        root=Path("nowhere"),
        number=number,
        seed=0,
        categories=(Category(1, "carton"), Category(2, "pallet")),
        camera=Camera(width=width, height=height),
        picture=Linked("images/000000.png"),
        labels=tuple(labels),
    )
