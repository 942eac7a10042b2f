"""A thing from a user's file, imported into the cache by simgen.library and read from there.

It stands as all props do: on z = 0, its bounding box centred on the origin in x and y.
"""

from functools import lru_cache

import numpy as np

from simgen.keypoints import Points
from simgen.library.store import facts, geometry
from simgen.library.turns import foot
from simgen.mesh import Mesh
from simgen.spec import Material

BARE = "no material"  # slot of triangles that their file gives none
_PLAIN = Material("plastic", color=(0.6, 0.6, 0.6), roughness=0.45, wear=0.0)


def build(digest: str = "", scale: float = 1.0, keypoints: tuple = ()) -> Mesh:
    """Returns the mesh in metres.

    Args:
        digest: names the asset in the cache.
        scale: metres in one of the file's units.
        keypoints: (name, (x, y, z)) pairs, metres, which do not change the mesh.
    """
    kept = geometry(digest)
    vertices = kept["vertices"].astype(float) * scale
    vertices -= foot(vertices.min(0), vertices.max(0))
    names, used = facts(digest).materials, np.unique(kept["slot"])
    count = len(kept["triangles"])
    return Mesh(
        vertices.astype(np.float32),
        kept["triangles"],
        kept["uv"],
        np.searchsorted(used, kept["slot"]).astype(np.int32),
        tuple(BARE if i < 0 else names[i] for i in used),
        np.zeros(count, np.float32),
        kept["smooth"],
        kept.get("color"),
    )


def keypoints(digest: str = "", scale: float = 1.0, keypoints: tuple = ()) -> Points:
    """Returns the points that the manifest names."""
    return dict(keypoints)


@lru_cache(maxsize=512)
def finish(digest: str = "", scale: float = 1.0, keypoints: tuple = ()) -> dict[str, Material]:
    """Returns the file's own materials by slot."""
    own = {name: Material("imported", image=f"{digest}/{name}") for name in facts(digest).materials}
    return own | {BARE: _PLAIN}
