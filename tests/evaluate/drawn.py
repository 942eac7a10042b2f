"""Datasets without Blender whose boxes follow what was drawn, as a scene's do."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from simgen.distributions import draw, parse
from simgen.evaluate.pictures import Pictures
from simgen.frame import AmodalMask, Frame, Truth
from simgen.generate import generate
from simgen.rng import stream
from simgen.spec import Body, Shape
from simgen.truth.annotate import annotate
from tests import rectangles

SIZE = (96, 128)  # height, width
CELL = 32


@dataclass(frozen=True)
class Drawn(rectangles.Rectangles):
    """Squares in a grid of `scene.count`, as large as `randomize.camera.fill` says."""

    settings: Mapping = None


def build(config: Mapping) -> Drawn:
    nodes = {"scene.count": config["scene"]["count"]}
    nodes["camera.fill"] = config["randomize"]["camera"]["fill"]
    return Drawn(config["seed"], settings=parse(nodes, ""))


def make(recipe: Drawn, index: int) -> Frame:
    drawn = draw(recipe.settings, stream(recipe.seed, index, "scene"))
    instance, amodal, bodies = np.zeros(SIZE, np.uint16), {}, []
    side = min(CELL, max(1, round(CELL / 2 * drawn["camera.fill"])))
    for i in range(min(drawn["scene.count"], 12)):
        row, column = divmod(i, 4)
        inside = np.zeros(SIZE, bool)
        inside[CELL * row : CELL * row + side, CELL * column : CELL * column + side] = True
        instance[inside] = i + 1
        bodies.append(Body("square", Shape.of("block", x=1, y=1, z=1), category="pallet"))
        amodal[i + 1] = AmodalMask((0, 0, SIZE[1], SIZE[0]), inside, 0)
    frame = rectangles.make(rectangles.Rectangles(recipe.seed), index)
    camera = replace(frame.spec.camera, width=SIZE[1], height=SIZE[0])
    spec = replace(frame.spec, bodies=tuple(bodies), camera=camera, parameters=drawn)
    depth = np.where(instance > 0, 5, np.inf).astype(np.float32)
    truth = Truth(instance, depth, np.int32(instance) - 1, amodal)
    image = np.uint8(40 + 10 * instance)[..., None].repeat(3, 2)
    return replace(frame, spec=spec, truth=truth, instances=annotate(spec, truth), image=image)


def config(out: Path, frames: int, seed: int, fill, count) -> dict:
    base = rectangles.config(out, frames=frames, seed=seed)
    scene = {"_target_": "simgen.scenes.tabletop.Tabletop", "count": count}
    camera = {"_target_": "simgen.randomize.orbit.Orbit", "fill": fill}
    return base | {
        "scene": scene,
        "randomize": {"camera": camera},
        "targets": {"match": None},
    }


def made(out: Path, frames: int, seed: int, fill, count) -> Pictures:
    generate(config(out, frames, seed, fill, count), build, make)
    return Pictures.open(out)
