"""Procedural things, one module each: `build(**params) -> Mesh` and `FINISH`, its materials.

A prop stands on z = 0, centred on the origin in x and y, its front towards -y. A Shape names one;
nothing but a module of this package can be named, so a spec from a stranger runs no code.

A prop may also define `keypoints(**params) -> dict[str, Vec3]`, points in its own axes for the same
arguments as `build`, always with the same names in the same order, and `SKELETON`, pairs of names
that a line joins; simgen/keypoints.py says how they are named. Further, where they help:
`pieces(**params)`, convex pieces for physics (simgen/pieces.py); `SIZES`, arguments of `build` that
real ones have; `LOOKS`, materials by slot that go together, in place of those of FINISH. One that
reads files has `finish(**params)` in place of FINISH, and cannot be built without arguments.
"""

import pkgutil
from functools import cache, lru_cache
from importlib import import_module
from types import ModuleType

import numpy as np

from simgen.errors import SimgenError, did_you_mean
from simgen.mesh import Mesh
from simgen.spec import Body, Material, Shape, Vec3

FROM_FILES = ("asset",)


@cache
def names() -> tuple[str, ...]:
    """Returns the props that can be built without arguments."""
    return tuple(name for name in known() if name not in (*FROM_FILES, "defective"))


@cache
def known() -> tuple[str, ...]:
    """Returns all that a Shape may name."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


@cache
def _module(name: str) -> ModuleType:
    if name not in known():
        raise SimgenError(f"Shape.prop={name!r} is not known; {did_you_mean(name, known())}")
    return import_module(f"{__name__}.{name}")


@lru_cache(maxsize=512)
def mesh_of(shape: Shape) -> Mesh:
    """Returns the prop's mesh, shared by all bodies of the same shape; never written to."""
    try:
        return _module(shape.prop).build(**dict(shape.params))
    except TypeError as error:
        raise SimgenError(f"Shape {shape.prop!r}: {error}") from error


@lru_cache(maxsize=512)
def keypoints_of(shape: Shape) -> dict[str, Vec3]:
    """Returns the shape's keypoints, none where its prop defines none; never written to."""
    define = getattr(_module(shape.prop), "keypoints", None)
    return define(**dict(shape.params)) if define else {}


@cache
def keypoint_names(prop: str) -> tuple[str, ...]:
    """Returns the names of a prop's keypoints, which are the same for all of its shapes."""
    return tuple(keypoints_of(Shape(prop)))


def sound(shape: Shape) -> Shape:
    """Returns the shape as it would be without a defect."""
    if shape.prop != "defective":
        return shape
    of = dict(shape.params)
    return Shape(of["base"], of["base_params"])


@cache
def skeleton(prop: str) -> tuple[tuple[str, str], ...]:
    """Returns the pairs of a prop's keypoints that a line joins."""
    return getattr(_module(prop), "SKELETON", ())


@cache
def shapes(prop: str) -> tuple[Shape, ...]:
    """Returns the shapes that a prop comes in: its SIZES, or the one that it has by itself."""
    return tuple(Shape.of(prop, **size) for size in getattr(_module(prop), "SIZES", ({},)))


@lru_cache(maxsize=512)
def looks(shape: Shape) -> tuple[dict[str, Material], ...]:
    """Returns the materials that a shape's prop comes in, by the slots that its mesh has; what is
    left out has its FINISH."""
    slots, all_looks = mesh_of(shape).slots, getattr(_module(shape.prop), "LOOKS", ({},))
    return tuple({slot: look[slot] for slot in look if slot in slots} for look in all_looks)


def pieces_of(shape: Shape) -> tuple[np.ndarray, ...]:
    """Returns the convex pieces that the shape's prop names itself, (N, 3) each; or none."""
    define = getattr(_module(shape.prop), "pieces", None)
    return define(**dict(shape.params)) if define else ()


def materials_of(body: Body) -> dict[str, Material]:
    """Returns a material for each slot of the body's mesh: its own, else the prop's finish.

    Raises:
        SimgenError: the body names a slot that the mesh does not have.
    """
    slots = mesh_of(body.shape).slots
    for slot in body.materials:
        if slot not in slots:
            raise SimgenError(f"{body.name}: material slot {slot!r}; {did_you_mean(slot, slots)}")
    finish = finish_of(body.shape)
    return {slot: body.materials.get(slot) or finish[slot] for slot in slots}


def finish_of(shape: Shape) -> dict[str, Material]:
    """Returns the material that each slot of the shape has by itself."""
    module = _module(shape.prop)
    return module.finish(**dict(shape.params)) if hasattr(module, "finish") else module.FINISH
