"""Datasets of scenes that a test describes itself: exact labels, pictures of flat greys."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgen.card import Card, make_card
from simgen.dataset import Dataset
from simgen.export.linked import Linked
from simgen.export.sample import Sample, decode_sample
from simgen.frame import Agreement, Frame
from simgen.geometry import look_at
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import raycast
from simgen.writers.depth import Depth
from simgen.writers.images import Images
from simgen.writers.instance import Instance

CATEGORIES = ("block", "mug", "traffic cone")
WRITERS = (Images("png"), Depth(), Instance())


def block(position=(0.0, 0.0, 0.0), size=(0.3, 0.5, 0.4), category="block", **body) -> Body:
    """Returns a box that stands on its position, its front towards -y."""
    shape = Shape.of("block", x=float(size[0]), y=float(size[1]), z=float(size[2]))
    return Body(category, shape, tuple(map(float, position)), category=category, **body)


def scene(*bodies: Body, **camera) -> SceneSpec:
    """Returns the bodies before a camera on the -y side that looks along y."""
    position = camera.pop("position", (0.0, -3.0, 0.5))
    target = camera.pop("target", (position[0], position[1] + 1, position[2]))
    settings = {"width": 96, "height": 64, "focal_mm": 30.0, **camera}
    rotation = settings.pop("rotation", None) or look_at(position, target)
    return SceneSpec(bodies, camera=Camera(position, rotation, **settings))


def painted(index: int, spec: SceneSpec) -> Frame:
    """Returns the frame of a scene, its picture as grey as its objects' numbers."""
    truth = raycast(spec)
    image = np.repeat((20 + 40 * (truth.instance % 6)).astype(np.uint8)[:, :, None], 3, axis=2)
    agreement = Agreement(1.0, None, 1.0, 0.0, 0.0)
    return Frame(index, spec, truth, annotate(spec, truth), image, agreement, "none")


def dataset(folder: Path, specs: Sequence[SceneSpec], writers=WRITERS, first: int = 0) -> Dataset:
    """Returns a dataset of these scenes."""
    config = {"seed": 0, "randomize": ()}
    made = Dataset.open(folder, make_card(config, CATEGORIES, {"simgen": "test"}), config)
    for i, spec in enumerate(specs, first):
        made.commit(painted(i, spec), writers)
    return made


def samples(made: Dataset) -> list[Sample]:
    """Returns what formats get of each frame."""
    paths = [made.path(f"records/{i:06d}.json") for i in sorted(made.done())]
    return [decode_sample(p.read_bytes(), made.folder, made.card, str(p)) for p in paths]


@dataclass(frozen=True)
class Notes:
    """What a format's `finish` gets, from memory."""

    card: Card
    root: Path
    parts: dict[str, tuple[bytes, ...]]

    @property
    def splits(self) -> dict[str, int]:
        return {name: len(notes) for name, notes in self.parts.items()}

    def notes(self, split: str) -> Iterator[bytes]:
        yield from self.parts[split]


def exported(made: Dataset, form, out: Path, splits: Sequence[str] = ()) -> dict[str, int]:
    """Puts an export into a folder; returns what was lost. `splits`: of each frame, else train."""
    lost: dict[str, int] = {}
    notes: dict[str, tuple[bytes, ...]] = {}
    for sample, split in zip(samples(made), splits or ["train"] * len(made.done())):
        part = form.convert(sample, split)
        notes[split] = (*notes.get(split, ()), part.note)
        for reason, count in part.lost.items():
            lost[reason] = lost.get(reason, 0) + count
        for path, content in part.files.items():
            put(out / path, content.read(made.folder) if isinstance(content, Linked) else content)
    for path, pieces in form.finish(Notes(made.card, made.folder, notes)):
        put(out / path, b"".join(pieces))
    return {reason: count for reason, count in lost.items() if count}


def put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    assert not path.exists(), path
    path.write_bytes(data)
