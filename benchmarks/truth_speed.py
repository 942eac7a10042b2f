"""CPU-seconds of labels: rays at 640x480, the preview that accepts a proposal, annotation.

Of a warehouse also through lenses, whose rays are cast one by one; those themselves are kept from
frame to frame here, as they are where a lens is the same for all frames.

python benchmarks/truth_speed.py [repeats]

Where embreex is installed, its last columns say how long Embree takes to build one tree over all
triangles and to cast the same rays in float32 (ids and depth alone, no amodal masks), and in how
many pixels it finds another body.
"""

import sys
from collections.abc import Callable
from statistics import median
from time import process_time

import numpy as np
from rich.console import Console
from rich.table import Table
from simgen.scenes.warehouse import Warehouse

from simgen.geometry import look_at, transform, world_from_body, world_from_camera, yaw
from simgen.lens import rays
from simgen.props import mesh_of
from simgen.randomize.lens import BrownConrady, Fisheye
from simgen.rng import stream
from simgen.spec import Body, Camera, SceneSpec, Shape
from simgen.truth.annotate import annotate
from simgen.truth.raycast import camera_inside, raycast

try:
    from embreex.mesh_construction import TriangleMesh
    from embreex.rtcore_scene import EmbreeScene
except ImportError:
    EmbreeScene = None

PROPS = ("pallet", "carton", "carton", "small_load_carrier", "stillage", "drum", "forklift")


def crowd(bodies: int) -> SceneSpec:
    """Returns a hall with things strewn over its floor, and a camera that sees most of them."""
    rng = np.random.default_rng(bodies)
    spec = [Body("floor", Shape.of("block", x=24.0, y=30.0, z=0.1), (0, 10, -0.1))]
    spec += [Body("wall", Shape.of("block", x=0.1, y=30.0, z=6.0), (x, 10, 0)) for x in (-12, 12)]
    while len(spec) < bodies:
        name = PROPS[len(spec) % len(PROPS)]
        place = (rng.uniform(-8, 8), rng.uniform(-1, 20), rng.choice([0.0, 1.2, 2.4]))
        spec.append(Body(name, Shape.of(name), place, yaw(rng.uniform(0, 6)), category=name))
    eye = (0.0, -4.0, 2.0)
    return SceneSpec(tuple(spec), camera=Camera(eye, look_at(eye, (0, 6, 1)), 640, 480, 24.0))


def seconds(run: Callable[[], object], repeats: int) -> str:
    run()
    times = []
    for _ in range(repeats):
        start = process_time()
        run()
        times.append(process_time() - start)
    return f"{median(times):.3f}"


def embree(spec: SceneSpec) -> np.ndarray:
    """Returns (H, W) ids by Embree, robust mode."""
    scene, owner = EmbreeScene(robust=True), []
    for i, body in enumerate(spec.bodies):
        mesh = mesh_of(body.shape)
        points = transform(world_from_body(body), mesh.vertices).astype(np.float32)
        TriangleMesh(scene, points[mesh.triangles])
        owner.append(i + 1)
    camera = spec.camera
    toward = rays(camera).reshape(-1, 3) @ world_from_camera(camera)[:3, :3].T
    toward = toward.astype(np.float32)
    eyes = np.broadcast_to(np.float32(camera.position), toward.shape).copy()
    hit = scene.run(eyes, toward, output=True)["geomID"]
    return np.where(hit >= 0, np.array(owner)[hit], 0).reshape(camera.height, camera.width)


def row(name: str, spec: SceneSpec, repeats: int) -> list[str]:
    truth = raycast(spec)
    cells = [
        name,
        str(len(spec.bodies)),
        f"{sum(len(mesh_of(body.shape).triangles) for body in spec.bodies):,}",
        str(len(truth.amodal)),
        seconds(lambda: raycast(spec), repeats),
        seconds(lambda: (camera_inside(spec), raycast(spec, 96, 72, amodal=False)), repeats),
        seconds(lambda: annotate(spec, truth), repeats),
    ]
    if EmbreeScene:
        differ = (embree(spec) != truth.instance).sum()
        cells += [seconds(lambda: embree(spec), repeats), str(differ)]
    return cells


def main() -> None:
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    heads = ["scene", "bodies", "triangles", "labelled", "640x480", "96x72", "annotate"]
    table = Table(*heads, *(["Embree 640x480", "pixels differ"] if EmbreeScene else []))
    for bodies in (40, 300):
        table.add_row(*row(f"crowd of {bodies}", crowd(bodies), repeats))
    for seed in range(3):
        spec = Warehouse().sample(stream(seed, 0, "scene"))
        table.add_row(*row(f"warehouse {seed}", spec, repeats))
        for lens in (BrownConrady(), Fisheye(170.0)):
            bent = lens(spec, stream(seed, 0, "lens"))
            table.add_row(*row(f"  {bent.camera.lens.model}", bent, repeats))
    Console().print(table)


if __name__ == "__main__":
    main()
