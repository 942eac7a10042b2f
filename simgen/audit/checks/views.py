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
_SAMPLES, _TRIED = 16, 256  # pixels of each body; of the frame, where rays are cast
_SAME = 1e-4  # of a distance: nearer by less is the point itself


@check("record", "flow", "depth", "instance", file="flow", unit="px")
def flow(frame: Frame) -> Iterator[Case]:
    """Optical flow is where the scene's motion takes the unprojected depth."""
    camera, bodies = _moved(frame)
    yield from _shift(frame, frame.layers.flow, camera, bodies)


@check("record", "disparity", "depth", "instance", file="disparity", unit="px")
def disparity(frame: Frame) -> Iterator[Case]:
    """Disparity is how far the unprojected depth shifts to the right-hand camera."""
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
    runs, ids = frame.body_masks
    owner, v, u = runs.sample(_SAMPLES)
    points, slack = _later(frame, v, u, ids[owner] - 1, camera, bodies)
    uv = project(camera, points)
    expected = uv - np.column_stack([u, v]) - 0.5
    off = np.abs(shift[v, u] - expected).max(1)
    off = np.where(np.isfinite(uv[:, 0]), off, 0.0)
    limit = PIXELS + slack * (1 + np.abs(expected).max(1))
    for place, number in enumerate(ids.tolist()):
        mine = np.flatnonzero(owner == place)
        worst = mine[(off - limit)[mine].argmax()]
        if off[worst] <= limit[worst]:
            yield fine(1, float(off[worst]))
        else:
            text = f"at u={u[worst]}, v={v[worst]} it is {off[worst]:.4g} px off"
            wanted, found = expected[worst].tolist(), shift[v[worst], u[worst]].tolist()
            about = {"instance": number, "off": float(off[worst])}
            yield wrong(text, expected=wanted, found=found, **about)
    nothing = np.abs(shift[frame.layers.instance == 0]).max(initial=0.0)
    if nothing:
        yield wrong("where nothing is shown it is not 0", expected=0, found=float(nothing))


def _seen(frame: Frame, name: str, camera: Camera, bodies: tuple[Body, ...]):
    shown, valid = frame.layers.instance, frame.layers.map(name)
    if strange := np.setdiff1d(valid, (0, 255)).tolist():
        yield wrong("it has values other than 0 and 255", expected=[0, 255], found=strange)
    there = np.flatnonzero((shown > 0) & (shown <= len(bodies)))
    there = there[:: 1 + len(there) // _TRIED]
    v, u = np.divmod(there, frame.size[1])
    points, _ = _later(frame, v, u, frame.layers.instance[v, u].astype(int) - 1, camera, bodies)
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


def _later(frame: Frame, v, u, body, camera: Camera, bodies: tuple[Body, ...]):
    """Returns (N, 3), in the axes of another camera, where the points that pixels show are when
    bodies stand elsewhere; and (N,) how coarse depth makes that, relative to a shift."""
    depth = frame.layers.depth[v, u].astype(float)
    points = rays(frame.record.spec.camera, np.column_stack([u, v]) + 0.5)
    points *= (depth / points[:, 2])[:, None]
    now, then = frame.posed, Posed.of(bodies, camera)
    local = np.einsum("nij,nj->ni", now.inverse[body], points - now.offset[body])
    later = np.einsum("nij,nj->ni", then.matrix[body], local) + then.offset[body]
    with np.errstate(invalid="ignore"):
        return later, frame.layers.depth_step(depth) / np.abs(depth)


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
