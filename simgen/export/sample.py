"""All that one frame offers to a format, and its labels: from the record and the card alone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path

import msgspec
import numpy as np

from simgen.audit.reading import locate, read
from simgen.card import Card, Category
from simgen.codec import WireShape, decode, shape_from_wire
from simgen.errors import SimgenError
from simgen.export.linked import Linked
from simgen.frame import Instance
from simgen.geometry import intrinsics, world_from_camera
from simgen.spec import Camera, Shape, Vec3


@dataclass(frozen=True)
class Label(Instance):
    """One object in one frame: all that Instance says of it (boxes, masks, pose, cuboid, ...).

    Attributes:
        category_id: its category's, from 1.
        shape: what it is made by; None where it is not known.
        page: its place among the labels of the record, from 0, and so its page in amodal/.
    """

    category_id: int = 0
    shape: Shape | None = None
    page: int = 0

    @property
    def dimensions(self) -> Vec3:
        """Extent of the oriented cuboid along the object's own x, y, z, metres."""
        corners = np.array(self.cuboid)
        return tuple(float(v) for v in np.linalg.norm(corners[[1, 2, 4]] - corners[0], axis=1))

    @property
    def centre(self) -> Vec3:
        """Middle of the oriented cuboid in camera axes, metres."""
        return tuple(float(v) for v in np.mean(self.cuboid, axis=0))


@dataclass(frozen=True, eq=False)
class Sample:
    """One frame.

    Attributes:
        root: the dataset folder; `files` and `picture` are relative to it.
        number: the frame's.
        seed: the dataset's.
        categories: the dataset's, by rising id; ids count from 1.
        camera: pose in the world, size in pixels, focal length, lens; `intrinsics` and
            `world_from_camera` give its matrices.
        picture: the image.
        files: path of each of the frame's files by its folder: 'depth' -> 'depth/000042.exr'.
        digests: SHA-256 of each of them by its path.
        labels: of the objects with a category that show at least one pixel.
        left_out: of those that show less than was asked for, and still are in the frame's maps.
    """

    root: Path
    number: int
    seed: int
    categories: tuple[Category, ...]
    camera: Camera
    picture: Linked
    files: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()
    left_out: tuple[Label, ...] = ()

    @property
    def name(self) -> str:
        """The frame's number as file names have it: 000042."""
        return f"{self.number:06d}"

    @property
    def width(self) -> int:
        return self.camera.width

    @property
    def height(self) -> int:
        return self.camera.height

    @cached_property
    def intrinsics(self) -> np.ndarray:
        """(3, 3) float64 K in pixels that count from the picture's corner."""
        return intrinsics(self.camera)

    @property
    def centred_intrinsics(self) -> np.ndarray:
        """(3, 3) float64 K where (0, 0) is the centre of the first pixel, as in OpenCV and BOP."""
        return self.intrinsics - [[0, 0, 0.5], [0, 0, 0.5], [0, 0, 0]]

    @cached_property
    def world_from_camera(self) -> np.ndarray:
        """(4, 4) float64, camera axes x right, y down, z forward."""
        return world_from_camera(self.camera)

    def path(self, kind: str) -> Path:
        """Returns where one of its files is; raises SimgenError where the dataset has none."""
        return locate(self.root, self._relative(kind))

    def read(self, kind: str) -> bytes:
        """Returns the bytes of one of its files; raises SimgenError where there is none."""
        return read(self.root, self._relative(kind))

    def _relative(self, kind: str) -> str:
        if kind not in self.files:
            raise SimgenError(
                f"the dataset has no {kind}/: generate it with the writer that makes it, as in "
                f"writer=[images,coco,{kind}]"
            )
        return self.files[kind]


class _Body(msgspec.Struct):
    shape: int


class _Spec(msgspec.Struct):
    camera: Camera
    bodies: tuple[_Body, ...]
    shapes: tuple[msgspec.Raw, ...]


class _Record(msgspec.Struct):
    """The parts of a record that an export needs: a quarter of the time that all of it takes."""

    frame: int
    spec: _Spec
    labels: tuple[Instance, ...]
    files: dict[str, str]


_decoder = msgspec.json.Decoder(_Record)
_shape_decoder = msgspec.json.Decoder(WireShape)


def decode_sample(data: bytes, root: Path, card: Card, where: str) -> Sample:
    """Returns the sample that a record (its file's bytes) describes.

    Raises:
        SimgenError: the record is damaged, or names a category that the card does not.
    """
    return decode(_decoder, data, where, lambda record: _sample(record, root, card))


def _sample(record: _Record, root: Path, card: Card) -> Sample:
    files = {path.partition("/")[0]: path for path in record.files}
    if "images" not in files:
        raise SimgenError("it names no image")
    ids = {category.name: category.id for category in card.categories}
    return Sample(
        root=root,
        number=record.frame,
        seed=card.seed,
        categories=card.categories,
        camera=record.spec.camera,
        picture=Linked(files["images"]),
        files=files,
        digests=record.files,
        labels=tuple(_label(i, each, ids, record.spec) for i, each in enumerate(record.labels)),
    )


def _label(page: int, instance: Instance, ids: Mapping[str, int], spec: _Spec) -> Label:
    if instance.category not in ids:
        raise SimgenError(f"category {instance.category!r} is not in dataset.json")
    if not 1 <= instance.id <= len(spec.bodies):
        raise SimgenError(f"label {instance.id} is of none of its {len(spec.bodies)} bodies")
    place = spec.bodies[instance.id - 1].shape
    if not 0 <= place < len(spec.shapes):
        raise SimgenError(f"body {instance.id} refers to shape {place} of {len(spec.shapes)}")
    shape = _shape(bytes(spec.shapes[place]))
    return Label(**vars(instance), category_id=ids[instance.category], shape=shape, page=page)


@lru_cache(maxsize=4096)
def _shape(data: bytes) -> Shape:
    return shape_from_wire(_shape_decoder.decode(data))
