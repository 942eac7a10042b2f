"""Optical flow and disparity against depth and the scene's own motion."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from simgen.audit.camera import project, rays, rotations
from simgen.audit.finding import Case, check, fine, wrong
from simgen.audit.frame import Frame
from simgen.audit.hits import Posed
from simgen.spec import Body, Camera

PIXELS = 0.01  # rounding of depth and flow to 32 bits, and no more
_TRIED = 256  # pixels of a frame where rays are cast
_SAME = 1e-4  # of a distance: nearer by less is the point itself


@check("record", "flow", "depth", "instance", file="flow", unit="px")
def flow(frame: Frame) -> Iterator[Case]:
    """Optical flow is where the scene's motion takes the unprojected depth, in every pixel."""
    camera, bodies = _moved(frame)
    yield from _shift(frame, frame.layers.flow, camera, bodies)


@check("record", "disparity", "depth", "instance", file="disparity", unit="px")
def disparity(frame: Frame) -> Iterator[Case]:
    """Disparity is how far the unprojected depth shifts to the right camera, in every pixel."""
    shift = np.stack([-frame.layers.disparity, np.zeros_like(frame.layers.disparity)], -1)
    yield from _shift(frame, shift, _right(frame.record.spec.camera), frame.record.spec.bodies)


@check("record", "flow_valid", "depth", "instance", "meshes", file="flow_valid", meshes=True)
def flow_valid(frame: Frame) -> Iterator[Case]:
    """Flow counts as valid where the same point is in the later picture and not hidden there."""
    camera, bodies = _moved(frame)
    yield from _seen(frame, "flow_valid", camera, bodies)


@check("record", "disparity_valid", "depth", "meshes", file="disparity_valid", meshes=True)
def disparity_valid(frame: Frame) -> Iterator[Case]:
    """Disparity counts as valid where the right-hand camera sees the same point."""
    camera = _right(frame.record.spec.camera)
    yield from _seen(frame, "disparity_valid", camera, frame.record.spec.bodies)


def _shift(frame: Frame, shift: np.ndarray, camera: Camera, bodies: tuple[Body, ...]):
    """Yields what is said of the shift of every pixel, body by body."""
    shown = frame.layers.instance
    there = np.flatnonzero((shown > 0) & (shown <= len(bodies)))
    v, u = np.divmod(there, frame.size[1])
    number = shown[v, u].astype(int)
    off, limit = _off(frame, shift, (v, u), number - 1, camera, bodies)
    beyond = off - limit
    bad = np.bincount(number, beyond > 0, len(bodies) + 1).astype(int)
    worst = np.zeros(len(bodies) + 1)
    np.maximum.at(worst, number, off)
    yield fine(int((beyond <= 0).sum()), float(off[beyond <= 0].max(initial=0.0)))
    for wrong_one in np.flatnonzero(bad).tolist():
        mine = np.flatnonzero(number == wrong_one)
        i = mine[beyond[mine].argmax()]
        text = f"at u={u[i]}, v={v[i]} it is {off[i]:.4g} px off, as in {bad[wrong_one] - 1} others"
        found = shift[v[i], u[i]].tolist()
        yield wrong(text, instance=wrong_one, found=found, off=float(off[i]))
    nothing = np.abs(shift[shown == 0]).max(initial=0.0)
    if nothing:
        yield wrong("where nothing is shown it is not 0", expected=0, found=float(nothing))


def _off(frame: Frame, shift: np.ndarray, at, body: np.ndarray, camera: Camera, bodies):
    """Returns (N,) how many pixels a shift is off, and how many it may be for depth is coarse."""
    v, u = at
    stated = shift[v, u] + np.column_stack([u, v]) + 0.5
    uv = project(camera, _later(frame, v, u, body, camera, bodies))
    off = np.abs(stated - uv).max(1)
    off = np.where(np.isfinite(uv[:, 0]), off, 0.0)
    limit = np.full(len(off), PIXELS)
    odd = np.flatnonzero(~(off <= PIXELS))
    if len(odd):
        near = _later(frame, v[odd], u[odd], body[odd], camera, bodies, 1)
        moved = np.abs(project(camera, near) - uv[odd]).max(1)
        limit[odd] += 2 * np.nan_to_num(moved, nan=np.inf) + 1e-6 * np.abs(uv[odd]).max(1)
    return off, limit


