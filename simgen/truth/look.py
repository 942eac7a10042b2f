"""What a camera shows of a scene, before it is labels; alike for a pinhole and any other lens."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from simgen.truth.scan import Facets, Spans


@dataclass(frozen=True, eq=False)
class Cover:
    """Which pixel centres see which facets, as if nothing stood before them.

    Attributes:
        facets: in the order of their owners. `runs`: in the order of their facets.
    """

    facets: Facets
    runs: Spans


@dataclass(frozen=True, eq=False)
class Look:
    """All that the rays through a picture meet, and what they meet first.

    Attributes:
        met: (H, W) int64, the facet met first, -1 = none.
        depth: (H, W) float64, metres along the optical axis, inf = nothing.
    """

    cover: Cover
    met: np.ndarray
    depth: np.ndarray


class Eye(Protocol):
    """The bodies of a scene before a camera."""

    def look(self) -> Look: ...

    def around(self, bodies: np.ndarray) -> Cover:
        """Returns what some bodies, by rising index, cover of the canvas beyond the picture.

        The canvas adds a picture's width and height on each side. Pixels of the picture itself,
        and bodies that do not leave it, may be there or not.
        """
        ...
