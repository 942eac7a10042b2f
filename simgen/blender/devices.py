"""Which processor Cycles renders on: what was asked for, or an error; never a quiet fallback."""

from functools import cache

import bpy

from simgen.errors import SimgenError, one_of

DEVICES = ("auto", "cpu", "cuda", "optix")


def check(device: str) -> None:
    one_of("device", device, DEVICES)


def use(scene, device: str) -> str:
    """Makes the scene render on a device; returns what it is, e.g. 'CPU' or 'OPTIX NVIDIA H100'.

    A GPU means the first one that the driver shows: CUDA_VISIBLE_DEVICES picks another.

    Raises:
        SimgenError: the machine has no such device.
    """
    backend = _backend(device)
    if backend == "CPU":
        scene.cycles.device = "CPU"
        return "CPU"
    preferences = _preferences()
    preferences.compute_device_type = backend
    found = preferences.get_devices_for_type(backend)  # the processor is among them
    gpu = next(device for device in found if device.type == backend)
    for device in preferences.devices:
        device.use = device == gpu
    scene.cycles.device = "GPU"
    if not preferences.has_active_device():
        raise SimgenError(f"renderer.device={device}: Blender lists {gpu.name} but cannot use it")
    return f"{backend} {gpu.name}"


@cache
def _backend(device: str) -> str:
    """Returns 'CPU', 'CUDA' or 'OPTIX'. Asked once: looking for GPUs loads their drivers."""
    wanted = {"auto": ("OPTIX", "CUDA", "CPU")}.get(device, (device.upper(),))
    for backend in wanted:
        if backend == "CPU" or _preferences().get_devices_for_type(backend):
            return backend
    raise SimgenError(
        f"renderer.device={device}: Blender finds no {device.upper()} device here; install the"
        " NVIDIA driver or set renderer.device=cpu"
    )


def _preferences():
    return bpy.context.preferences.addons["cycles"].preferences
