"""A recipe without Blender: coloured rectangles, with truth that is exact by construction."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from simgen.credits import Asset
from simgen.errors import SimgenError
from simgen.frame import Agreement, AmodalMask, Frame, Truth
from simgen.generate import generate
from simgen.rng import stream
from simgen.spec import Body, Camera, Material, SceneSpec, Shape
from simgen.summary import Summary
from simgen.targets.targets import Targets
from simgen.truth.annotate import annotate
from simgen.writers import Writer
from simgen.writers.coco import Coco
from simgen.writers.depth import Depth
from simgen.writers.images import Images
from simgen.writers.instance import Instance
from simgen.writers.semantic import Semantic

WIDTH, HEIGHT = 64, 48
CATEGORIES = ("pallet", "carton", "drum")


@dataclass(frozen=True)
class Rectangles:
    """What the loop asks of a recipe; `trouble` says what goes wrong at which frame."""

    seed: int = 0
    count: int = 6
    seconds: float = 0.0
    trouble: Mapping[str, int | str] = field(default_factory=dict)
    categories: tuple[str, ...] = CATEGORIES
    targets: Targets = Targets()
    together: int = 1
    assets: tuple[Asset, ...] = ()
    writers: Mapping[str, Writer] = field(
        default_factory=lambda: {
            "images": Images("png"),
            "depth": Depth(),
            "instance": Instance(),
            "semantic": Semantic(),
            "coco": Coco(),
        }
    )

    def proposal(self, index: int) -> SceneSpec:
        return make(replace(self, seconds=0.0, trouble={}), index).spec


def build(config: Mapping) -> Rectangles:
    return Rectangles(config["seed"], **config["scene"], **config["renderer"]["device"])


def config(out: Path, **changes) -> dict:
    device = {key: changes.pop(key) for key in ("seconds", "trouble") if key in changes}
    limits = {key: changes.pop(key) for key in ("frame_s", "worker_frames") if key in changes}
    launcher = {
        "_target_": "simgen.farm.processes.Processes",
        "workers": changes.pop("workers", 0),
        "limits": {"_target_": "simgen.farm.limits.Limits", **limits},
    }
    return {
        "frames": 4,
        "seed": 0,
        "out": str(out),
        "on_error": "stop",
        "shard": None,
        # a device is free to change: how slow it is, what goes wrong
        "renderer": {"threads": 0, "device": device, "samples": 1},
        "scene": {"count": changes.pop("count", 6)},
        "launcher": launcher,
        **changes,
    }


def run(out: Path, **changes) -> Summary:
    """Makes what `config` describes."""
    return generate(config(out, **changes), build, make)


# The same in a process of its own, that a signal may end; its argument is the config as JSON.
SCRIPT = """
import json, logging, sys
from simgen.errors import SimgenError
from simgen.generate import generate
from tests import rectangles
logging.basicConfig(level=logging.INFO, format="%(message)s")
try:
    generate(json.loads(sys.argv[1]), rectangles.build, rectangles.make)
except SimgenError as error:
    print(error, file=sys.stderr)
    sys.exit(getattr(error, "exit_code", 1))
"""


def make(recipe: Rectangles, index: int) -> Frame:
    """Returns a frame; nearer rectangles cover farther ones, some reach beyond the edge."""
    time.sleep(recipe.seconds)
    _trouble(recipe.trouble, index)
    rng = stream(recipe.seed, index, "scene")
    instance = np.zeros((HEIGHT, WIDTH), np.uint16)
    depth = np.full((HEIGHT, WIDTH), np.inf, np.float32)
    bodies, silhouettes = [], {}
    for i in range(1, recipe.count + 1):
        z = 5.0 + recipe.count - i + float(rng.uniform(0, 0.5))
        x, y = (int(v) for v in rng.integers((-10, -10), (WIDTH - 5, HEIGHT - 5)))
        w, h = (int(v) for v in rng.integers(5, 30, 2))
        inside = np.zeros_like(instance, bool)
        inside[max(y, 0) : max(y + h, 0), max(x, 0) : max(x + w, 0)] = True
        instance[inside], depth[inside] = i, z
        silhouettes[i] = inside, w * h - int(inside.sum())
        category = ("", *CATEGORIES)[int(rng.integers(4))]
        color = tuple(float(v) for v in rng.random(3).round(1))
        bodies.append(
            Body(
                f"thing {i}",
                Shape.of("block", x=w / 10, y=0.1, z=h / 10),
                (float(x), z, float(-y)),
                category=category,
                materials={"surface": Material("paint", color)},
            )
        )
    camera = Camera(width=WIDTH, height=HEIGHT)
    spec = SceneSpec(tuple(bodies), camera=camera, parameters={"count": recipe.count})
    visible = {int(i) for i in np.unique(instance)} - {0}
    labelled = {i for i in visible if bodies[i - 1].category}
    truth = Truth(
        instance,
        depth,
        np.int32(instance) - 1,
        {i: _amodal(*silhouettes[i]) for i in sorted(labelled)},
    )
    return Frame(
        index=index,
        spec=spec,
        truth=truth,
        instances=annotate(spec, truth),
        image=_image(instance, bodies, rng),
        agreement=Agreement(1.0, None, 1.0, 0.0, 0.0),
        device="none",
        seconds={"render": recipe.seconds},
    )


def _trouble(trouble: Mapping[str, int | str], index: int) -> None:
    """`once` names a file that the first trouble removes: after that there is none; `note`, one
    that is made when a frame hangs."""
    if "once" in trouble and index in trouble.values():
        try:
            os.remove(trouble["once"])
        except FileNotFoundError:
            return
    if trouble.get("error", index + 1) <= index:
        raise SimgenError("scene.count=6 is impossible: lower it")
    if trouble.get("bug") == index:
        raise ZeroDivisionError("a bug")
    if trouble.get("hang", index + 1) <= index:
        if "note" in trouble:
            Path(trouble["note"]).touch()
        time.sleep(60)
    if trouble.get("hang at") == index:
        time.sleep(60)
    if trouble.get("death") == index:
        os._exit(3)
    if trouble.get("kill") == index:
        os.kill(os.getpid(), 9)


def _amodal(inside: np.ndarray, outside: int) -> AmodalMask:
    rows, columns = np.nonzero(inside)
    x, y = int(columns.min()), int(rows.min())
    w, h = int(columns.max()) + 1 - x, int(rows.max()) + 1 - y
    return AmodalMask((x, y, w, h), inside[y : y + h, x : x + w], outside)


def _image(instance: np.ndarray, bodies: list[Body], rng: np.random.Generator) -> np.ndarray:
    colors = np.array([(0.5, 0.5, 0.5), *(b.materials["surface"].color for b in bodies)])
    noise = rng.normal(0, 4, (HEIGHT, WIDTH, 3))
    return np.clip(colors[instance] * 255 + noise, 0, 255).astype(np.uint8)
