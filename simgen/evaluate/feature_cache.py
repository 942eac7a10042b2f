"""Features that were computed once: found again by what was seen and by what saw it.

A file each, `aa/aabb….npz`, holding `features`, (n, D) float32. It appears whole or not at all, and
what a broken disk makes of it shows in its own checksum: it is then computed again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from simgen.cache import cache
from simgen.scratch import clear_stale, move_into_place, scratch


@dataclass(frozen=True)
class FeatureCache:
    """The features that one network found.

    Attributes:
        network: its name, the digest of its weights, and how pictures are prepared for it.
    """

    network: str
    dims: int
    root: Path = field(default_factory=lambda: cache() / "features")

    def __post_init__(self):
        clear_stale(self.root)

    @classmethod
    def of(cls, backbone) -> "FeatureCache":
        """Returns that of a `Backbone`, in the user's cache."""
        network = f"{backbone.name} {backbone.weights_sha256} {backbone.preprocessing}"
        return cls(network, backbone.dims)

    def get(self, key: str) -> np.ndarray | None:
        """Returns (n, D) float32 of a subject's key; None where they are to be computed."""
        try:
            with np.load(self._path(key), allow_pickle=False) as file:
                found = file["features"]
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            return None
        right = found.ndim == 2 and found.shape[1] == self.dims and found.dtype == np.float32
        return found if right and np.isfinite(found).all() else None

    def put(self, found: Mapping[str, np.ndarray]) -> None:
        """Keeps the features of some keys; raises OSError where the disk does not take them."""
        with scratch(self.root) as folder:
            for key, features in found.items():
                packed = BytesIO()
                np.savez(packed, features=features)
                (folder / key).write_bytes(packed.getvalue())
                move_into_place(folder / key, self._path(key))

    def _path(self, key: str) -> Path:
        name = sha256(f"{key}\n{self.network}".encode()).hexdigest()
        return self.root / name[:2] / f"{name}.npz"
