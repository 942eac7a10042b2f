"""A sphere, resting on the floor."""

from simgen.mesh import Mesh
from simgen.spec import Material
from simgen.turned import sphere

FINISH = {"surface": Material("plastic", color=(0.6, 0.1, 0.08), roughness=0.3)}


def build(radius: float = 0.1, segments: int = 64) -> Mesh:
    return sphere(radius, "surface", segments).moved(z=radius)
