"""A plain box: floors, walls, test objects."""

from simgen.keypoints import CUBOID, Points, corners
from simgen.mesh import Mesh
from simgen.solids import box
from simgen.spec import Material, Value

FINISH = {"surface": Material("plain", color=(0.6, 0.6, 0.6))}
SKELETON = CUBOID


def build(x: float = 1.0, y: float = 1.0, z: float = 1.0, chamfer: float = 0.0) -> Mesh:
    return box((x, y, z), "surface", chamfer)


def keypoints(**params: Value) -> Points:
    """Returns the corners."""
    return corners(build(**params))
