"""What a proposal shows, for the targets to judge: the numbers that its labels will have."""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import find_objects

from simgen.frame import Instance, Truth
from simgen.spec import SceneSpec


@dataclass(frozen=True, eq=False)
class Shown:
    """The labelled objects of one picture, one row each.

    Attributes:
        size: the picture's (width, height) in pixels.
        category: (N,) names.
        box: (N, 4) x, y, w, h in pixels.
        visible_fraction, truncation: (N,) as in frame.Instance; nan where they were not asked for.
    """

    size: tuple[int, int]
    category: np.ndarray
    box: np.ndarray
    visible_fraction: np.ndarray
    truncation: np.ndarray

    @classmethod
    def of(cls, spec: SceneSpec, truth: Truth) -> "Shown":
        """Returns what a spec's truth shows; fractions only if it has amodal masks."""
        extents = find_objects(truth.instance)
        rows = []
        for i, extent in enumerate(extents, 1):
            category = spec.bodies[i - 1].category
            if extent is None or not category:
                continue
            y, x = extent
            box = (x.start, y.start, x.stop - x.start, y.stop - y.start)
            fractions = (np.nan, np.nan)
            if i in truth.amodal:
                amodal = truth.amodal[i]
                area, inside = (truth.instance[extent] == i).sum(), amodal.mask.sum()
                fractions = area / inside, amodal.outside / (inside + amodal.outside)
            rows.append((category, box, *fractions))
        return cls._of((spec.camera.width, spec.camera.height), rows)

    @classmethod
    def labels(cls, size: tuple[int, int], labels: tuple[Instance, ...]) -> "Shown":
        """Returns what the labels of a finished frame say."""
        return cls._of(
            size, [(one.category, one.box, one.visible_fraction, one.truncation) for one in labels]
        )

    @classmethod
    def _of(cls, size: tuple[int, int], rows: list[tuple]) -> "Shown":
        return cls(
            size,
            np.array([row[0] for row in rows], dtype=object),
            np.array([row[1] for row in rows], float).reshape(-1, 4),
            np.array([row[2] for row in rows], float),
            np.array([row[3] for row in rows], float),
        )

    @property
    def relative(self) -> np.ndarray:
        """(N, 4) boxes as shares of the picture's width and height."""
        return self.box / np.array([*self.size, *self.size], float)