def _seen(frame: Frame, name: str, camera: Camera, bodies: tuple[Body, ...]):
    shown, valid = frame.layers.instance, frame.layers.map(name)
    if strange := np.setdiff1d(valid, (0, 255)).tolist():
        yield wrong("it has values other than 0 and 255", expected=[0, 255], found=strange)
    there = np.flatnonzero((shown > 0) & (shown <= len(bodies)))
    there = frame.rng.choice(there, min(_TRIED, len(there)), replace=False)
    v, u = np.divmod(there, frame.size[1])
    points = _later(frame, v, u, frame.layers.instance[v, u].astype(int) - 1, camera, bodies)
    uv, size = project(camera, points), frame.size[::-1]
    inside = ((uv > 0) & (uv < size)).all(1)
    border = ((np.abs(uv) < PIXELS) | (np.abs(uv - size) < PIXELS)).any(1)
    hit = Posed.of(bodies, camera).first(points)
    free, blocked = hit.far > 1 - _SAME, hit.wide_far < 1 - _SAME
    surely_hidden = (hit.far < 1 - 2 * _SAME) & blocked
    surely_seen = free & ~blocked
    said = valid[v, u] > 0
    bad = ~border & np.where(said, ~inside | surely_hidden, inside & surely_seen)
    yield fine(int((~bad).sum()))
    if bad.sum() > max(2, 0.01 * len(bad)):
        i = int(np.flatnonzero(bad)[0])
        text = f"{bad.sum()} of {len(bad)} pixels tried are wrong, first u={u[i]}, v={v[i]}"
        yield wrong(text, expected=bool(~said[i]), found=bool(said[i]))


def _later(frame: Frame, v, u, body, camera: Camera, bodies: tuple[Body, ...], steps: int = 0):
    """Returns (N, 3), in the axes of another camera, where the points that pixels show are when
    bodies stand elsewhere; `steps` farther than the depth says, each as far as depth is coarse."""
    depth = frame.layers.depth[v, u]
    coarse = steps * frame.layers.depth_step(depth) if steps else 0.0
    depth = depth.astype(float) + coarse
    points = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    points *= (depth / points[:, 2])[:, None]
    now, then = frame.posed, Posed.of(bodies, camera)
    turn = then.matrix @ now.inverse
    shift = then.offset - np.einsum("bij,bj->bi", turn, now.offset)
    return np.einsum("nij,nj->ni", turn[body], points) + shift[body]


def _moved(frame: Frame) -> tuple[Camera, tuple[Body, ...]]:
    """Returns the camera and the bodies `step_s` later."""
    spec = frame.record.spec
    return _on(spec.camera, spec.step_s), tuple(_on(body, spec.step_s) for body in spec.bodies)


def _on(thing, seconds: float):
    motion = thing.motion
    if not any(motion.velocity) and not any(motion.spin):
        return thing
    turn = Rotation.from_rotvec(np.multiply(motion.spin, seconds)).as_matrix()
    x, y, z, w = Rotation.from_matrix(turn @ rotations(thing.rotation)[0]).as_quat()
    position = np.add(thing.position, np.multiply(motion.velocity, seconds))
    return replace(thing, position=tuple(position.tolist()), rotation=(w, x, y, z))


def _right(camera: Camera) -> Camera:
    across = camera.baseline_m * rotations(camera.rotation)[0][:, 0]
    return replace(camera, position=tuple(np.add(camera.position, across).tolist()))
