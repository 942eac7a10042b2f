"""What the gauges show of a folder of pictures, one picture after the other."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from simgen.evaluate.gauges import readings
from simgen.evaluate.pictures import Pictures
from simgen.progress import track
from simgen.rng import stream

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Readings:
    """The values of every gauge on one side.

    Attributes:
        pictures: those that were read.
        each: of every picture, by name of the gauge.
        seed: by which the pictures were drawn; None where all were read.
    """

    pictures: Pictures
    each: tuple[dict[str, np.ndarray], ...]
    seed: int | None = None

    @classmethod
    def of(cls, pictures: Pictures, seed: int, limit: int) -> "Readings":
        """Returns the readings of a folder, of so many pictures at most; only figures are kept.

        Raises:
            Unreadable: a picture is missing or damaged.
        """
        chosen = np.arange(len(pictures))
        drawn = len(chosen) > limit
        if drawn:
            rng = stream(seed, 0, "gap")
            chosen = np.sort(rng.choice(len(chosen), limit, replace=False))
            log.info("%s: %d of %d pictures are measured", pictures.name, limit, len(pictures))
        few = pictures.subset([int(i) for i in chosen])
        found = tuple(track(_read(few), len(few), 0, "pictures"))
        return cls(few, found, seed if drawn else None)

    def values(self, name: str) -> np.ndarray:
        """Returns (N,) the values of one gauge in all pictures."""
        found = [values[name] for values in self.each if name in values]
        return np.concatenate([*found, np.zeros(0)])

    def count(self, name: str) -> int:
        """Returns how many pictures have a value of one gauge."""
        return sum(len(values.get(name, ())) > 0 for values in self.each)


def _read(pictures: Pictures) -> Iterator[dict[str, np.ndarray]]:
    for picture in pictures.pictures:
        yield readings(picture, pictures.labelled)
