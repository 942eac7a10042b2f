"""One thing of a library, as scenes use it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from simgen.library.manifest import Entry
from simgen.library.store import PICTURE, Imported, folder_of
from simgen.library.turns import foot, turned, up_of
from simgen.spec import Body, Shape, Vec3


@dataclass(frozen=True)
class Asset:
    """A mesh file and what is said of it.

    Attributes:
        name: its path in the library.
        path: the file.
        scale: metres in one of the file's units. `size_m`: extent along x, y, z, as it stands.
        up: the file's axis that points up.
        assumed: what was guessed of its size, '' if nothing was.
        licence, source: '' where the manifest says nothing. `mass_kg`: None likewise.
        symmetry: (axis, order), see manifest.Entry.
        keypoints: metres, in the axes of the standing asset.
        content: what is known of the file itself.
    """

    name: str
    path: Path
    category: str
    scale: float
    size_m: Vec3
    up: str
    assumed: str
    licence: str
    source: str
    mass_kg: float | None
    symmetry: tuple[tuple[str, int], ...]
    keypoints: tuple[tuple[str, Vec3], ...]
    content: Imported

    @classmethod
    def of(
        cls, name: str, path: Path, category: str, entry: Entry, content: Imported, scale: float,
        assumed: str,
    ) -> "Asset":  # fmt: skip
        lower, upper = np.array(content.lower) * scale, np.array(content.upper) * scale
        moved = {
            point: tuple(float(v) for v in turned(at, path, entry.up) * scale - foot(lower, upper))
            for point, at in entry.keypoints
        }
        return cls(
            name=name,
            path=path,
            category=category,
            scale=scale,
            size_m=tuple(float(v) for v in upper - lower),
            up=up_of(path, entry.up),
            assumed=assumed,
            licence=entry.licence or "",
            source=entry.source or "",
            mass_kg=entry.mass_kg,
            symmetry=entry.symmetry,
            keypoints=tuple(moved.items()),
            content=content,
        )

    @property
    def shape(self) -> Shape:
        """How bodies refer to it."""
        points = {"keypoints": self.keypoints} if self.keypoints else {}
        return Shape.of("asset", digest=self.digest, scale=self.scale, **points)

    def body(self) -> Body:
        """Returns it standing at the origin."""
        return Body(self.name, self.shape, category=self.category)

    @property
    def digest(self) -> str:
        return self.content.digest

    @property
    def triangles(self) -> int:
        return self.content.form.triangles

    @property
    def closed(self) -> bool:
        """Whether it has an inside."""
        return self.content.form.watertight

    @property
    def thumbnail(self) -> Path:
        return folder_of(self.digest) / PICTURE
