"""The normals that are labelled, against those that Cycles shades with."""

from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("bpy")

from simgen import geometry, props
from simgen.blender import passes
from simgen.blender.renderer import Cycles
from simgen.mesh import make_part, union
from simgen.spec import Body, Camera, Material, SceneSpec, Shape
from simgen.truth.normals import camera_normals
from simgen.truth.raycast import raycast
from simgen.truth.surface import Surface

pytestmark = pytest.mark.blender

EYE = (1.2, -2.0, 1.5)
CAMERA = Camera(EYE, geometry.look_at(EYE, (0.0, 0.0, 0.4)), 64, 48, focal_mm=40.0)
PLAIN = Material("emitter")  # no closure, whose bump Cycles' pass would show
TURNED = geometry.axis_angle((1.0, 2.0, 0.5), 1.1)


def thing(shape, **body) -> Body:
    slots = props.mesh_of(shape).slots
    return Body("thing", shape, materials={slot: PLAIN for slot in slots}, **body)


def shaded(spec, monkeypatch) -> np.ndarray:
    """Returns (H, W, 3): Cycles' Normal pass, world axes."""
    planes, request, split = {}, passes.request, passes._split

    def ask(layer):
        request(layer)
        layer.use_pass_normal = True

    def keep(read):
        planes.update({name.split(".", 1)[-1]: plane for name, plane in read.items()})
        return split(read)

    monkeypatch.setattr(passes, "request", ask)
    monkeypatch.setattr(passes, "_split", keep)
    Cycles(samples=1, adaptive=0.0, denoise=False, device="cpu").render(spec)
    return np.stack([planes[f"Normal.{axis}"] for axis in "XYZ"], axis=-1)


def labelled(spec) -> np.ndarray:
    """Returns the same from the truth."""
    surface = Surface.of(spec, raycast(spec))
    rotation = geometry.rotation_matrix(spec.camera.rotation)
    return surface.picture(camera_normals(spec, surface) @ rotation.T, 0.0)


def prism(smooth_caps: bool):
    """Returns a hexagonal prism with smooth sides, and caps that share their vertices or do not."""
    angle = np.arange(6) * np.pi / 3
    ring = np.column_stack([np.cos(angle), np.sin(angle)]) * 0.5
    vertices = np.vstack([np.insert(ring, 2, z, axis=1) for z in (0.0, 0.8)])
    i = np.arange(6)
    j = (i + 1) % 6
    sides = np.vstack([np.column_stack(c) for c in ((i, j, j + 6), (i, j + 6, i + 6))])
    fan = np.column_stack([np.zeros(4, int), i[1:-1], i[2:]])
    caps = np.vstack([fan[:, ::-1], fan + 6])
    if smooth_caps:
        return _part(vertices, np.vstack([sides, caps]), True)
    return union(_part(vertices, sides, True), _part(vertices, caps, False))


def _part(vertices, triangles, smooth):
    return make_part(vertices, triangles, np.zeros((len(triangles), 3, 2)), "surface", smooth)


@pytest.fixture
def prisms(monkeypatch):
    finish, module = {"surface": PLAIN}, props._module
    stand_in = SimpleNamespace(FINISH=finish, build=prism)
    monkeypatch.setattr(props, "_module", lambda n: stand_in if n == "prism" else module(n))


@pytest.mark.parametrize(
    "body",
    [
        dict(shape=Shape.of("ball", radius=0.5, segments=12)),
        dict(shape=Shape.of("ball", radius=0.5, segments=12), scale=(1.0, 0.5, 1.4)),
        dict(shape=Shape.of("drum")),
        dict(shape=Shape.of("pallet"), rotation=TURNED, scale=(1.0, -0.5, 2.0)),
        dict(shape=Shape.of("prism", smooth_caps=False)),
        dict(shape=Shape.of("prism", smooth_caps=True), scale=(-1.0, 1.3, 0.7), rotation=TURNED),
    ],
    ids=["ball", "egg", "drum", "mirrored pallet", "half smooth prism", "mirrored smooth prism"],
)
def test_normals_are_those_that_cycles_shades_with(body, prisms, monkeypatch):
    # Cycles mixes normals before the scale only where bodies share a mesh, as the second one does.
    bodies = (thing(**body), thing(**body | {"position": (0.0, 0.0, 50.0)}))
    spec = SceneSpec(bodies, camera=CAMERA)
    seen, said = shaded(spec, monkeypatch), labelled(spec)
    both = seen.any(2) & said.any(2)
    assert both.mean() > 0.05 and (seen.any(2) == said.any(2)).mean() > 0.995
    angle = np.degrees(np.arccos(np.clip((seen * said).sum(2)[both], -1, 1)))
    assert np.quantile(angle, 0.98) < 0.1  # of pixels on edges, some are seen on the other side
