"""All checks, in an order in which what fails first explains what fails later."""

from collections.abc import Callable

from simgen.doctor.cluster import ray_cluster
from simgen.doctor.exam import Check, Exam
from simgen.doctor.finding import Finding
from simgen.doctor.libraries import libraries
from simgen.doctor.memory import shared_memory, workers
from simgen.doctor.packages import extras, packages, python
from simgen.doctor.renders import blender, cycles, denoiser, eevee, frame
from simgen.doctor.storage import storage

CHECKS: tuple[Check, ...] = (
    python,
    packages,
    libraries,
    blender,
    cycles,
    denoiser,
    eevee,
    frame,
    storage,
    workers,
    ray_cluster,
    shared_memory,
    extras,
)


def checkup(exam: Exam, watch: Callable[[str], None] = lambda name: None) -> list[Finding]:
    """Returns what all checks find; `watch` is told the name of each as it begins."""
    findings = []
    for check in CHECKS:
        watch(check.__name__.replace("_", " "))
        findings += check(exam)
    return findings
