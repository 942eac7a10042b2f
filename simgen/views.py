"""What one frame may show besides its own view: the next instant, and a stereo pair's right eye."""

from collections.abc import Callable
from dataclasses import replace

from simgen.errors import SimgenError
from simgen.geometry import rotation_matrix
from simgen.motion import advance
from simgen.spec import SceneSpec

NEXT, RIGHT = "next", "right"


def view_of(spec: SceneSpec, name: str) -> SceneSpec:
    """Returns the scene as a further view of it has it: the same bodies, in the same order.

    Raises:
        SimgenError: the spec has no such view; says which randomizer gives it one.
    """
    return _VIEWS[name](spec)


def right_eye(spec: SceneSpec) -> SceneSpec:
    """Returns the scene before the right camera: `baseline_m` along the camera's x, turned alike.

    That view has no further views.
    """
    camera = spec.camera
    position = camera.position + camera.baseline_m * rotation_matrix(camera.rotation)[:, 0]
    right = replace(camera, position=tuple(float(v) for v in position), baseline_m=0.0)
    return replace(spec, camera=right, step_s=0.0)


def _next(spec: SceneSpec) -> SceneSpec:
    if spec.step_s == 0:
        raise SimgenError(
            "optical flow needs a second instant and step_s is 0: add motion to randomize=[...], "
            "or leave flow out of writer=[...]"
        )
    return advance(spec)


def _right(spec: SceneSpec) -> SceneSpec:
    if spec.camera.baseline_m == 0:
        raise SimgenError(
            "disparity needs a second camera and baseline_m is 0: add stereo to randomize=[...], "
            "or leave disparity out of writer=[...]"
        )
    if spec.camera.lens.model != "pinhole":
        raise SimgenError(
            f"disparity is that of rectified pictures and the lens is {spec.camera.lens.model}: "
            f"choose lens=pinhole, or leave disparity out of writer=[...]"
        )
    return right_eye(spec)


_VIEWS: dict[str, Callable[[SceneSpec], SceneSpec]] = {NEXT: _next, RIGHT: _right}
