"""Blender and its renderers: whether they start, on what they render, and whether it is right."""

import signal
from collections.abc import Iterator

from simgen.doctor.child import Answer
from simgen.doctor.exam import Exam
from simgen.doctor.finding import FAILED, NOTE, OK, WARNING, Finding, graded
from simgen.doctor.libraries import package_of, soname_in
from simgen.machine import has_nvidia

_AGREEMENT = 0.995  # of the test frame's pixels; they are few, so an edge counts
_SMOOTHER = 0.5  # of the grain may stay behind a denoiser; a working one leaves a tenth
_OPENGL = ("libegl1", "libgl1-mesa-dri")
_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader")
_DRIVER = "install its driver; in a container: --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all"
_REINSTALL = "pip install --force-reinstall --no-deps -c constraints.txt bpy"


def blender(exam: Exam) -> Iterator[Finding]:
    """Whether Blender's module can be imported."""
    answer = exam.blender
    if not answer.trouble:
        yield Finding("blender", OK, answer.value)
        return
    missing = soname_in(answer.trouble)
    packages = (package_of(missing),) if missing else ()
    remedy = "" if missing else _cure(answer, _REINSTALL)
    yield Finding("blender", FAILED, f"does not start: {answer.trouble}", remedy, packages)


def cycles(exam: Exam) -> Iterator[Finding]:
    """The device that Cycles renders on, and whether ids and depths are the ray caster's."""
    if exam.blender.trouble:
        return
    answer, needed = exam.raw, exam.is_cycles
    if answer.trouble:
        remedy = _cure(answer, "" if "renderer.device" in answer.trouble else _another_device(exam))
        yield graded("cycles", needed, answer.trouble, remedy)
        return
    device, agreement = answer.value["device"], answer.value["agreement"]
    found = f"{device}: 64x48 in {answer.value['seconds']:.1f} s"
    if agreement < _AGREEMENT:
        found += f", but ray caster and Cycles agree on only {agreement:.1%} of the pixels"
        yield graded("cycles", needed, found, _another_device(exam) or _REINSTALL)
    elif device == "CPU" and exam.device == "auto" and has_nvidia():
        yield Finding("cycles", WARNING, f"{found}; the NVIDIA GPU here is not used", _DRIVER)
    else:
        yield Finding("cycles", OK, f"{found}, {agreement:.1%} of the labels' pixels confirmed")


def denoiser(exam: Exam) -> Iterator[Finding]:
    """Whether Open Image Denoise takes the noise away."""
    if exam.blender.trouble or exam.raw.trouble:
        return
    answer, needed = exam.denoised, exam.is_cycles and bool(exam.renderer.get("denoise"))
    without = "renderer.denoise=false renderer.samples=64 does without"
    if answer.trouble:
        yield graded("denoiser", needed, answer.trouble, _cure(answer, without))
        return
    before, after = exam.raw.value["grain"], answer.value["grain"]
    found = f"Open Image Denoise: grain {before:.4f} before, {after:.4f} after"
    if after < _SMOOTHER * before:
        yield Finding("denoiser", OK, found)
    else:
        yield graded("denoiser", needed, f"{found}: it does nothing", without)


def eevee(exam: Exam) -> Iterator[Finding]:
    """Whether EEVEE can draw, through EGL, and on what."""
    if exam.blender.trouble:
        return
    answer, needed = exam.eevee, exam.is_eevee
    instead = "a driver's EGL, or Mesa's; renderer=cycles needs neither"
    if answer.trouble:
        yield graded("eevee", needed, f"cannot draw: {answer.trouble}", instead, _OPENGL)
        return
    name, light = answer.value["opengl"], answer.value["brightness"]
    found = f"{name}: 64x48 in {answer.value['seconds']:.1f} s"
    if not light > 0:  # nor is nan
        yield graded("eevee", needed, f"{found}, but the picture is black", instead, _OPENGL)
    elif any(each in name.lower() for each in _SOFTWARE):
        state = WARNING if needed else NOTE
        yield Finding("eevee", state, f"{found}, in software", "renderer=cycles is faster here")
    else:
        yield Finding("eevee", OK, found)


def frame(exam: Exam) -> Iterator[Finding]:
    """The job itself: its first frame, whole, with one sample."""
    if exam.blender.trouble:
        return
    answer = exam.frame
    if answer.trouble:
        yield Finding("first frame", FAILED, answer.trouble, _cure(answer, ""))
        return
    told = answer.value
    size = f"{told['bytes'] / 1e6:.1f} MB, {told['peak_memory_mb'] / 1024:.1f} GB of memory"
    yield Finding("first frame", OK, f"{told['seconds']:.0f} s with one sample, {size}")


def _another_device(exam: Exam) -> str:
    return "" if exam.device == "cpu" else "renderer.device=cpu; or another driver"


def _cure(answer: Answer, otherwise: str) -> str:
    """Returns the remedy for what ended a process, or another."""
    return {
        signal.SIGILL: "the processor lacks SSE4.2, which Blender needs: take another machine",
        signal.SIGKILL: "killed, as the system does when memory is short: take more",
        signal.SIGBUS: "memory or a disk in memory is full: free some",
    }.get(answer.signal, otherwise)
