"""Bodies fall, push each other and come to rest: the spec gets the poses in which they lie."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import mujoco
import numpy as np

from simgen.errors import ProposalRejected
from simgen.physics.hulls import hulls_of
from simgen.spec import Body

STEP_S = 0.002
REST_S = 0.1  # what lies still for as long as this is at rest:
MOVED = (0.0005, 0.01)  # metres and radians
# Things are let down rather than dropped: what falls fast passes through thin parts in one step.
FASTEST = np.array([[0.8], [40.0]])  # metres and radians a second, along and about each axis
DAMPING = 2.0  # share of the speed that is lost in a second, against endless rocking
DEEPEST_M = 0.001  # that bodies may sink into each other
DENSITY = 600.0  # kg / m^3
FRICTION = (0.7, 0.005, 0.002)  # sliding, torsional, rolling
# Contacts that come to rest in few steps without ringing, and give hardly at all.
STIFFNESS, GIVE = (4 * STEP_S, 1.0), (0.95, 0.99, 0.0005, 0.5, 2.0)


def settle(
    falling: Sequence[Body], fixed: Sequence[Body], seconds: float = 6.0
) -> tuple[Body, ...]:
    """Returns the falling bodies where they lie still; the same bodies always fall the same way.

    Args:
        falling: placed apart from each other and from all else.
        fixed: what they fall onto and into.
        seconds: after which all must be at rest.

    Raises:
        ProposalRejected: something still moves then, or lies deeper than a millimetre in something.
    """
    if not falling:
        return ()
    model = _model(falling, fixed)
    data = mujoco.MjData(model)
    if not _comes_to_rest(model, data, seconds):
        depth = 1000 * _depth(data)
        raise ProposalRejected(
            f"{len(falling)} things dropped together still move after {seconds:g} s or lie in each "
            f"other ({depth:.1f} mm): drop fewer, or smaller ones"
        )
    return tuple(
        replace(body, position=_plain(data.xpos[i]), rotation=_plain(data.xquat[i]))
        for i, body in enumerate(falling, 1)
    )


def _comes_to_rest(model: mujoco.MjModel, data: mujoco.MjData, seconds: float) -> bool:
    """Tells whether all things stand still for a while; what trembles about one pose does."""
    velocity, pose = data.qvel.reshape(-1, 2, 3), data.qpos.reshape(-1, 7)
    while data.time < seconds:
        before = pose.copy()
        for _ in range(round(REST_S / STEP_S)):
            mujoco.mj_step(model, data)
            velocity *= 1 - DAMPING * STEP_S
            velocity.clip(-FASTEST, FASTEST, out=velocity)
        moved = np.abs(pose - before).max(0)
        still = moved[:3].max() < MOVED[0] and 2 * moved[3:].max() < MOVED[1]
        if still and _depth(data) <= DEEPEST_M:
            return True
    return False


def _depth(data: mujoco.MjData) -> float:
    """Returns how deep two bodies lie in each other at most, metres."""
    return float(-data.contact.dist.min(initial=0.0))


def _model(falling: Sequence[Body], fixed: Sequence[Body]) -> mujoco.MjModel:
    spec = mujoco.MjSpec()
    spec.option.timestep = STEP_S
    spec.option.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    spec.option.impratio = 10  # friction as stiff as contact: nothing creeps
    meshes = _Meshes(spec)
    for body in falling:
        item = spec.worldbody.add_body(pos=body.position, quat=body.rotation)
        item.add_freejoint()
        meshes.add(item, body)
    for body in fixed:
        meshes.add(spec.worldbody, body, pos=body.position, quat=body.rotation)
    return spec.compile()


@dataclass
class _Meshes:
    """The convex pieces in a model, each shape's once."""

    spec: mujoco.MjSpec

    def __post_init__(self):
        self._names: dict = {}

    def add(self, item, body: Body, **pose) -> None:
        for name in self._of(body):
            item.add_geom(
                type=mujoco.mjtGeom.mjGEOM_MESH,
                meshname=name,
                density=DENSITY,
                condim=6,
                friction=FRICTION,
                solref=STIFFNESS,
                solimp=GIVE,
                **pose,
            )

    def _of(self, body: Body) -> list[str]:
        key = (body.shape, body.scale)
        if key not in self._names:
            self._names[key] = []
            for piece in hulls_of(body.shape):
                name = f"{len(self._names)}/{len(self._names[key])}"
                corners = (piece * body.scale).astype(np.float32)
                self.spec.add_mesh(name=name, uservert=corners.ravel(), maxhullvert=64)
                self._names[key].append(name)
        return self._names[key]


def _plain(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
